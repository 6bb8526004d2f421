//! What the adapter sends, and how often.

use ordertrace_domain::ProviderRef;
use ordertrace_saga::provider::{IntentStatus, NoAnswer, PaymentProvider};

use crate::{
    proxy::{
        Fault::{LoseReply, LoseRequest},
        Proxy,
        Then::{Close, Say},
        Verb, header,
    },
    replies::{self, broken_server, busy},
    shop::{GOOD_CARD, behind_a_proxy},
};

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
