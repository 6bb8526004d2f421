//! The contract of the log: what every implementation of the ports has to do, in memory as on JetStream.
//!
//! Each behaviour is one function; [`check_all`] runs them one after the other, and
//! [`log_contract_tests!`](crate::log_contract_tests) makes a test of each. They bring orders of their own and start
//! where the log ends, so the log need not be empty; but no two may run on one log at the same time, because those about
//! the queue acknowledge whatever lies before their own work. What a log does when its server dies is not in here.

#![expect(
    clippy::expect_used,
    reason = "the suite is made of assertions, and fails like a test"
)]

pub mod archive;
pub mod backlog;
pub mod checkpoints;
pub mod feed;
pub mod log;
pub mod parking;
pub mod records;
pub mod timers;
pub mod work;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use tokio::time::timeout;

use super::fixtures;
use crate::{
    Backlogs, Checkpoints, Clock, DeadLetters, EventArchive, EventFeed, EventLog, Freshness,
    History, OrderId, Parking, Records, Timers, WorkQueue,
};

/// How long the suite waits for what has to happen. Work that was not acknowledged comes back after the queue's wait for
/// an acknowledgement, half a minute on JetStream; everything else takes seconds at most.
const WAIT_MAX: Duration = Duration::from_secs(60);

/// A log under test, by its ports.
#[async_trait]
pub trait Harness: Send + Sync {
    /// The log.
    fn log(&self) -> Arc<dyn EventLog>;

    /// The same log as another process sees it, with a connection and a cache of its own.
    fn second_log(&self) -> Arc<dyn EventLog>;

    /// Its feed.
    fn feed(&self) -> Arc<dyn EventFeed>;

    /// Its orders' past, as another process sees it.
    fn archive(&self) -> Arc<dyn EventArchive>;

    /// It as it is stored, as another process sees it.
    fn records(&self) -> Arc<dyn Records>;

    /// Its checkpoints.
    fn checkpoints(&self) -> Arc<dyn Checkpoints>;

    /// Its checkpoints, as another process sees them.
    fn second_checkpoints(&self) -> Arc<dyn Checkpoints>;

    /// Its queue.
    fn queue(&self) -> Arc<dyn WorkQueue>;

    /// How much work is on its queue, as another process sees it.
    fn backlogs(&self) -> Arc<dyn Backlogs>;

    /// Its timers.
    fn timers(&self) -> Arc<dyn Timers>;

    /// Its parking.
    fn parking(&self) -> Arc<dyn Parking>;

    /// What is parked, as another process sees it.
    fn dead_letters(&self) -> Arc<dyn DeadLetters>;

    /// The clock its timers go off by. It has to run by itself.
    fn clock(&self) -> Arc<dyn Clock>;
}

/// Hands the list of behaviours to another macro: the one place where they are listed.
#[doc(hidden)]
#[macro_export]
macro_rules! for_each_log_behaviour {
    ($callback:path, $harness:expr) => {
        $callback! { ($harness)
            log::a_log_and_its_feed_are_of_the_same_incarnation,
            log::an_order_nobody_placed_has_no_events,
            log::what_was_appended_is_read_back_as_it_was,
            log::a_read_that_may_be_stale_is_a_prefix,
            log::an_append_on_a_version_that_has_passed_conflicts,
            log::an_order_is_not_begun_twice,
            log::of_many_appends_on_one_version_one_wins,
            log::orders_do_not_disturb_each_other,
            log::the_events_of_a_decision_stand_side_by_side,
            log::a_decision_is_stored_whole_or_not_at_all,
            log::the_same_events_again_are_stored_once,
            log::each_payload_is_linked_to_the_one_before,
            feed::the_head_is_where_the_last_append_stands,
            feed::a_feed_has_every_event_once_in_the_order_of_the_log,
            feed::a_feed_from_the_middle_begins_after_it,
            feed::a_feed_waits_for_what_comes,
            feed::two_feeds_have_the_same,
            archive::an_orders_past_is_what_the_feed_tells_of_it,
            archive::an_order_nobody_placed_has_no_past,
            records::the_extent_of_a_log_is_all_that_was_stored,
            records::a_scan_has_every_record_once_as_it_was_sent,
            records::a_records_headers_say_what_was_expected,
            records::a_span_ends_where_it_ends,
            records::a_scan_waits_for_what_comes,
            records::an_orders_span_has_its_records_alone,
            records::an_orders_scan_waits_for_what_comes,
            records::an_orders_span_beyond_the_head_waits_for_the_log,
            records::the_first_record_since_a_time_is_found,
            checkpoints::a_checkpoint_is_read_back_as_it_was_added,
            checkpoints::checkpoints_come_in_their_order_in_pages,
            checkpoints::behind_one_checkpoint_one_is_added,
            checkpoints::a_checkpoint_is_added_behind_the_last_one_alone,
            checkpoints::the_same_note_in_the_same_place_is_stored_once,
            work::a_shard_hands_out_its_own_orders_only,
            work::an_orders_events_are_handed_out_in_their_order,
            work::work_that_was_not_acknowledged_is_handed_out_again,
            work::work_that_was_acknowledged_is_not_handed_out_again,
            work::one_stream_at_a_time_works_on_a_shard,
            backlog::what_waits_and_what_is_in_hand_is_counted,
            timers::a_timer_goes_off_once_and_not_before_its_time,
            timers::a_timer_in_the_past_goes_off_at_once,
            timers::a_timer_that_is_set_again_goes_off_at_the_new_time,
            timers::a_timer_that_was_put_off_does_not_go_off_at_the_old_time,
            timers::a_cancelled_timer_does_not_go_off,
            timers::a_timer_that_is_not_set_can_be_cancelled,
            timers::timers_of_other_names_and_orders_are_others,
            parking::a_message_parked_twice_is_parked_once,
            parking::a_message_parked_for_another_reason_shows_the_newest,
            parking::each_consumer_parks_for_itself,
            parking::a_message_of_no_order_is_parked_like_any_other,
            parking::what_was_never_parked_is_not_found,
            parking::the_list_tells_of_a_message_what_a_look_at_it_tells,
            parking::a_settled_message_shows_what_was_decided_and_by_whom,
            parking::a_decision_on_what_has_changed_since_is_refused,
            parking::of_many_decisions_on_one_view_one_counts,
            parking::a_settled_message_that_is_parked_again_waits_anew,
            parking::of_many_that_park_a_settled_message_one_does,
            parking::pages_have_every_message_once_in_the_order_of_the_latest_records,
        }
    };
}

/// Makes a test of every behaviour of the contract: `log_contract_tests!(harness())`, with an expression that starts a
/// [`Harness`](crate::testing::contract::Harness) of its own for each and is awaited.
#[macro_export]
macro_rules! log_contract_tests {
    ($harness:expr) => {
        $crate::for_each_log_behaviour!($crate::log_contract_test, $harness);
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! log_contract_test {
    (($harness:expr) $($module:ident::$behaviour:ident,)+) => {
        $(
            #[tokio::test(flavor = "multi_thread")]
            async fn $behaviour() {
                let harness = $harness.await;
                $crate::testing::contract::$module::$behaviour(&harness).await;
            }
        )+
    };
}

macro_rules! check_each {
    (($harness:expr) $($module:ident::$behaviour:ident,)+) => {
        $(
            // A failing test shows what it printed: the last line is the behaviour that failed.
            println!("contract: {}", stringify!($behaviour));
            $module::$behaviour($harness).await;
        )+
    };
}

/// Checks every behaviour on one log.
///
/// # Panics
/// When one does not hold.
pub async fn check_all(harness: &dyn Harness) {
    crate::for_each_log_behaviour!(check_each, harness);
}

/// Waits for what has to happen.
async fn within<T>(future: impl Future<Output = T>) -> T {
    timeout(WAIT_MAX, future).await.expect("it takes too long")
}

/// The order's history by the log's leader.
async fn current(log: &dyn EventLog, order: OrderId) -> History {
    within(log.load(order, Freshness::Current))
        .await
        .expect("a history")
}

/// A new order with one event.
async fn new_order(log: &dyn EventLog) -> History {
    new_order_as(log, fixtures::order_id()).await
}

async fn new_order_as(log: &dyn EventLog, order: OrderId) -> History {
    let placed = fixtures::events::order_placed(fixtures::cash());
    appended(log, &History::empty(order), vec![placed]).await
}

/// Appends one decision, as the only writer.
async fn appended(log: &dyn EventLog, base: &History, events: Vec<crate::Event>) -> History {
    let drafts = fixtures::drafts(base, events);
    within(log.append(base, drafts)).await.expect("an append")
}

/// An event that may stand anywhere but at the beginning.
fn some_event(number: u16) -> crate::Event {
    fixtures::events::delivery_started(number)
}
