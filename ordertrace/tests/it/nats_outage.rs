//! Takes the nats-server away while orders are being placed: commands are refused, queries go on, and service resumes by
//! itself.

use std::time::Duration;

use ordertrace_nats::managed::Endpoint;

use crate::harness::{
    Dev, Load, LogReader, PATIENCE, Stop, assert_views_equal_the_log, signal, wait_until,
};

const SETTLE_MAX: Duration = Duration::from_secs(120);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_nats_server_hangs_commands_are_refused_and_queries_answered_and_then_all_goes_on() {
    const ORDERS: u64 = 300;
    const PLACED_BEFORE_THE_OUTAGE: usize = 100;
    let data = tempfile::tempdir().unwrap();
    let dev = Dev::start(data.path(), &[]).await;
    let mut load = Load::new(ORDERS);
    let nats = dev.nats();

    let stop = Stop::default();
    let outage = async {
        stop.placed(PLACED_BEFORE_THE_OUTAGE).await;
        // A stopped server is there and does not answer: nobody restarts it, unlike one that died.
        signal("STOP", nats.pid);
        for path in [
            "/orders",
            "/payments",
            "/deliveries",
            "/orderTraces",
            "/livez",
        ] {
            dev.api.get(path).await.expect(200);
        }
        stop.troubled().await;
    };
    tokio::join!(load.run(&dev.api, &stop), outage);
    assert_refused_well(&load);

    signal("KILL", nats.pid);
    back_again(&dev, &nats).await;
    load.run(&dev.api, &Stop::default()).await;
    assert!(load.is_done(), "{:?}", load.refused().last());
    assert_nothing_lost(&dev, &load).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_each_kill_9_of_nats_server_service_resumes_by_itself() {
    const ORDERS: u64 = 400;
    const PLACED_BEFORE_EACH_KILL: usize = 60;
    const KILLS: usize = 3;
    let data = tempfile::tempdir().unwrap();
    let dev = Dev::start(data.path(), &[]).await;
    let mut load = Load::new(ORDERS);
    for _ in 0..KILLS {
        let refused_before = load.refused().count();
        let (nats, stop) = (dev.nats(), Stop::default());
        let kill = async {
            stop.placed(PLACED_BEFORE_EACH_KILL).await;
            signal("KILL", nats.pid);
            dev.api.get("/orderTraces").await.expect(200);
        };
        tokio::join!(load.run(&dev.api, &stop), kill);
        assert!(
            load.refused().count() > refused_before,
            "nobody noticed the kill"
        );
        assert_refused_well(&load);
        back_again(&dev, &nats).await;
    }
    load.run(&dev.api, &Stop::default()).await;
    assert!(load.is_done(), "{:?}", load.refused().last());
    assert_nothing_lost(&dev, &load).await;
}

/// Waits until another server runs, at the same address, and the process is ready again.
async fn back_again(dev: &Dev, before: &Endpoint) {
    let again = wait_until("another nats-server runs", PATIENCE, async || {
        dev.find_nats().filter(|now| now.pid != before.pid)
    });
    assert_eq!(again.await.client_url, before.client_url);
    dev.api.ready().await;
}

/// Every request was answered, and the refusals say what they are and when to come back.
fn assert_refused_well(load: &Load) {
    assert!(!load.is_done(), "the load was over before the outage");
    assert_eq!(load.unanswered(), 0, "a request got no answer");
    let refused: Vec<_> = load.refused().collect();
    assert!(!refused.is_empty(), "nobody noticed the outage");
    for answer in refused {
        assert_eq!(answer.status, 503, "{}", answer.text);
        assert_eq!(answer.header("content-type"), "application/problem+json");
        assert!(
            answer
                .header("retry-after")
                .parse::<u32>()
                .is_ok_and(|secs| secs > 0)
        );
    }
}

async fn assert_nothing_lost(dev: &Dev, load: &Load) {
    let reader = LogReader::of_server(&dev.nats()).await;
    let log = reader.read_until(SETTLE_MAX, |log| log.is_settled()).await;
    load.assert_all_in(&log);
    assert_views_equal_the_log(&dev.api, &log).await;
}
