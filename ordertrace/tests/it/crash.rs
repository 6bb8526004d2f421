//! Ends the process as a power cut would, in the middle of 1,000 orders, and goes on.

use std::path::Path;
use std::time::Duration;

use ordertrace_saga::provider::{LedgerEntry, SimulatedProvider};

use crate::harness::{
    Dev, Kind, Load, LogReader, PATIENCE, Stop, assert_views_equal_the_log, is_alive, wait_until,
};

/// How long all orders together may take to come to an end after the restart. The simulated provider's lost answers are
/// asked for again after seconds.
const SETTLE_MAX: Duration = Duration::from_secs(120);

/// What the payment provider charged for an order and gave back, attempt by attempt.
pub(crate) fn charged(journal: &Path, order: &str) -> Vec<(i64, i64)> {
    let ledger = SimulatedProvider::with_journal(journal).unwrap().entries();
    let of_order = ledger.iter().filter(|(intent, _)| intent.contains(order));
    of_order
        .map(|(_, LedgerEntry { captured, refunded })| (*captured, *refunded))
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_acknowledged_order_survives_kill_9_and_none_is_there_twice() {
    const ORDERS: u64 = 1_000;
    const PLACED_BEFORE_THE_KILL: usize = 350;
    let data = tempfile::tempdir().unwrap();
    let mut dev = Dev::start(data.path(), &[]).await;
    let mut load = Load::new(ORDERS);

    let nats_pid = dev.nats().pid;
    let (api, stop) = (dev.api.clone(), Stop::default());
    let kill = async {
        stop.placed(PLACED_BEFORE_THE_KILL).await;
        dev.program.kill9();
    };
    tokio::join!(load.run(&api, &stop), kill);
    assert!(
        load.unanswered() > 1,
        "nothing was under way when the process was killed"
    );
    assert!(!load.is_done());
    let acknowledged_before = load.acknowledged();
    assert!(acknowledged_before >= PLACED_BEFORE_THE_KILL);
    wait_until(
        "nats-server is gone with its parent",
        PATIENCE,
        async || (!is_alive(nats_pid)).then_some(()),
    )
    .await;

    let dev = Dev::start(data.path(), &[]).await;
    let repeated = load.repeat(&dev.api).await;
    assert!(
        repeated > PLACED_BEFORE_THE_KILL / 4,
        "only {repeated} requests had a key"
    );
    load.run(&dev.api, &Stop::default()).await;
    assert!(load.is_done());

    let reader = LogReader::of_server(&dev.nats()).await;
    let log = reader.read_until(SETTLE_MAX, |log| log.is_settled()).await;
    load.assert_all_in(&log);
    load.repeat(&dev.api).await;
    assert_views_equal_the_log(&dev.api, &log).await;
    assert_charged_once(&load, &data.path().join("simulated-payments.journal"));
    assert_eq!(
        reader.read().await.head,
        log.head,
        "repeats have changed the log"
    );
}

fn assert_charged_once(load: &Load, journal: &Path) {
    let ledger = SimulatedProvider::with_journal(journal).unwrap().entries();
    for (kind, order) in load.orders() {
        let of_order = ledger.iter().filter(|(intent, _)| intent.contains(order));
        let (mut captured, mut refunded) = (0, 0);
        for (_, entry) in of_order {
            captured += entry.captured;
            refunded += entry.refunded;
        }
        let expected = match kind {
            Kind::Card => 1_000,
            Kind::CardLostRequest => 50_300,
            Kind::CardLostAnswer => 50_400,
            _ => 0,
        };
        assert_eq!(captured - refunded, expected, "{kind:?} {order}");
        // Charged and given back, or never charged; in no case charged again.
        assert!(
            [0, 1_000, 50_300, 50_400].contains(&captured),
            "{kind:?} {order}: {captured}"
        );
    }
}
