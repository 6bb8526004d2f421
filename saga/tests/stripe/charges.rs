//! Charging, declining and calling off, as localstripe sees it.

use std::time::Duration;

use ordertrace_domain::{ProviderRef, Reason};
use ordertrace_saga::provider::{Created, IntentStatus, NoAnswer, PaymentProvider, StripeProvider};
use tokio::time::{Instant, sleep};

use crate::shop::{BAD_CARD, GOOD_CARD, Shop, with_secret};

/// localstripe refuses a direct debit after half a second.
const DEBIT_MAX: Duration = Duration::from_secs(20);

fn declined() -> IntentStatus {
    IntentStatus::Declined(Reason::lossy("Your card was declined. (card_declined)"))
}

#[tokio::test]
async fn nothing_is_charged_before_the_confirmation() {
    let shop = Shop::open();
    let intent = shop.intent(GOOD_CARD).await;
    let provider = shop.provider();
    assert_eq!(
        provider.look_up(&intent).await,
        Ok(IntentStatus::Unconfirmed)
    );
    assert!(shop.charges().await.is_empty());

    assert_eq!(provider.confirm(&intent).await, Ok(IntentStatus::Succeeded));
    assert_eq!(provider.look_up(&intent).await, Ok(IntentStatus::Succeeded));
    assert_eq!(shop.charges().await, [shop.amount.minor()]);
}

#[tokio::test]
async fn an_intent_says_which_order_and_attempt_it_is_for() {
    let shop = Shop::open();
    let intent = shop.intent(GOOD_CARD).await;
    let found = shop.get(&format!("payment_intents/{intent}")).await;
    assert_eq!(found["metadata"]["order_id"], shop.order.to_string());
    assert_eq!(found["metadata"]["attempt"], "1");
    assert_eq!(found["currency"], "eur");
}

#[tokio::test]
async fn a_payment_confirmed_twice_is_charged_once() {
    let shop = Shop::open();
    let intent = shop.intent(GOOD_CARD).await;
    let provider = shop.provider();
    let at_once = tokio::join!(provider.confirm(&intent), provider.confirm(&intent));
    assert_eq!(
        at_once,
        (Ok(IntentStatus::Succeeded), Ok(IntentStatus::Succeeded))
    );
    assert_eq!(provider.confirm(&intent).await, Ok(IntentStatus::Succeeded));
    assert_eq!(shop.charges().await, [shop.amount.minor()]);
}

#[tokio::test]
async fn a_decline_is_final() {
    let shop = Shop::open();
    let intent = shop.intent(BAD_CARD).await;
    let provider = shop.provider();
    assert_eq!(provider.confirm(&intent).await, Ok(declined()));
    assert_eq!(shop.status_of(&intent).await, "canceled");

    assert_eq!(provider.confirm(&intent).await, Ok(declined()));
    assert_eq!(provider.look_up(&intent).await, Ok(declined()));
    assert_eq!(provider.cancel(&intent).await, Ok(declined()));
    assert!(shop.charges().await.is_empty());
}

#[tokio::test]
async fn a_decline_whose_answer_was_lost_is_found_and_made_final() {
    for is_confirmed_again in [false, true] {
        let shop = Shop::open();
        let intent = shop.intent(BAD_CARD).await;
        let confirm = format!("payment_intents/{intent}/confirm");
        let confirmed = shop.post(&confirm, &[]).await;
        assert_eq!(confirmed.unwrap_err()["error"]["code"], "card_declined");
        assert_eq!(shop.status_of(&intent).await, "requires_payment_method");

        let provider = shop.provider();
        let found = if is_confirmed_again {
            provider.confirm(&intent).await
        } else {
            provider.look_up(&intent).await
        };
        assert_eq!(found, Ok(declined()));
        assert_eq!(shop.status_of(&intent).await, "canceled");
    }
}

#[tokio::test]
async fn a_card_that_wants_its_owner_is_pending_until_called_off() {
    let shop = Shop::open();
    let intent = shop.intent(&shop.card("4000002500003155").await).await;
    let provider = shop.provider();
    let pending = IntentStatus::Pending(Reason::lossy("the payment is requires_action"));
    assert_eq!(provider.confirm(&intent).await, Ok(pending.clone()));
    assert_eq!(provider.look_up(&intent).await, Ok(pending.clone()));
    assert_eq!(provider.confirm(&intent).await, Ok(pending));
    assert_eq!(provider.cancel(&intent).await, Ok(IntentStatus::Cancelled));
    assert!(shop.charges().await.is_empty());
}

#[tokio::test]
async fn an_owner_who_fails_to_authenticate_is_declined() {
    let shop = Shop::open();
    let intent = shop.intent(&shop.card("4000002500003155").await).await;
    let provider = shop.provider();
    provider.confirm(&intent).await.unwrap();
    let path = format!("payment_intents/{intent}");
    let secret = shop.get(&path).await["client_secret"].clone();
    let form = [
        ("client_secret", secret.as_str().unwrap()),
        ("success", "false"),
    ];
    shop.post(&format!("{path}/_authenticate"), &form)
        .await
        .unwrap();

    let found = provider.look_up(&intent).await.unwrap();
    assert!(
        matches!(&found, IntentStatus::Declined(reason)
            if reason.as_str().ends_with("(payment_intent_authentication_failure)")),
        "{found:?}"
    );
    assert_eq!(shop.status_of(&intent).await, "canceled");
}

#[tokio::test]
async fn a_payment_under_way_is_pending_until_the_bank_has_spoken() {
    let shop = Shop::open();
    let form = [
        ("type", "sepa_debit"),
        ("sepa_debit[iban]", "DE62370400440532013001"),
    ];
    let debit = shop.post("payment_methods", &form).await.unwrap();
    let intent = shop.intent(debit["id"].as_str().unwrap()).await;
    let provider = shop.provider();
    let mut found = provider.confirm(&intent).await;
    let processing = IntentStatus::Pending(Reason::lossy("the payment is processing"));
    assert_eq!(found, Ok(processing.clone()));

    let give_up_at = Instant::now() + DEBIT_MAX;
    while found == Ok(processing.clone()) && Instant::now() < give_up_at {
        sleep(Duration::from_millis(50)).await;
        found = provider.look_up(&intent).await;
    }
    assert_eq!(found, Ok(declined()));
    assert_eq!(shop.status_of(&intent).await, "canceled");
}

#[tokio::test]
async fn a_payment_that_is_only_reserved_is_not_yet_charged() {
    let shop = Shop::open();
    let form = [
        ("amount", "777"),
        ("currency", "eur"),
        ("payment_method", GOOD_CARD),
        ("capture_method", "manual"),
    ];
    let made = shop.post("payment_intents", &form).await.unwrap();
    let intent = ProviderRef::parse(made["id"].as_str().unwrap()).unwrap();
    let reserved = IntentStatus::Pending(Reason::lossy("the payment is requires_capture"));
    assert_eq!(shop.provider().confirm(&intent).await, Ok(reserved));
}

#[tokio::test]
async fn what_was_called_off_is_never_charged() {
    let shop = Shop::open();
    let intent = shop.intent(GOOD_CARD).await;
    let provider = shop.provider();
    for _ in 0..2 {
        assert_eq!(provider.cancel(&intent).await, Ok(IntentStatus::Cancelled));
    }
    assert_eq!(provider.look_up(&intent).await, Ok(IntentStatus::Cancelled));
    assert_eq!(provider.confirm(&intent).await, Ok(IntentStatus::Cancelled));
    assert!(shop.charges().await.is_empty());
}

#[tokio::test]
async fn what_was_charged_can_not_be_called_off() {
    let shop = Shop::open();
    let intent = shop.charged().await;
    let cancelled = shop.provider().cancel(&intent).await;
    assert_eq!(cancelled, Ok(IntentStatus::Succeeded));
    assert_eq!(shop.charges().await, [shop.amount.minor()]);
}

#[tokio::test]
async fn an_unknown_means_of_payment_is_refused() {
    let shop = Shop::open();
    let charge = shop.charge("pm_nobody_has_this");
    let refused = shop.provider().create(shop.order, &charge).await;
    assert_eq!(refused, Ok(Created::Refused(Reason::lossy("Not Found"))));
    assert!(shop.intents().await.is_empty());
}

#[tokio::test]
async fn nothing_is_known_of_an_intent_that_is_not_there() {
    let provider = Shop::open().provider();
    let intent = ProviderRef::parse("pi_nobody_made_this").unwrap();
    for answer in [
        provider.confirm(&intent).await,
        provider.look_up(&intent).await,
        provider.cancel(&intent).await,
    ] {
        assert!(matches!(answer, Err(NoAnswer::Unclear(_))), "{answer:?}");
    }
}

#[tokio::test]
async fn a_wrong_secret_is_no_decline() {
    let shop = Shop::open();
    let intent = shop.charged().await;
    let locked_out = StripeProvider::new(with_secret(shop.upstream(), "wrong")).unwrap();
    let refund = shop.refund_of(&intent, 1);
    let created = locked_out.create(shop.order, &shop.charge(GOOD_CARD)).await;
    for none in [
        created.unwrap_err(),
        locked_out.confirm(&intent).await.unwrap_err(),
        locked_out.look_up(&intent).await.unwrap_err(),
        locked_out.cancel(&intent).await.unwrap_err(),
        locked_out.refund(shop.order, &refund).await.unwrap_err(),
    ] {
        let reason = Reason::lossy("it does not accept our secret key");
        let retry_after = None;
        assert_eq!(
            none,
            NoAnswer::NotAsked {
                reason,
                retry_after
            }
        );
    }
    assert_eq!(shop.charges().await, [shop.amount.minor()]);
}
