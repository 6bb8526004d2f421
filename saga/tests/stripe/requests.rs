//! What the adapter sends, how often, and under which keys.

use ordertrace_domain::ProviderRef;
use ordertrace_saga::provider::{Created, IntentStatus, NoAnswer, PaymentProvider};
use serde_json::json;

use crate::{
    proxy::{
        Fault::{LoseReply, LoseRequest},
        Proxy,
        Then::{Close, Say},
        Verb,
    },
    replies::{self, broken_server, busy, replayed_failure},
    shop::{GOOD_CARD, behind_a_proxy},
};

fn header(head: &str, name: &str) -> String {
    let prefix = format!("{name}: ");
    let mut lines = head.lines();
    let line = lines.find_map(|line| line.strip_prefix(&prefix));
    line.unwrap_or_else(|| panic!("no {name} in {head}"))
        .to_owned()
}

#[tokio::test]
async fn every_request_names_its_version_and_its_sender() {
    let (shop, proxy, provider) = behind_a_proxy().await;
    let charge = shop.charge(GOOD_CARD);
    provider.create(shop.order, &charge).await.unwrap();
    let head = &proxy.heads()[0];
    assert!(
        head.starts_with("post /v1/payment_intents http/1.1"),
        "{head}"
    );
    assert_eq!(header(head, "stripe-version"), "2025-07-30.basil");
    assert!(header(head, "user-agent").starts_with("ordertrace/"));
    assert_eq!(
        header(head, "content-type"),
        "application/x-www-form-urlencoded"
    );
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
    let heads = proxy.heads();
    let keys: Vec<_> = heads
        .iter()
        .map(|head| header(head, "idempotency-key"))
        .collect();
    let key = |attempt| format!("ordertrace-{}-create-{attempt}", shop.order);
    assert_eq!(keys, [key(1), key(1), key(2)]);
}

#[tokio::test]
async fn each_attempt_at_a_refund_has_a_key_of_its_own() {
    let (shop, proxy, provider) = behind_a_proxy().await;
    let intent = shop.charged().await;
    proxy.fail_every(Verb::Post, LoseRequest(Close));
    for attempt in [1, 1, 2] {
        let refund = shop.refund_of(&intent, attempt);
        provider.refund(shop.order, &refund).await.unwrap_err();
    }
    let heads = proxy.heads();
    let posts = heads.iter().filter(|head| head.starts_with("post"));
    let keys: Vec<_> = posts.map(|head| header(head, "idempotency-key")).collect();
    let key = |attempt| format!("ordertrace-{}-refund-{attempt}", shop.order);
    assert_eq!(keys, [key(1), key(1), key(2)]);
}

#[tokio::test]
async fn a_confirmation_never_asks_for_a_stored_answer() {
    let (shop, proxy, provider) = behind_a_proxy().await;
    let intent = shop.intent(GOOD_CARD).await;
    proxy.fail_next(Verb::Post, LoseRequest(Say(broken_server())));
    provider.confirm(&intent).await.unwrap_err();
    let confirmed = provider.confirm(&intent).await;
    assert_eq!(confirmed, Ok(IntentStatus::Succeeded));
    let heads = proxy.heads();
    assert_ne!(
        header(&heads[0], "idempotency-key"),
        header(&heads[1], "idempotency-key")
    );
}

#[tokio::test]
async fn a_post_is_sent_once() {
    let (shop, proxy, provider) = behind_a_proxy().await;
    let intent = shop.intent(GOOD_CARD).await;
    proxy.fail_every(Verb::Post, LoseReply(Close));
    provider.confirm(&intent).await.unwrap_err();
    assert_eq!(proxy.heads().len(), 1);
}

#[tokio::test]
async fn a_get_is_sent_again_and_the_caller_never_knows() {
    let (shop, proxy, provider) = behind_a_proxy().await;
    let intent = shop.charged().await;
    proxy.fail_next(Verb::Get, LoseRequest(Close));
    proxy.fail_next(Verb::Get, LoseRequest(Say(broken_server())));
    let found = provider.look_up(&intent).await;
    assert_eq!(found, Ok(IntentStatus::Succeeded));
    assert_eq!(proxy.heads().len(), 3);
}

#[tokio::test]
async fn a_busy_provider_is_not_pestered() {
    let (shop, proxy, provider) = behind_a_proxy().await;
    let intent = shop.charged().await;
    proxy.fail_every(Verb::Get, LoseRequest(Say(busy())));
    provider.look_up(&intent).await.unwrap_err();
    assert_eq!(proxy.heads().len(), 1);
}

#[tokio::test]
async fn nobody_else_is_shown_the_secret() {
    let (shop, proxy, provider) = behind_a_proxy().await;
    let elsewhere = Proxy::before(shop.upstream()).await;
    let location = format!("Location: http://{}/\r\n", elsewhere.address());
    let moved = replies::reply(307, &location, "");
    proxy.fail_every(Verb::Get, LoseRequest(Say(moved)));
    let intent = ProviderRef::parse("pi_1").unwrap();
    let found = provider.look_up(&intent).await;
    assert!(matches!(found, Err(NoAnswer::Unknown(_))), "{found:?}");
    assert!(elsewhere.heads().is_empty());
}

#[tokio::test]
async fn a_failure_that_is_stored_under_the_key_does_not_bar_the_order() {
    let (shop, proxy, provider) = behind_a_proxy().await;
    let in_other_words = json!({"error": {"type": "idempotency_error"}});
    for stored in [replayed_failure(), replies::json(400, &in_other_words)] {
        proxy.fail_next(Verb::Post, LoseRequest(Say(stored)));
        let created = provider.create(shop.order, &shop.charge(GOOD_CARD)).await;
        assert!(matches!(created, Ok(Created::Intent(_))), "{created:?}");
    }
    let heads = proxy.heads();
    let keys: Vec<_> = heads
        .iter()
        .map(|head| header(head, "idempotency-key"))
        .collect();
    let of_the_attempt = format!("ordertrace-{}-create-1", shop.order);
    assert_eq!([&keys[0], &keys[2]], [&of_the_attempt; 2]);
    assert!(keys[1] != of_the_attempt && keys[3] != of_the_attempt);
}
