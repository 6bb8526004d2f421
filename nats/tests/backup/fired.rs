//! A timer that goes off while its stream is backed up goes off again where it is restored.

use futures::StreamExt;
use ordertrace_domain::{Shard, TimerName, Timers, Timestamp, Version, WorkItem, WorkQueue};
use ordertrace_nats::subject::{EVENTS_STREAM, TIMERS_STREAM};
use ordertrace_nats::{
    JetStreamBackup, JetStreamTimers, JetStreamWork, Replicas, Topology, TopologyOptions,
    restored_config,
};
use tokio::time::timeout;

use crate::support::{Node, PATIENCE, eventually, orders, take, take_log};

#[tokio::test]
async fn a_timer_that_goes_off_during_the_snapshot_goes_off_again_where_it_is_restored() {
    let (_there, source, incarnation) = Node::ready().await;
    let backup = JetStreamBackup::new(&source);
    let places = backup.places().await.unwrap();
    let order = orders(1).next().unwrap();
    let timers = take(&source, TIMERS_STREAM, async || {
        let (past, version) = (Timestamp::from_micros(0), Version::new(3));
        let timer = JetStreamTimers::new(&source);
        timer
            .schedule(order, TimerName::PaymentCheck, past, version)
            .await
            .unwrap();
        eventually("it goes off", async || {
            (!backup.fired_after(0).await.unwrap().is_empty()).then_some(())
        })
        .await;
    });
    let timers = timers.await;
    assert_eq!(timers.state.messages, 0);
    let fired = backup.fired_after(timers.state.last).await.unwrap();
    assert_eq!(fired.len(), 1);
    let log = take_log(&source).await;

    let here = Node::bare().await;
    let target = here.connect().await;
    let released = log.released(Replicas::One, incarnation);
    log.put(&target, &released).await.unwrap();
    let backup = JetStreamBackup::new(&target);
    let config = restored_config(&timers.config, Replicas::One);
    let restoring = backup.restore(TIMERS_STREAM, &config, &timers.state).await;
    let mut restoring = restoring.unwrap();
    restoring.push(timers.bytes).await.unwrap();
    restoring.finish().await.unwrap();
    backup.fire_again(&fired).await.unwrap();
    for stream in [TIMERS_STREAM, EVENTS_STREAM] {
        backup.rewind(stream, &places).await.unwrap();
    }
    backup.release(&released).await.unwrap();

    let topology = Topology::new(TopologyOptions::SINGLE);
    let incarnation = topology.ensure(&target).await.unwrap().incarnation;
    let queue = JetStreamWork::new(&target, target.watch(incarnation));
    let work = timeout(PATIENCE, queue.work(Shard::of(order)).next()).await;
    let work = work.unwrap().unwrap().unwrap();
    let WorkItem::Timer(timer) = work.item else {
        panic!("{:?} is no timer", work.item)
    };
    assert_eq!(
        (timer.order_id, timer.timer),
        (order, TimerName::PaymentCheck)
    );
}
