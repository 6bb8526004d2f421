//! Timers on a real server: they fire, can be set anew and taken back, and outlive the server.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::time::{Duration, Instant};

use crate::rig::{Rig, eventually, next, order_of, shard};
use futures::StreamExt;
use futures::stream::BoxStream;
use ordertrace_domain::{
    Clock, FeedError, FiredTimer, OrderId, Shard, TimerName, Timers, Timestamp, Version, Work,
    WorkItem, WorkQueue,
};
use ordertrace_nats::subject::{TIMERS_AT_ALL, TIMERS_STREAM};
use ordertrace_nats::{Connection, JetStreamTimers, JetStreamWork};

struct WallClock;

impl Clock for WallClock {
    fn now(&self) -> Timestamp {
        chrono::Utc::now().into()
    }
}

fn now() -> Timestamp {
    WallClock.now()
}

fn in_millis(millis: u64) -> Timestamp {
    now().after(Duration::from_millis(millis))
}

struct Bench {
    rig: Rig,
    connection: Connection,
    timers: JetStreamTimers,
    work: JetStreamWork,
    shard: Shard,
}

impl Bench {
    async fn new() -> Self {
        let rig = Rig::bare().await;
        let (connection, identity) = rig.ready().await;
        Self {
            timers: JetStreamTimers::new(&connection),
            work: JetStreamWork::new(&connection, identity),
            shard: shard(5),
            connection,
            rig,
        }
    }

    fn order(&self) -> OrderId {
        order_of(self.shard)
    }

    async fn set(&self, order: OrderId, timer: TimerName, at: Timestamp) {
        let version = Version::new(3);
        let set = self.timers.schedule(order, timer, at, version).await;
        set.unwrap();
    }

    /// A timer that fires now: whatever was to fire before it has done so.
    async fn mark(&self) -> OrderId {
        let order = self.order();
        self.set(order, TimerName::DeliveryDeadline, now()).await;
        order
    }
}

async fn next_fired(items: &mut BoxStream<'static, Result<Work, FeedError>>) -> FiredTimer {
    let work = next(items).await;
    work.receipt.acknowledge().await.unwrap();
    match work.item {
        WorkItem::Timer(fired) => fired,
        other => panic!("{other:?} is no timer"),
    }
}

#[tokio::test]
async fn a_timer_fires_at_its_time_and_one_of_the_past_at_once() {
    let bench = Bench::new().await;
    let mut fired = bench.work.work(bench.shard);
    let (soon, past) = (bench.order(), bench.order());
    let at = in_millis(700);
    bench.set(soon, TimerName::PaymentDeadline, at).await;
    let year = Duration::from_secs(365 * 86_400);
    let long_ago =
        Timestamp::from_micros(now().micros() - i64::try_from(year.as_micros()).unwrap());
    bench.set(past, TimerName::RefundRetry, long_ago).await;

    let first = next_fired(&mut fired).await;
    assert_eq!(
        (first.order_id, first.timer),
        (past, TimerName::RefundRetry)
    );
    let second = next_fired(&mut fired).await;
    assert_eq!(
        (second.order_id, second.timer),
        (soon, TimerName::PaymentDeadline)
    );
    let late = second.recorded_at.micros() - at.micros();
    println!("a timer fired {late} µs after its time");
    assert!(late >= 0, "it fired {late} µs after its time");
}

#[tokio::test]
async fn a_timer_that_is_set_again_fires_once_and_at_the_new_time() {
    let bench = Bench::new().await;
    let mut fired = bench.work.work(bench.shard);
    let (earlier, later) = (bench.order(), bench.order());
    let far = in_millis(3_600_000);
    bench.set(earlier, TimerName::PaymentCheck, far).await;
    bench.set(earlier, TimerName::PaymentCheck, now()).await;
    assert_eq!(next_fired(&mut fired).await.order_id, earlier);

    let near = in_millis(400);
    let new = in_millis(800);
    bench.set(later, TimerName::PaymentCheck, near).await;
    bench.set(later, TimerName::PaymentCheck, new).await;
    let once = next_fired(&mut fired).await;
    assert_eq!(once.order_id, later);
    assert!(once.recorded_at >= new, "{once:?} fired before {new}");
    let mark = bench.mark().await;
    assert_eq!(next_fired(&mut fired).await.order_id, mark);
}

#[tokio::test]
async fn a_timer_that_was_taken_back_does_not_fire_and_leaves_nothing() {
    let bench = Bench::new().await;
    let mut fired = bench.work.work(bench.shard);
    let order = bench.order();
    let at = in_millis(500);
    bench.set(order, TimerName::DeliveryRetry, at).await;
    bench
        .timers
        .cancel(order, TimerName::DeliveryRetry)
        .await
        .unwrap();
    // To take back what is not set is no error.
    bench
        .timers
        .cancel(order, TimerName::PaymentSubmit)
        .await
        .unwrap();
    let after = bench.order();
    bench
        .set(after, TimerName::DeliveryRetry, in_millis(1_000))
        .await;
    assert_eq!(next_fired(&mut fired).await.order_id, after);
    // The mark of what was taken back goes after a second, the set timer when it fires.
    eventually("an empty schedule", || async {
        let stream = bench
            .connection
            .jetstream()
            .get_stream(TIMERS_STREAM)
            .await
            .ok()?;
        let set = stream.info_with_subjects(TIMERS_AT_ALL).await.ok()?;
        (set.count().await == 0).then_some(())
    })
    .await;
}

#[tokio::test]
async fn one_order_has_a_timer_of_each_name() {
    let bench = Bench::new().await;
    let mut fired = bench.work.work(bench.shard);
    let order = bench.order();
    for (timer, millis) in TimerName::ALL.into_iter().zip((0..).step_by(50)) {
        bench.set(order, timer, in_millis(300 + millis)).await;
    }
    for timer in TimerName::ALL {
        assert_eq!(next_fired(&mut fired).await.timer, timer);
    }
}

#[tokio::test]
async fn timers_outlive_a_kill_of_the_server_and_so_does_their_taking_back() {
    let bench = Bench::new().await;
    let (kept, cancelled, missed) = (bench.order(), bench.order(), bench.order());
    let at = in_millis(2_500);
    bench
        .set(missed, TimerName::PaymentDeadline, in_millis(100))
        .await;
    bench.set(kept, TimerName::PaymentDeadline, at).await;
    bench
        .set(cancelled, TimerName::PaymentDeadline, in_millis(2_000))
        .await;
    bench
        .timers
        .cancel(cancelled, TimerName::PaymentDeadline)
        .await
        .unwrap();
    let killed = Instant::now();
    bench.rig.kill_and_wait().await;

    let mut fired = bench.work.work(bench.shard);
    assert_eq!(next_fired(&mut fired).await.order_id, missed);
    let second = next_fired(&mut fired).await;
    println!("the last timer came {:?} after the kill", killed.elapsed());
    assert_eq!(second.order_id, kept);
    assert!(second.recorded_at >= at);
}
