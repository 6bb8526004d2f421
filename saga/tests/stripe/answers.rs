//! What the adapter makes of answers that localstripe never gives.

use ordertrace_domain::Reason;
use ordertrace_saga::provider::{Created, IntentStatus, NoAnswer, PaymentProvider, Refunded};
use serde_json::{Value, json};

use crate::{
    proxy::{Fault::LoseRequest, Proxy, Then::Say, Verb},
    replies::{self, busy},
    shop::{BAD_CARD, GOOD_CARD, behind_a_proxy},
};

/// The next POST gets this answer, and localstripe never sees it.
fn answer_post(proxy: &Proxy, status: u16, body: &Value) {
    proxy.fail_next(Verb::Post, LoseRequest(Say(replies::json(status, body))));
}

#[tokio::test]
async fn an_intent_over_another_amount_is_not_trusted() {
    let (shop, proxy, provider) = behind_a_proxy().await;
    let minor = shop.amount.minor();
    for (amount, currency) in [(minor + 1, "eur"), (minor, "usd")] {
        let body = json!({"id": "pi_1", "amount": amount, "currency": currency, "status": "requires_confirmation"});
        answer_post(&proxy, 200, &body);
        let created = provider.create(shop.order, &shop.charge(GOOD_CARD)).await;
        assert!(matches!(created, Err(NoAnswer::Unclear(_))), "{created:?}");
    }
}

#[tokio::test]
async fn only_what_the_customer_chose_can_be_refused() {
    let (shop, proxy, provider) = behind_a_proxy().await;
    let refused = |error: &Value| json!({ "error": error });
    let of_the_order = [
        (402, json!({"type": "card_error", "code": "expired_card"})),
        (
            400,
            json!({"type": "invalid_request_error", "param": "payment_method"}),
        ),
        (
            400,
            json!({"type": "invalid_request_error", "param": "amount"}),
        ),
    ];
    for (status, error) in &of_the_order {
        answer_post(&proxy, *status, &refused(error));
        let created = provider.create(shop.order, &shop.charge(GOOD_CARD)).await;
        assert!(matches!(created, Ok(Created::Refused(_))), "{created:?}");
    }
    let of_ours = [
        (
            400,
            json!({"type": "invalid_request_error", "message": "Invalid Stripe API version"}),
        ),
        (
            400,
            json!({"type": "invalid_request_error", "param": "metadata"}),
        ),
        (404, json!({"type": "api_error"})),
    ];
    for (status, error) in &of_ours {
        answer_post(&proxy, *status, &refused(error));
        let created = provider.create(shop.order, &shop.charge(GOOD_CARD)).await;
        assert!(matches!(created, Err(NoAnswer::Unclear(_))), "{created:?}");
    }
}

#[tokio::test]
async fn an_intent_that_is_shown_in_a_refusal_is_believed_without_another_look() {
    let (shop, proxy, provider) = behind_a_proxy().await;
    let intent = shop.intent(GOOD_CARD).await;
    let shown = json!({"id": intent.as_str(), "amount": 5, "amount_received": 5, "currency": "eur", "status": "succeeded"});
    let error =
        json!({"error": {"code": "payment_intent_unexpected_state", "payment_intent": shown}});
    answer_post(&proxy, 400, &error);
    answer_post(&proxy, 400, &error);
    assert_eq!(provider.confirm(&intent).await, Ok(IntentStatus::Succeeded));
    assert_eq!(provider.cancel(&intent).await, Ok(IntentStatus::Succeeded));
    assert_eq!(proxy.heads().len(), 2);
}

#[tokio::test]
async fn an_answer_about_another_intent_is_none() {
    let (shop, proxy, provider) = behind_a_proxy().await;
    let intent = shop.intent(GOOD_CARD).await;
    answer_post(
        &proxy,
        200,
        &json!({"id": "pi_another", "amount": 5, "currency": "eur", "status": "succeeded"}),
    );
    let confirmed = provider.confirm(&intent).await;
    assert!(
        matches!(confirmed, Err(NoAnswer::Unclear(_))),
        "{confirmed:?}"
    );
}

#[tokio::test]
async fn a_charge_that_overtakes_the_decline_is_a_charge() {
    let (shop, proxy, provider) = behind_a_proxy().await;
    let intent = shop.charged().await;
    answer_post(&proxy, 402, &json!({"error": {"code": "card_declined"}}));
    assert_eq!(provider.confirm(&intent).await, Ok(IntentStatus::Succeeded));
}

#[tokio::test]
async fn once_something_was_done_a_busy_provider_was_asked() {
    let (shop, proxy, provider) = behind_a_proxy().await;
    let intent = shop.intent(BAD_CARD).await;
    let declined = json!({"error": {"code": "card_declined"}});
    answer_post(&proxy, 402, &declined);
    proxy.fail_next(Verb::Post, LoseRequest(Say(busy())));
    let confirmed = provider.confirm(&intent).await;
    assert!(
        matches!(confirmed, Err(NoAnswer::Unknown(_))),
        "{confirmed:?}"
    );
}

#[tokio::test]
async fn a_refund_that_the_list_did_not_show_yet_is_found_on_the_second_look() {
    let (shop, proxy, provider) = behind_a_proxy().await;
    let intent = shop.charged().await;
    let form = [("payment_intent", intent.as_str())];
    shop.post("refunds", &form).await.unwrap();
    let nothing_yet = replies::json(200, &json!({"data": [], "has_more": false}));
    proxy.fail_next(Verb::Get, LoseRequest(Say(nothing_yet)));
    answer_post(
        &proxy,
        400,
        &json!({"error": {"code": "charge_already_refunded"}}),
    );
    let refunded = provider
        .refund(shop.order, &shop.refund_of(&intent, 1))
        .await;
    assert!(matches!(refunded, Ok(Refunded::Done(_))), "{refunded:?}");
    assert_eq!(shop.charges().await, [0]);
}

#[tokio::test]
async fn a_refund_on_its_way_is_neither_done_nor_refused() {
    let (shop, proxy, provider) = behind_a_proxy().await;
    let intent = shop.charged().await;
    let refund = shop.refund_of(&intent, 1);
    answer_post(
        &proxy,
        200,
        &json!({"id": "re_1", "amount": 5, "status": "pending"}),
    );
    let on_its_way = Refunded::Pending(Reason::lossy("the refund is on its way"));
    let refunded = provider.refund(shop.order, &refund).await;
    assert_eq!(refunded, Ok(on_its_way));

    let failed = json!({"id": "re_1", "amount": 5, "status": "failed", "failure_reason": "expired_or_canceled_card"});
    answer_post(&proxy, 200, &failed);
    let reason = Reason::lossy("expired_or_canceled_card");
    let refunded = provider.refund(shop.order, &refund).await;
    assert_eq!(refunded, Ok(Refunded::Refused(reason)));
}

#[tokio::test]
async fn an_answer_without_an_end_is_none() {
    let (shop, proxy, provider) = behind_a_proxy().await;
    let intent = shop.intent(GOOD_CARD).await;
    let padding = "x".repeat(1024 * 1024);
    answer_post(
        &proxy,
        200,
        &json!({"id": intent.as_str(), "amount": 5, "currency": "eur", "status": "succeeded", "padding": padding}),
    );
    let reason = Reason::lossy("its answer has no end");
    assert_eq!(
        provider.confirm(&intent).await,
        Err(NoAnswer::Unknown(reason))
    );
}
