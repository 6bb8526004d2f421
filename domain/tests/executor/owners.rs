//! An order of somebody else: to those who reach their own alone it is one that does not exist, whatever they ask of it.

use ordertrace_domain::{
    CommandRequest, CustomerId, Event, Refusal, Rejection, Version,
    testing::fixtures::{
        card, cash,
        commands::{place_order, request_cancellation},
        events::cancellation_requested,
        histories, order_id,
    },
};
use rstest::rstest;

use super::Shop;

/// Whose orders the fixtures are.
const OWNER: &str = "anonymous";

const MISSING: Refusal = Refusal::Rejected(Rejection::OrderNotFound);

/// A cancellation by somebody who reaches the orders of this customer alone.
fn cancellation(shop: &Shop, customer: &str) -> CommandRequest {
    CommandRequest {
        within: Some(CustomerId::parse(customer).expect("a customer")),
        ..shop.request(request_cancellation())
    }
}

/// One that nothing more is to be done about, if the cancellation is asked for again.
fn cancelling() -> Vec<Event> {
    [histories::placed(cash()), vec![cancellation_requested()]].concat()
}

#[tokio::test]
async fn a_customer_changes_their_own_order_and_repeats_that() {
    let shop = Shop::with(histories::placed(cash())).await;
    let request = cancellation(&shop, OWNER);
    let first = shop.execute(&request).await.unwrap();
    let again = shop.execute(&request).await.unwrap();
    assert_eq!((first.is_repeat, again.is_repeat), (false, true));
    assert_eq!(again.position, first.position);
}

#[rstest]
#[case::that_could_be_cancelled(histories::placed(cash()))]
#[case::that_is_over(histories::completed(card()))]
#[case::that_is_being_cancelled(cancelling())]
#[tokio::test]
async fn anothers_order_is_a_missing_one(#[case] happened: Vec<Event>) {
    let shop = Shop::with(happened).await;
    let before = shop.version().await;
    let request = cancellation(&shop, "somebody-else");
    assert_eq!(shop.execute(&request).await.unwrap_err(), MISSING);
    assert_eq!(shop.version().await, before);
}

#[rstest]
#[case::missing(false)]
#[case::anothers(true)]
#[tokio::test]
async fn the_version_is_not_compared_with_that_of_anothers_order(#[case] is_there: bool) {
    let mut shop = Shop::with(histories::placed(cash())).await;
    if !is_there {
        shop.order = order_id();
    }
    for version in [0, 1, 2] {
        let mut request = cancellation(&shop, "somebody-else");
        request.expected_version = Some(Version::new(version));
        assert_eq!(shop.execute(&request).await.unwrap_err(), MISSING);
    }
}

#[tokio::test]
async fn a_command_that_was_given_to_anothers_order_is_not_known_again() {
    let shop = Shop::with(histories::placed(cash())).await;
    let given = cancellation(&shop, OWNER);
    shop.execute(&given).await.unwrap();
    for command in [request_cancellation(), place_order(cash())] {
        let stolen = CommandRequest {
            command,
            command_id: given.command_id,
            ..cancellation(&shop, "somebody-else")
        };
        assert_eq!(shop.execute(&stolen).await.unwrap_err(), MISSING);
    }
}

#[tokio::test]
async fn an_order_that_a_stale_read_does_not_have_yet_is_found_by_its_owner() {
    let shop = Shop::with(histories::placed(cash())).await;
    shop.log.stale_reads(true);
    let outcome = shop.execute(&cancellation(&shop, OWNER)).await.unwrap();
    assert_eq!(outcome.version(), Version::new(2));
}
