//! When nothing is due: the order has ended, the wake is late, or somebody else is to act.

use std::time::Duration;

use ordertrace_domain::{
    CancellationCause, Event, OrderState, PaymentMethod, RejectionCause, StuckReason, TimerName,
    Version, fold, stuck,
    testing::fixtures::{
        card, cash,
        commands::request_refund,
        events::{
            cancellation_requested, delivery_failed, order_cancelled, order_rejected,
            payment_declined, payment_outcome_unknown, payment_voided, refund_failed,
            refund_requested,
        },
        histories::{approved, completed, prepared, requested, started, submitted},
    },
};
use ordertrace_saga::{Effect, Policy, Wake, react};
use rstest::rstest;

use crate::ask::{
    NOW, asks_to_cancel, asks_to_look_up, gives_again, on_event, on_last, on_resume, on_timer,
    sets, with,
};

fn unknown(check: u16) -> Vec<Event> {
    with(submitted(card()), [payment_outcome_unknown(check)])
}

fn cancelling(history: Vec<Event>) -> Vec<Event> {
    with(history, [cancellation_requested()])
}

fn refund_failing(attempt: u16) -> Vec<Event> {
    let more = [refund_requested(attempt), refund_failed(attempt)];
    with(cancelling(approved(card())), more)
}

fn refunding() -> Vec<Event> {
    with(cancelling(approved(card())), [refund_requested(1)])
}

fn ended(method: PaymentMethod) -> [Vec<Event>; 3] {
    let cancelled = [
        cancellation_requested(),
        payment_voided(),
        order_cancelled(CancellationCause::Requested),
    ];
    let rejected = [
        payment_declined(),
        order_rejected(RejectionCause::PaymentDeclined),
    ];
    [
        completed(method.clone()),
        with(requested(method.clone()), cancelled),
        with(requested(method), rejected),
    ]
}

#[rstest]
#[case(cash())]
#[case(card())]
fn an_order_that_has_ended_yields_nothing_whatever_wakes_the_saga(#[case] method: PaymentMethod) {
    for history in ended(method) {
        for version in 1..=history.len() {
            assert_eq!(on_event(&history, version), []);
        }
        for timer in TimerName::ALL {
            assert_eq!(on_timer(&history, timer), []);
        }
        assert_eq!(on_resume(&history), []);
        assert_eq!(listed(&fold(&history)), None);
    }
}

#[test]
fn an_order_that_was_never_placed_yields_nothing() {
    for timer in TimerName::ALL {
        assert_eq!(on_timer(&[], timer), []);
    }
    assert_eq!(on_resume(&[]), []);
}

#[rstest]
#[case::requested(requested(card()))]
#[case::unknown(unknown(1))]
#[case::cancelling(cancelling(submitted(card())))]
#[case::started(started(card()))]
#[case::refund_failing(refund_failing(1))]
fn an_event_that_is_no_longer_the_last_yields_nothing(#[case] history: Vec<Event>) {
    for version in 1..history.len() {
        assert_eq!(on_event(&history, version), [], "version {version}");
    }
}

/// The runner never asks so: it waits until the log shows the event. What is known counts.
#[test]
fn an_event_ahead_of_the_state_counts_as_the_last() {
    let history = requested(card());
    let wake = Wake::Event {
        event: &history[1],
        version: Version::new(9),
        recorded_at: NOW,
    };
    let effects = react(&fold(&history), &Policy::default(), wake);
    assert_eq!(effects, on_last(&history));
}

#[rstest]
#[case::cash(requested(cash()), &[TimerName::PaymentDeadline])]
#[case::card(requested(card()), &[TimerName::PaymentDeadline, TimerName::PaymentSubmit])]
#[case::submitted(submitted(card()), &[TimerName::PaymentDeadline, TimerName::PaymentSubmit])]
#[case::unknown(unknown(1), &[TimerName::PaymentDeadline, TimerName::PaymentCheck])]
#[case::calling_off(cancelling(unknown(1)), &[TimerName::PaymentCheck])]
#[case::unknown_for_good(unknown(20), &[TimerName::PaymentDeadline, TimerName::PaymentCheck])]
#[case::started(started(cash()), &[TimerName::DeliveryDeadline])]
#[case::not_taken(
    with(started(cash()), [delivery_failed(1)]),
    &[TimerName::DeliveryRetry, TimerName::DeliveryDeadline],
)]
#[case::refund_under_way(refunding(), &[TimerName::RefundRetry])]
#[case::refund_failed(refund_failing(1), &[TimerName::RefundRetry])]
#[case::calling_off_for_long(cancelling(unknown(20)), &[TimerName::PaymentCheck])]
#[case::refund_failed_for_long(refund_failing(10), &[TimerName::RefundRetry])]
fn only_the_timers_that_an_order_waits_for_lead_on(
    #[case] history: Vec<Event>,
    #[case] awaited: &[TimerName],
) {
    let leads_on = |timer: &TimerName| !on_timer(&history, *timer).is_empty();
    let leading: Vec<TimerName> = TimerName::ALL.into_iter().filter(leads_on).collect();
    let mut awaited = awaited.to_vec();
    awaited.sort_unstable_by_key(|timer| TimerName::ALL.iter().position(|name| name == timer));
    assert_eq!(leading, awaited);
}

#[test]
fn a_payment_that_stays_unknown_is_stuck_until_an_operator_resumes_it() {
    let reason = |check| listed(&fold(&unknown(check)));
    assert_eq!(reason(19), None);
    assert_eq!(reason(20), Some(StuckReason::PaymentUnknown));
    assert_eq!(on_last(&unknown(20)), []);
    assert_eq!(on_resume(&unknown(20)), [asks_to_look_up()]);
}

/// A payment that is being called off, and whose outcome was unknown this often.
fn calling_off(check: u16) -> Vec<Event> {
    with(
        cancelling(submitted(card())),
        [payment_outcome_unknown(check)],
    )
}

#[rstest]
#[case::calling_off(
    calling_off(20),
    StuckReason::PaymentUnknown,
    TimerName::PaymentCheck,
    asks_to_cancel()
)]
#[case::refund(
    refund_failing(10),
    StuckReason::RefundFailed,
    TimerName::RefundRetry,
    gives_again("RequestRefund", 11, request_refund())
)]
fn what_is_being_undone_is_listed_and_tried_on_until_few_versions_are_left(
    #[case] history: Vec<Event>,
    #[case] reason: StuckReason,
    #[case] timer: TimerName,
    #[case] next_try: Effect,
) {
    let policy = Policy::default();
    for (version, is_tried_on) in [(799, true), (800, false)] {
        let state = at_version(&history, version);
        let recorded_at = NOW;
        let last = Wake::Event {
            event: &history[history.len() - 1],
            version: Version::new(version),
            recorded_at,
        };
        let due = |wake| react(&state, &policy, wake);
        let wait = Duration::from_mins(10);
        let waits = is_tried_on.then(|| sets(timer, wait));
        assert_eq!(due(last), Vec::from_iter(waits), "version {version}");
        // The timer of an operator's try that found the provider away leads on, too.
        let tries = [next_try.clone()];
        assert_eq!(due(Wake::Timer { timer, recorded_at }), tries, "{version}");
        assert_eq!(due(Wake::Resume { recorded_at }), tries, "{version}");
        assert_eq!(listed(&state), Some(reason), "version {version}");
    }
}

#[test]
fn a_cancellation_or_refund_is_listed_only_when_it_has_failed_often() {
    let reason = |history: Vec<Event>| listed(&fold(&history));
    assert_eq!(reason(calling_off(19)), None);
    assert_eq!(reason(refund_failing(9)), None);
}

/// Why an order is listed to which something has just happened.
fn listed(state: &OrderState) -> Option<StuckReason> {
    let patience = Policy::default().patience();
    stuck(state.order()?, Duration::ZERO, &patience)
}

fn at_version(history: &[Event], version: u64) -> OrderState {
    let mut state = fold(history);
    if let OrderState::Placed(order) = &mut state {
        order.version = Version::new(version);
    }
    state
}

#[test]
fn an_order_with_as_many_events_as_it_may_have_is_stuck() {
    let full = |count| listed(&at_version(&prepared(cash()), count));
    assert_eq!(full(Version::MAX.get() - 1), None);
    assert_eq!(full(Version::MAX.get()), Some(StuckReason::TooManyEvents));
}
