//! Every fault of the wire, in every call: what the adapter says, and that the same call, repeated when all is well, ends
//! in one charge or one refund. The judge is localstripe's own list.

use std::time::Duration;

use futures::future::join_all;
use ordertrace_saga::provider::{
    Created, IntentStatus, NoAnswer, PaymentProvider, Refunded, StripeProvider,
};

use crate::{
    proxy::{
        Fault::{self, CutReply, CutRequest, LoseReply, LoseRequest},
        Proxy,
        Then::{Close, Hold, Say},
        Verb,
    },
    replies::{broken_server, busy, garbage, truncated},
    shop::{BAD_CARD, GOOD_CARD, Shop, hasty, patient},
};

/// All faults, with whether the adapter must know that nothing has happened; it may then be asked again in 7 s.
fn faults() -> [(Fault, bool); 14] {
    [
        (LoseRequest(Close), false),
        (LoseRequest(Hold), false),
        (LoseRequest(Say(broken_server())), false),
        (LoseRequest(Say(busy())), true),
        (LoseRequest(Say(garbage())), false),
        (CutRequest(1), false),
        (CutRequest(60), false),
        (LoseReply(Close), false),
        (LoseReply(Hold), false),
        (LoseReply(Say(broken_server())), false),
        (LoseReply(Say(garbage())), false),
        (LoseReply(Say(truncated())), false),
        (CutReply(20), false),
        (CutReply(usize::MAX), false),
    ]
}

/// Plays a scene once with every fault, all at once, for they mostly wait.
async fn with_every_fault(scene: impl AsyncFn(Fault, bool)) {
    let scenes = faults().map(|(fault, is_not_asked)| scene(fault, is_not_asked));
    join_all(scenes).await;
}

/// A new order, and a proxy before localstripe.
async fn scene() -> (Shop, Proxy) {
    let shop = Shop::open();
    let proxy = Proxy::before(shop.upstream()).await;
    (shop, proxy)
}

/// The adapter behind a proxy; where nobody answers it gives up soon.
fn provider_for(fault: &Fault, proxy: &Proxy) -> StripeProvider {
    match fault {
        LoseRequest(Hold) | LoseReply(Hold) => hasty(proxy.address()),
        _ => patient(proxy.address()),
    }
}

#[track_caller]
fn judge(fault: &Fault, is_not_asked: bool, answer: &NoAnswer) {
    match answer {
        NoAnswer::NotAsked { retry_after, .. } => {
            assert!(is_not_asked, "{fault:?} may have done something: {answer}");
            assert_eq!(*retry_after, Some(Duration::from_secs(7)));
        }
        NoAnswer::Unknown(_) => assert!(!is_not_asked, "{fault:?} did nothing: {answer}"),
        NoAnswer::Unclear(_) => panic!("{fault:?} is no answer of the provider's: {answer}"),
    }
}

#[tokio::test]
async fn a_fault_while_an_intent_is_made_charges_once() {
    with_every_fault(async |fault, is_not_asked| {
        let (shop, proxy) = scene().await;
        let charge = shop.charge(GOOD_CARD);
        proxy.fail_every(Verb::Post, fault.clone());
        let failed = provider_for(&fault, &proxy)
            .create(shop.order, &charge)
            .await;
        judge(&fault, is_not_asked, &failed.unwrap_err());
        proxy.heal().await;
        let made = shop.intents().await;
        assert!(!is_not_asked || made.is_empty(), "{fault:?} made {made:?}");

        let provider = patient(proxy.address());
        let Ok(Created::Intent(intent)) = provider.create(shop.order, &charge).await else {
            panic!("no intent after {fault:?}");
        };
        assert!(shop.charges().await.is_empty(), "{fault:?}");
        assert_eq!(provider.confirm(&intent).await, Ok(IntentStatus::Succeeded));
        assert_eq!(shop.charges().await, [shop.amount.minor()], "{fault:?}");
    })
    .await;
}

#[tokio::test]
async fn a_fault_in_a_confirmation_charges_once() {
    with_every_fault(async |fault, is_not_asked| {
        let (shop, proxy) = scene().await;
        let intent = shop.intent(GOOD_CARD).await;
        proxy.fail_every(Verb::Post, fault.clone());
        let failed = provider_for(&fault, &proxy).confirm(&intent).await;
        judge(&fault, is_not_asked, &failed.unwrap_err());
        proxy.heal().await;
        let charged = shop.charges().await;
        assert!(!is_not_asked || charged.is_empty(), "{fault:?} charged");

        let provider = patient(proxy.address());
        let found = if charged.is_empty() {
            IntentStatus::Unconfirmed
        } else {
            IntentStatus::Succeeded
        };
        assert_eq!(provider.look_up(&intent).await, Ok(found), "{fault:?}");
        assert_eq!(provider.confirm(&intent).await, Ok(IntentStatus::Succeeded));
        assert_eq!(shop.charges().await, [shop.amount.minor()], "{fault:?}");
    })
    .await;
}

/// The card is refused, and what breaks is the calling off that makes the refusal final.
#[tokio::test]
async fn a_decline_that_is_not_made_final_is_none() {
    with_every_fault(async |fault, is_not_asked| {
        let (shop, proxy) = scene().await;
        let intent = shop.intent(BAD_CARD).await;
        let provider = provider_for(&fault, &proxy);
        let confirm = format!("payment_intents/{intent}/confirm");
        shop.post(&confirm, &[]).await.unwrap_err();
        proxy.fail_every(Verb::Post, fault.clone());
        let failed = provider.look_up(&intent).await;
        judge(&fault, is_not_asked, &failed.unwrap_err());
        proxy.heal().await;

        let found = patient(proxy.address()).look_up(&intent).await;
        assert!(matches!(found, Ok(IntentStatus::Declined(_))), "{found:?}");
        assert_eq!(shop.status_of(&intent).await, "canceled", "{fault:?}");
    })
    .await;
}

#[tokio::test]
async fn a_fault_in_a_look_up_changes_nothing() {
    with_every_fault(async |fault, is_not_asked| {
        let (shop, proxy) = scene().await;
        let intent = shop.charged().await;
        proxy.fail_every(Verb::Get, fault.clone());
        let failed = provider_for(&fault, &proxy).look_up(&intent).await;
        judge(&fault, is_not_asked, &failed.unwrap_err());
        proxy.heal().await;

        let found = patient(proxy.address()).look_up(&intent).await;
        assert_eq!(found, Ok(IntentStatus::Succeeded), "{fault:?}");
        assert_eq!(shop.charges().await, [shop.amount.minor()], "{fault:?}");
    })
    .await;
}

#[tokio::test]
async fn a_fault_in_a_calling_off_charges_nothing() {
    with_every_fault(async |fault, is_not_asked| {
        let (shop, proxy) = scene().await;
        let intent = shop.intent(GOOD_CARD).await;
        proxy.fail_every(Verb::Post, fault.clone());
        let failed = provider_for(&fault, &proxy).cancel(&intent).await;
        judge(&fault, is_not_asked, &failed.unwrap_err());
        proxy.heal().await;
        let is_open = shop.status_of(&intent).await == "requires_confirmation";
        assert!(!is_not_asked || is_open, "{fault:?} called it off");

        let provider = patient(proxy.address());
        assert_eq!(provider.cancel(&intent).await, Ok(IntentStatus::Cancelled));
        assert_eq!(provider.confirm(&intent).await, Ok(IntentStatus::Cancelled));
        assert!(shop.charges().await.is_empty(), "{fault:?}");
    })
    .await;
}

#[tokio::test]
async fn a_fault_before_a_refund_gives_the_money_back_once() {
    with_every_fault(async |fault, is_not_asked| {
        refund_with(Verb::Get, &fault, is_not_asked).await;
    })
    .await;
}

#[tokio::test]
async fn a_fault_in_a_refund_gives_the_money_back_once() {
    with_every_fault(async |fault, is_not_asked| {
        refund_with(Verb::Post, &fault, is_not_asked).await;
    })
    .await;
}

async fn refund_with(verb: Verb, fault: &Fault, is_not_asked: bool) {
    let (shop, proxy) = scene().await;
    let intent = shop.charged().await;
    proxy.fail_every(verb, fault.clone());
    let refund = shop.refund_of(&intent, 1);
    let failed = provider_for(fault, &proxy)
        .refund(shop.order, &refund)
        .await;
    judge(fault, is_not_asked, &failed.unwrap_err());
    proxy.heal().await;
    let made = shop.refunds_of(&intent).await;
    assert!(!is_not_asked || made == 0, "{fault:?} gave money back");

    let provider = patient(proxy.address());
    for attempt in [1, 2] {
        let refund = shop.refund_of(&intent, attempt);
        let refunded = provider.refund(shop.order, &refund).await;
        assert!(matches!(refunded, Ok(Refunded::Done(_))), "{refunded:?}");
    }
    assert_eq!(shop.refunds_of(&intent).await, 1, "{verb:?} {fault:?}");
    assert_eq!(shop.charges().await, [0], "{verb:?} {fault:?}");
}

#[tokio::test]
async fn who_can_not_be_reached_was_not_asked() {
    let (shop, proxy) = scene().await;
    let intent = shop.charged().await;
    let provider = patient(proxy.address());
    proxy.shut().await;
    let refund = shop.refund_of(&intent, 1);
    let created = provider.create(shop.order, &shop.charge(GOOD_CARD)).await;
    for none in [
        created.unwrap_err(),
        provider.confirm(&intent).await.unwrap_err(),
        provider.look_up(&intent).await.unwrap_err(),
        provider.cancel(&intent).await.unwrap_err(),
        provider.refund(shop.order, &refund).await.unwrap_err(),
    ] {
        assert!(matches!(none, NoAnswer::NotAsked { .. }), "{none}");
    }
}
