//! The ledger outlives its process, and several share it.

use ordertrace_domain::{
    Attempt, PaymentToken,
    testing::fixtures::{amount, euro, order_id},
};
use ordertrace_saga::provider::{Charge, Created, IntentStatus};
use ordertrace_saga::{
    provider::PaymentProvider,
    simulator::{SimulatedProvider, Simulator},
};

use crate::server::{Server, answer, assert_lost, wish};

async fn serve(journal: &std::path::Path) -> Server {
    Server::of(Simulator::with_journal(journal).expect("a journal")).await
}

#[tokio::test]
async fn money_keys_and_past_troubles_survive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("payments.journal");
    let before = serve(&journal).await;
    let id = before.intent(50_400).await;
    let path = format!("/v1/payment_intents/{id}/confirm");
    assert_lost(before.post(&path, "").header("idempotency-key", "k")).await;
    let ledger = before.ledger().await;
    before.stop().await;

    let after = serve(&journal).await;
    assert_eq!(after.ledger().await, ledger);
    assert_eq!(after.money().await, (50_400, 0, 1));
    let repeated = answer(after.post(&path, "").header("idempotency-key", "k")).await;
    assert_eq!(repeated.body["status"], "succeeded");
    assert!(repeated.is_replayed);
}

#[tokio::test]
async fn two_servers_share_the_ledger_and_its_keys() {
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("payments.journal");
    let (first, second) = (serve(&journal).await, serve(&journal).await);
    let keyed = |server: &Server| {
        let request = server.post("/v1/payment_intents", &wish(1_000));
        answer(request.header("idempotency-key", "k"))
    };
    let created = keyed(&first).await;
    let repeated = keyed(&second).await;
    assert_eq!(created.body, repeated.body);
    let id = crate::server::name(&created);
    let (one, other) = tokio::join!(first.confirmed(&id), second.confirmed(&id));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400], "charged by one of them only");
    assert_eq!(second.refunded(&id).await.status, 200);
    assert_eq!(first.money().await, (1_000, 1_000, 1));
    assert_eq!(second.ledger().await, first.ledger().await);
}

#[tokio::test]
async fn a_process_without_http_shares_it_as_well() {
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("payments.journal");
    let server = serve(&journal).await;
    let near = SimulatedProvider::with_journal(&journal).expect("a journal");
    let charge = Charge {
        attempt: Attempt::FIRST,
        amount: amount(1_000),
        currency: euro(),
        token: PaymentToken::parse("pm_card_visa").unwrap(),
    };
    let order = order_id();
    let created = near.create(order, &charge).await;
    let Ok(Created::Intent(intent)) = created else {
        unreachable!("an intent is made: {created:?}");
    };
    assert_eq!(server.confirmed(intent.as_str()).await.status, 200);
    let seen = near.look_up(&intent).await;
    assert_eq!(seen, Ok(IntentStatus::Succeeded));
    let entries = near.entries();
    assert_eq!(entries[intent.as_str()].captured, 1_000);
    assert_eq!(server.ledger().await[0]["order_id"], order.to_string());
}
