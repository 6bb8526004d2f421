//! Giving money back, as localstripe sees it. It takes any number of refunds of one charge and knows no idempotency keys,
//! so only what the adapter looks for first stands between a repeat and a second refund.

use ordertrace_domain::Reason;
use ordertrace_saga::provider::{NoAnswer, PaymentProvider, Refunded};

use crate::shop::{BAD_CARD, GOOD_CARD, Shop};

#[tokio::test]
async fn a_refund_asked_for_thrice_is_made_once() {
    let shop = Shop::open();
    let intent = shop.charged().await;
    let provider = shop.provider();
    let first = provider
        .refund(shop.order, &shop.refund_of(&intent, 1))
        .await;
    assert!(matches!(first, Ok(Refunded::Done(_))), "{first:?}");
    for attempt in [1, 2] {
        let again = shop.refund_of(&intent, attempt);
        assert_eq!(provider.refund(shop.order, &again).await, first);
    }
    assert_eq!(shop.refunds_of(&intent).await, 1);
    assert_eq!(shop.charges().await, [0]);
}

#[tokio::test]
async fn localstripe_itself_would_give_the_money_back_twice() {
    let shop = Shop::open();
    let intent = shop.charged().await;
    let form = [("payment_intent", intent.as_str())];
    for _ in 0..2 {
        shop.post("refunds", &form).await.unwrap();
    }
    assert_eq!(shop.charges().await, [-shop.amount.minor()]);
}

#[tokio::test]
async fn a_refund_made_by_somebody_else_counts() {
    let shop = Shop::open();
    let intent = shop.charged().await;
    let form = [("payment_intent", intent.as_str())];
    let by_hand = shop.post("refunds", &form).await.unwrap();
    let refunded = shop
        .provider()
        .refund(shop.order, &shop.refund_of(&intent, 1))
        .await;
    assert!(
        matches!(&refunded, Ok(Refunded::Done(found)) if by_hand["id"] == found.as_str()),
        "{refunded:?}"
    );
    assert_eq!(shop.charges().await, [0]);
}

#[tokio::test]
async fn after_a_refund_of_a_part_only_the_rest_is_given_back() {
    let shop = Shop::open();
    let intent = shop.charged().await;
    let form = [("payment_intent", intent.as_str()), ("amount", "400")];
    shop.post("refunds", &form).await.unwrap();
    let provider = shop.provider();
    for attempt in [1, 2] {
        let refund = shop.refund_of(&intent, attempt);
        let refunded = provider.refund(shop.order, &refund).await;
        assert!(matches!(refunded, Ok(Refunded::Done(_))), "{refunded:?}");
    }
    assert_eq!(shop.charges().await, [0]);
}

#[tokio::test]
async fn what_was_declined_can_not_be_given_back() {
    let shop = Shop::open();
    let intent = shop.intent(BAD_CARD).await;
    shop.provider().confirm(&intent).await.unwrap();
    let refunded = shop
        .provider()
        .refund(shop.order, &shop.refund_of(&intent, 1))
        .await;
    let reason = Reason::lossy("Cannot refund a failed payment.");
    assert_eq!(refunded, Ok(Refunded::Refused(reason)));
}

#[tokio::test]
async fn nothing_is_said_of_a_refund_that_breaks_the_provider() {
    let shop = Shop::open();
    let intent = shop.intent(GOOD_CARD).await;
    let refunded = shop
        .provider()
        .refund(shop.order, &shop.refund_of(&intent, 1))
        .await;
    let reason = Reason::lossy("it answered with HTTP 500");
    assert_eq!(refunded, Err(NoAnswer::Unknown(reason)));
    assert!(shop.charges().await.is_empty());
}
