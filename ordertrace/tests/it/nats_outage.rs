//! Takes the nats-server away while orders are being placed: commands are refused, queries go on, and service resumes by
//! itself.

use std::time::Duration;

use crate::harness::{
    Dev, Load, LogReader, PATIENCE, Stop, assert_views_equal_the_log, cash_order, signal,
    wait_until,
};

const SETTLE_MAX: Duration = Duration::from_secs(120);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_log_is_away_commands_are_refused_and_queries_answered_and_then_all_goes_on() {
    const ORDERS: u64 = 300;
    const PLACED_BEFORE_THE_OUTAGE: usize = 100;
    let data = tempfile::tempdir().unwrap();
    let dev = Dev::start(data.path(), &[]).await;
    let mut load = Load::new(ORDERS);
    let nats = dev.nats();

    let stop = Stop::default();
    let outage = async {
        stop.placed(PLACED_BEFORE_THE_OUTAGE).await;
        // A stopped server is there and does not answer: it is not restarted, unlike one that died.
        signal("STOP", nats.pid);
        for path in ["/orders", "/payments", "/deliveries", "/orderTraces", "/livez"] {
            dev.api.get(path).await.expect(200);
        }
        stop.troubled().await;
    };
    tokio::join!(load.run(&dev.api, &stop), outage);
    assert!(!load.is_done(), "the load was over before the outage");
    assert_eq!(load.unanswered(), 0, "a request got no answer");
    let refused: Vec<_> = load.refused().collect();
    assert!(!refused.is_empty());
    for answer in refused {
        assert_eq!(answer.header("content-type"), "application/problem+json");
        assert!(answer.header("retry-after").parse::<u32>().is_ok_and(|secs| secs > 0));
    }

    signal("KILL", nats.pid);
    let again = wait_until("another nats-server runs", PATIENCE, async || {
        let now = ordertrace_nats::managed::Endpoint::read(data.path())?;
        (now.pid != nats.pid).then_some(now)
    })
    .await;
    assert_eq!(again.client_url, nats.client_url);
    dev.api.ready().await;
    load.run(&dev.api, &Stop::default()).await;
    assert!(load.is_done(), "{:?}", load.refused().last());
    assert_nothing_lost(&dev, &load).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_notices_a_nats_server_that_dies_and_is_restarted_but_by_waiting() {
    const ORDERS: u64 = 400;
    let data = tempfile::tempdir().unwrap();
    let dev = Dev::start(data.path(), &[]).await;
    let mut load = Load::new(ORDERS);
    let stop = Stop::default();
    let deaths = async {
        for placed in [50, 150, 250] {
            stop.placed(placed).await;
            let nats = wait_until("a nats-server runs", PATIENCE, async || {
                ordertrace_nats::managed::Endpoint::read(data.path())
            })
            .await;
            signal("KILL", nats.pid);
            wait_until("another nats-server runs", PATIENCE, async || {
                let now = ordertrace_nats::managed::Endpoint::read(data.path())?;
                (now.pid != nats.pid).then_some(())
            })
            .await;
        }
    };
    tokio::join!(load.run(&dev.api, &stop), deaths);
    assert!(load.is_done(), "{:?}", load.refused().last());
    assert_nothing_lost(&dev, &load).await;
}

async fn assert_nothing_lost(dev: &Dev, load: &Load) {
    let fresh = dev.api.place(cash_order()).await;
    dev.api.trace_at(&fresh, "payment_requested").await;
    dev.api.delete(format!("/orders/{fresh}")).await.expect(202);
    let reader = LogReader::of_server(&dev.nats()).await;
    let log = reader.read_until(SETTLE_MAX, |log| log.is_settled()).await;
    assert_views_equal_the_log(&dev.api, &log).await;
    let mut log = log;
    log.forget(&fresh);
    load.assert_all_in(&log);
}
