//! Under which idempotency keys the adapter has things done. localstripe knows none, so the proxy says what Stripe would
//! say to a key that it has seen before.

use ordertrace_domain::ProviderRef;
use ordertrace_saga::provider::{Created, NoAnswer, PaymentProvider, Refunded};
use serde_json::{Value, json};

use crate::{
    proxy::{
        Fault::LoseRequest,
        Proxy,
        Then::{Close, Say},
        Verb, header,
    },
    replies::{self, replayed, replayed_failure},
    shop::{GOOD_CARD, Shop, behind_a_proxy},
};

/// What one call tries at most.
const KEYS_MAX: usize = 12;

/// The keys of all that was asked to be done.
fn keys(proxy: &Proxy) -> Vec<String> {
    let heads = proxy.heads();
    let posts = heads.iter().filter(|head| head.starts_with("post"));
    posts.map(|head| header(head, "idempotency-key")).collect()
}

fn create_key(shop: &Shop, attempt: u16) -> String {
    format!("ordertrace-{}-create-{attempt}", shop.order)
}

fn in_other_words() -> String {
    replies::json(400, &json!({"error": {"type": "idempotency_error"}}))
}

fn answer_post(proxy: &Proxy, reply: String) {
    proxy.fail_next(Verb::Post, LoseRequest(Say(reply)));
}

fn list(proxy: &Proxy, refunds: &Value) {
    let page = json!({"data": refunds, "has_more": false});
    proxy.fail_next(Verb::Get, LoseRequest(Say(replies::json(200, &page))));
}

/// Lets a refund be asked for and checks under how many keys that was; the first one had an answer that spent it.
async fn refunded_under_the_next_key(shop: &Shop, proxy: &Proxy, intent: &ProviderRef) {
    let provider = crate::shop::patient(proxy.address());
    let refunded = provider
        .refund(shop.order, &shop.refund_of(intent, 2))
        .await;
    assert!(matches!(refunded, Ok(Refunded::Done(_))), "{refunded:?}");
    let keys = keys(proxy);
    assert_eq!(keys.len(), 2, "{keys:?}");
    assert_eq!(keys[1], format!("{}-2", keys[0]));
    assert_eq!(shop.refunds_of(intent).await, 1);
}

#[tokio::test]
async fn a_repeat_has_the_same_key_and_another_attempt_another() {
    let (shop, proxy, provider) = behind_a_proxy().await;
    let mut charge = shop.charge(GOOD_CARD);
    for _ in 0..2 {
        provider.create(shop.order, &charge).await.unwrap();
    }
    charge.attempt = charge.attempt.next();
    provider.create(shop.order, &charge).await.unwrap();
    let key = |attempt| create_key(&shop, attempt);
    assert_eq!(keys(&proxy), [key(1), key(1), key(2)]);
}

#[tokio::test]
async fn a_failure_that_is_stored_under_the_key_does_not_bar_the_order() {
    let (shop, proxy, provider) = behind_a_proxy().await;
    answer_post(&proxy, replayed_failure());
    answer_post(&proxy, in_other_words());
    let created = provider.create(shop.order, &shop.charge(GOOD_CARD)).await;
    assert!(matches!(created, Ok(Created::Intent(_))), "{created:?}");
    let key = create_key(&shop, 1);
    let derived = [key.clone(), format!("{key}-2"), format!("{key}-3")];
    assert_eq!(keys(&proxy), derived);
}

#[tokio::test]
async fn a_provider_that_keeps_a_failure_under_every_key_is_not_asked_for_ever() {
    let (shop, proxy, provider) = behind_a_proxy().await;
    let intent = shop.charged().await;
    proxy.fail_every(Verb::Post, LoseRequest(Say(replayed_failure())));
    let created = provider.create(shop.order, &shop.charge(GOOD_CARD)).await;
    assert!(matches!(created, Err(NoAnswer::Unclear(_))), "{created:?}");
    assert_eq!(keys(&proxy).len(), KEYS_MAX);
    let refund = shop.refund_of(&intent, 1);
    let refunded = provider.refund(shop.order, &refund).await;
    assert!(
        matches!(refunded, Err(NoAnswer::Unclear(_))),
        "{refunded:?}"
    );
    assert_eq!(keys(&proxy).len(), 2 * KEYS_MAX);
}

#[tokio::test]
async fn all_attempts_at_a_refund_have_one_key_and_another_payment_another() {
    let (shop, proxy, provider) = behind_a_proxy().await;
    let (one, other) = (shop.charged().await, shop.charged().await);
    proxy.fail_every(Verb::Post, LoseRequest(Close));
    for (intent, attempt) in [(&one, 1), (&one, 1), (&one, 2), (&other, 3)] {
        let refund = shop.refund_of(intent, attempt);
        provider.refund(shop.order, &refund).await.unwrap_err();
    }
    let keys = keys(&proxy);
    assert!(keys[0].starts_with(&format!("ordertrace-{}-refund-", shop.order)));
    assert_eq!(keys[..3], [&keys[0]; 3].map(String::clone));
    assert_ne!(keys[3], keys[0]);
}

#[tokio::test]
async fn a_stored_failure_spends_the_key_of_a_refund() {
    for stored in [replayed_failure(), in_other_words()] {
        let (shop, proxy, _) = behind_a_proxy().await;
        let intent = shop.charged().await;
        answer_post(&proxy, stored);
        refunded_under_the_next_key(&shop, &proxy, &intent).await;
    }
}

/// Such as an empty balance, which has been filled since.
#[tokio::test]
async fn a_stored_refusal_spends_the_key_of_a_refund() {
    let (shop, proxy, _) = behind_a_proxy().await;
    let intent = shop.charged().await;
    let refused = json!({"error": {"code": "balance_insufficient"}});
    answer_post(&proxy, replayed(400, &refused));
    refunded_under_the_next_key(&shop, &proxy, &intent).await;
}

#[tokio::test]
async fn a_refund_that_failed_since_spends_its_key_and_is_not_taken_for_done() {
    let (shop, proxy, _) = behind_a_proxy().await;
    let intent = shop.charged().await;
    let minor = shop.amount.minor();
    for _ in 0..2 {
        list(
            &proxy,
            &json!([{"id": "re_1", "amount": minor, "status": "failed"}]),
        );
    }
    let as_it_was = json!({"id": "re_1", "amount": minor, "status": "succeeded"});
    answer_post(&proxy, replayed(200, &as_it_was));
    refunded_under_the_next_key(&shop, &proxy, &intent).await;
}

#[tokio::test]
async fn before_another_key_is_tried_the_refunds_are_looked_at_again() {
    let (shop, proxy, provider) = behind_a_proxy().await;
    let intent = shop.charged().await;
    let form = [("payment_intent", intent.as_str())];
    shop.post("refunds", &form).await.unwrap();
    list(&proxy, &json!([]));
    answer_post(&proxy, replayed_failure());
    let refund = shop.refund_of(&intent, 1);
    let refunded = provider.refund(shop.order, &refund).await;
    assert!(matches!(refunded, Ok(Refunded::Done(_))), "{refunded:?}");
    assert_eq!(keys(&proxy).len(), 1);
    assert_eq!(shop.refunds_of(&intent).await, 1);
}
