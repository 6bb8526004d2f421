//! Currencies that Stripe counts otherwise than ISO 4217, from the charge to the refund.

use ordertrace_domain::{Amount, Currency, ProviderRef};
use ordertrace_saga::provider::{
    Charge, Created, IntentStatus, PaymentProvider, RefundOrder, Refunded,
};
use rstest::rstest;
use serde_json::json;

use crate::{
    proxy::{Fault::LoseRequest, Then::Say, Verb},
    replies,
    shop::{GOOD_CARD, Shop, behind_a_proxy},
};

fn charge_of(shop: &Shop, code: &str, minor: i64) -> Charge {
    Charge {
        amount: Amount::from_minor(minor).unwrap(),
        currency: Currency::parse(code).unwrap(),
        ..shop.charge(GOOD_CARD)
    }
}

fn refund_of(shop: &Shop, intent: &ProviderRef, charge: &Charge) -> RefundOrder {
    RefundOrder {
        amount: charge.amount,
        currency: charge.currency,
        ..shop.refund_of(intent, 1)
    }
}

#[rstest]
#[case::zero_decimals_where_iso_has_two("MGA", 700_000, 7_000)]
#[case::told_with_two_decimals("ISK", 700, 70_000)]
#[case::told_with_two_decimals("UGX", 8_000, 800_000)]
#[case::three_decimals("KWD", 5_120, 5_120)]
#[tokio::test]
async fn the_price_is_charged_and_given_back_in_stripes_units(
    #[case] code: &str,
    #[case] minor: i64,
    #[case] units: i64,
) {
    let shop = Shop::open();
    let (provider, charge) = (shop.provider(), charge_of(&shop, code, minor));
    let created = provider.create(shop.order, &charge).await;
    let Ok(Created::Intent(intent)) = created else {
        panic!("no intent but {created:?}");
    };
    assert_eq!(provider.confirm(&intent).await, Ok(IntentStatus::Succeeded));
    let found = shop.get(&format!("payment_intents/{intent}")).await;
    assert_eq!(found["amount"], units);
    assert_eq!(found["currency"], code.to_lowercase());

    let refund = refund_of(&shop, &intent, &charge);
    for _ in 0..2 {
        let refunded = provider.refund(shop.order, &refund).await;
        assert!(matches!(refunded, Ok(Refunded::Done(_))), "{refunded:?}");
    }
    let refunds = shop.get(&format!("refunds?payment_intent={intent}")).await;
    assert_eq!(refunds["data"].as_array().unwrap().len(), 1);
    assert_eq!(refunds["data"][0]["amount"], units);
}

#[rstest]
#[case("MGA", 700_001, "the payment provider takes no such fraction of MGA")]
#[case("KWD", 5_124, "the payment provider takes no such fraction of KWD")]
#[case("IQD", 5_000, "the payment provider takes no IQD")]
#[case("ISK", i64::MAX, "the amount is too large for the payment provider")]
#[tokio::test]
async fn what_stripe_can_not_be_told_exactly_is_refused_without_asking(
    #[case] code: &str,
    #[case] minor: i64,
    #[case] why: &str,
) {
    let (shop, proxy, provider) = behind_a_proxy().await;
    let charge = charge_of(&shop, code, minor);
    let created = provider.create(shop.order, &charge).await;
    assert!(
        matches!(&created, Ok(Created::Refused(reason)) if reason.as_str() == why),
        "{created:?}"
    );
    let intent = ProviderRef::parse("pi_1").unwrap();
    let refund = refund_of(&shop, &intent, &charge);
    let refunded = provider.refund(shop.order, &refund).await;
    assert!(
        matches!(&refunded, Ok(Refunded::Refused(reason)) if reason.as_str() == why),
        "{refunded:?}"
    );
    assert!(proxy.heads().is_empty());
}

/// A refund of a part, told by hand, is counted in Stripe's units too.
#[tokio::test]
async fn what_is_left_to_give_back_is_counted_in_stripes_units() {
    let (shop, proxy, provider) = behind_a_proxy().await;
    let intent = ProviderRef::parse("pi_1").unwrap();
    let refund = refund_of(&shop, &intent, &charge_of(&shop, "ISK", 5));
    let page = |amount: i64| {
        let part = json!({"id": "re_1", "amount": amount, "status": "succeeded"});
        replies::json(200, &json!({"data": [part], "has_more": false}))
    };
    proxy.fail_next(Verb::Get, LoseRequest(Say(page(500))));
    let all = provider.refund(shop.order, &refund).await;
    assert!(matches!(all, Ok(Refunded::Done(_))), "{all:?}");
    assert_eq!(proxy.heads().len(), 1);

    proxy.fail_next(Verb::Get, LoseRequest(Say(page(5))));
    let rest = json!({"id": "re_2", "amount": 495, "status": "succeeded"});
    proxy.fail_next(Verb::Post, LoseRequest(Say(replies::json(200, &rest))));
    let rest = provider.refund(shop.order, &refund).await;
    assert!(
        matches!(&rest, Ok(Refunded::Done(name)) if name.as_str() == "re_2"),
        "{rest:?}"
    );
}
