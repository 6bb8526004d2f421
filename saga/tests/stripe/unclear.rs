//! Answers of a provider that is up, but that nobody can go by: they are no refusal, and no reason to leave it alone.

use std::sync::Arc;

use ordertrace_domain::{ProviderRef, Reason};
use ordertrace_saga::provider::{
    BreakerState, Created, GuardConfig, Guarded, IntentStatus, NoAnswer, PaymentProvider, Refunded,
};
use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    proxy::{Fault::LoseRequest, Proxy, Then::Say, Verb},
    replies,
    shop::{GOOD_CARD, Shop, behind_a_proxy, patient},
};

/// As many as open the breaker if they are failures.
const FAILURES_IN_A_ROW: usize = 10;

fn answer_every(proxy: &Proxy, verb: Verb, status: u16, body: &Value) {
    proxy.fail_every(verb, LoseRequest(Say(replies::json(status, body))));
}

async fn guarded() -> (Shop, Proxy, Guarded) {
    let shop = Shop::open();
    let proxy = Proxy::before(shop.upstream()).await;
    let config = GuardConfig::default();
    assert_eq!(config.failures_in_a_row, FAILURES_IN_A_ROW);
    let guarded = Guarded::new(Arc::new(patient(proxy.address())), &config).unwrap();
    (shop, proxy, guarded)
}

#[tokio::test]
async fn ten_refunds_on_their_way_leave_the_provider_to_the_others() {
    let (shop, proxy, guarded) = guarded().await;
    let intent = shop.intent(GOOD_CARD).await;
    let pending = json!({"id": "re_1", "amount": 500, "status": "pending"});
    let page = json!({"data": [pending], "has_more": false});
    answer_every(&proxy, Verb::Get, 200, &page);
    for number in 0..FAILURES_IN_A_ROW {
        let other = ProviderRef::parse(format!("pi_{number}")).unwrap();
        let refund = shop.refund_of(&other, 1);
        let refunded = guarded.refund(shop.order, &refund).await;
        assert!(matches!(refunded, Ok(Refunded::Pending(_))), "{refunded:?}");
    }
    assert_eq!(guarded.confirm(&intent).await, Ok(IntentStatus::Succeeded));
}

#[rstest]
#[case::not_allowed(403, json!({"type": "invalid_request_error"}))]
#[case::not_there(404, json!({"type": "invalid_request_error", "code": "resource_missing"}))]
#[case::busy_with_it(409, json!({"type": "idempotency_error"}))]
#[case::our_mistake(400, json!({"type": "invalid_request_error", "param": "expand"}))]
#[tokio::test]
async fn ten_answers_of_no_use_leave_the_provider_to_the_others(
    #[case] status: u16,
    #[case] error: Value,
) {
    let (shop, proxy, guarded) = guarded().await;
    let intent = shop.intent(GOOD_CARD).await;
    answer_every(&proxy, Verb::Get, status, &json!({ "error": error }));
    for _ in 0..FAILURES_IN_A_ROW {
        let found = guarded.look_up(&intent).await;
        assert!(matches!(found, Err(NoAnswer::Unclear(_))), "{found:?}");
    }
    assert_eq!(guarded.status().breaker, BreakerState::Closed);
    assert_eq!(guarded.confirm(&intent).await, Ok(IntentStatus::Succeeded));
}

#[rstest]
#[case(
    "; a similar object exists in test mode, but a live mode key was used to make this request."
)]
#[case(
    "; a similar object exists in live mode, but a test mode key was used to make this request."
)]
#[case(
    "; It's possible this PaymentMethod exists on one of your connected accounts, in which case \
        you should retry this request on that connected account."
)]
#[tokio::test]
async fn no_customer_is_declined_for_a_key_of_another_mode_or_account(#[case] words: &str) {
    let (shop, proxy, provider) = behind_a_proxy().await;
    let message = format!("No such PaymentMethod: '{GOOD_CARD}'{words}");
    for status in [400, 404] {
        let error = json!({
            "type": "invalid_request_error", "code": "resource_missing", "param": "payment_method",
            "message": message,
        });
        let reply = replies::json(status, &json!({ "error": error }));
        proxy.fail_next(Verb::Post, LoseRequest(Say(reply)));
        let created = provider.create(shop.order, &shop.charge(GOOD_CARD)).await;
        assert!(matches!(created, Err(NoAnswer::Unclear(_))), "{created:?}");
    }
}

#[tokio::test]
async fn a_means_of_payment_that_is_nowhere_is_refused() {
    let (shop, proxy, provider) = behind_a_proxy().await;
    let error = json!({
        "type": "invalid_request_error", "code": "resource_missing", "param": "payment_method",
        "message": "No such PaymentMethod: 'pm_1'",
    });
    answer_every(&proxy, Verb::Post, 400, &json!({ "error": error }));
    let created = provider.create(shop.order, &shop.charge(GOOD_CARD)).await;
    let reason = Reason::lossy("No such PaymentMethod: 'pm_1' (resource_missing)");
    assert_eq!(created, Ok(Created::Refused(reason)));
}

/// A restricted key may charge, but give nothing back.
#[tokio::test]
async fn what_the_key_may_not_do_does_not_keep_it_from_the_rest() {
    let (shop, proxy, guarded) = guarded().await;
    let charged = shop.charged().await;
    let error = json!({"error": {"type": "invalid_request_error"}});
    answer_every(&proxy, Verb::Get, 403, &error);
    for attempt in 1..=10 {
        let refund = shop.refund_of(&charged, attempt);
        let refunded = guarded.refund(shop.order, &refund).await;
        assert!(
            matches!(refunded, Err(NoAnswer::Unclear(_))),
            "{refunded:?}"
        );
    }
    let created = guarded.create(shop.order, &shop.charge(GOOD_CARD)).await;
    assert!(matches!(created, Ok(Created::Intent(_))), "{created:?}");
}
