//! Durable alarms. That a timer does not go off is seen by another one, set for later, that does.

use std::time::Duration;

use super::{
    Harness, within,
    work::{Worker, order_elsewhere},
};
use crate::{FiredTimer, OrderId, TimerName, Timestamp, Version, testing::fixtures};

/// How far the orders have come.
const VERSION: Version = Version::new(3);

/// Near enough to wait for, far enough to change one's mind before it comes.
const SOON: Duration = Duration::from_millis(700);

/// After everything that was set for soon.
const LATER: Duration = Duration::from_millis(1_500);

/// Beyond the end of any test.
const NEVER: Duration = Duration::from_secs(86_400);

/// The timer under test, and the one that says that its time has passed.
const TIMER: TimerName = TimerName::PaymentDeadline;
const MARKER: TimerName = TimerName::DeliveryDeadline;

async fn schedule(harness: &dyn Harness, order: OrderId, timer: TimerName, at: Timestamp) {
    let scheduled = within(harness.timers().schedule(order, timer, at, VERSION)).await;
    scheduled.expect("a timer");
}

async fn cancel(harness: &dyn Harness, order: OrderId, timer: TimerName) {
    let cancelled = within(harness.timers().cancel(order, timer)).await;
    cancelled.expect("no timer");
}

fn in_time(harness: &dyn Harness, wait: Duration) -> Timestamp {
    harness.clock().now().after(wait)
}

/// What goes off up to and with the marker.
async fn fired_until_marker(harness: &dyn Harness, order: OrderId) -> Vec<FiredTimer> {
    let mut worker = Worker::on(harness, order);
    let mut fired = Vec::new();
    loop {
        let timer = worker.next_timer(&[order]).await;
        fired.push(timer);
        if timer.timer == MARKER {
            return fired;
        }
    }
}

fn names(fired: &[FiredTimer]) -> Vec<TimerName> {
    fired.iter().map(|fired| fired.timer).collect()
}

/// Early would be wrong, twice would be, too.
pub async fn a_timer_goes_off_once_and_not_before_its_time(harness: &dyn Harness) {
    let order = fixtures::order_id();
    let at = in_time(harness, SOON);
    schedule(harness, order, TIMER, at).await;
    schedule(harness, order, MARKER, in_time(harness, LATER)).await;
    let fired = fired_until_marker(harness, order).await;
    assert_eq!(names(&fired), [TIMER, MARKER]);
    assert!(fired[0].recorded_at >= at, "it went off too early");
}

/// A deadline that passed while the program was down.
pub async fn a_timer_in_the_past_goes_off_at_once(harness: &dyn Harness) {
    let order = fixtures::order_id();
    let now = harness.clock().now();
    let past = Timestamp::from_micros(now.micros() - 3_600_000_000);
    schedule(harness, order, TIMER, past).await;
    let fired = Worker::on(harness, order).next_timer(&[order]).await;
    assert_eq!((fired.order_id, fired.timer), (order, TIMER));
    assert_eq!(
        fired.version, VERSION,
        "it tells how far the order had come"
    );
}

/// Brought forward, it does not wait for the old time.
pub async fn a_timer_that_is_set_again_goes_off_at_the_new_time(harness: &dyn Harness) {
    let order = fixtures::order_id();
    schedule(harness, order, TIMER, in_time(harness, NEVER)).await;
    schedule(harness, order, TIMER, in_time(harness, SOON)).await;
    let fired = Worker::on(harness, order).next_timer(&[order]).await;
    assert_eq!((fired.order_id, fired.timer), (order, TIMER));
}

/// Put off, it does not go off at the old time.
pub async fn a_timer_that_was_put_off_does_not_go_off_at_the_old_time(harness: &dyn Harness) {
    let order = fixtures::order_id();
    schedule(harness, order, TIMER, in_time(harness, SOON)).await;
    schedule(harness, order, TIMER, in_time(harness, NEVER)).await;
    schedule(harness, order, MARKER, in_time(harness, LATER)).await;
    let fired = fired_until_marker(harness, order).await;
    assert_eq!(names(&fired), [MARKER]);
    cancel(harness, order, TIMER).await;
}

/// What was cancelled in time never comes.
pub async fn a_cancelled_timer_does_not_go_off(harness: &dyn Harness) {
    let order = fixtures::order_id();
    schedule(harness, order, TIMER, in_time(harness, SOON)).await;
    cancel(harness, order, TIMER).await;
    schedule(harness, order, MARKER, in_time(harness, LATER)).await;
    let fired = fired_until_marker(harness, order).await;
    assert_eq!(names(&fired), [MARKER]);
}

/// To cancel is to have no timer, whether there was one or not.
pub async fn a_timer_that_is_not_set_can_be_cancelled(harness: &dyn Harness) {
    let order = fixtures::order_id();
    cancel(harness, order, TIMER).await;
    schedule(harness, order, TIMER, in_time(harness, Duration::ZERO)).await;
    let fired = Worker::on(harness, order).next_timer(&[order]).await;
    assert_eq!(fired.timer, TIMER);
    cancel(harness, order, TIMER).await;
}

/// To cancel one leaves the others alone.
pub async fn timers_of_other_names_and_orders_are_others(harness: &dyn Harness) {
    let order = fixtures::order_id();
    let other = order_elsewhere(order);
    for timer in TimerName::ALL {
        schedule(harness, order, timer, in_time(harness, SOON)).await;
        schedule(harness, other, timer, in_time(harness, SOON)).await;
    }
    cancel(harness, order, TIMER).await;
    for (id, is_whole) in [(order, false), (other, true)] {
        let mut worker = Worker::on(harness, id);
        let mut fired = Vec::new();
        for _ in 0..TimerName::ALL.len() - usize::from(!is_whole) {
            fired.push(worker.next_timer(&[id]).await.timer);
        }
        fired.sort_unstable();
        let expected = TimerName::ALL.into_iter();
        let expected: Vec<_> = expected
            .filter(|timer| is_whole || *timer != TIMER)
            .collect();
        assert_eq!(fired, expected);
    }
}
