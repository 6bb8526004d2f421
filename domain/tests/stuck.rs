//! Which orders are listed for an operator, and from when on.

use std::time::Duration;

use ordertrace_domain::{
    Attempt, Event, Patience, PaymentMethod, StuckReason, Version, fold, stuck,
    testing::fixtures::{
        card, cash,
        events::{
            cancellation_requested, delivery_failed, payment_outcome_unknown, refund_failed,
            refund_requested,
        },
        histories::{approved, completed, placed, prepared, requested, started, submitted},
    },
};
use rstest::rstest;

const MINUTE: Duration = Duration::from_mins(1);
const DAY: Duration = Duration::from_hours(24);

fn patience() -> Patience {
    Patience {
        payment_checks_max: Attempt::new(3),
        refund_attempts_max: Attempt::new(2),
        payment_deadline: DAY,
        delivery_deadline: 7 * DAY,
        idle_max: 15 * MINUTE,
    }
}

fn listed(history: &[Event], idle: Duration) -> Option<StuckReason> {
    stuck(fold(history).order()?, idle, &patience())
}

fn with(mut history: Vec<Event>, more: impl IntoIterator<Item = Event>) -> Vec<Event> {
    history.extend(more);
    history
}

fn refund_failing(attempt: u16) -> Vec<Event> {
    let more = [
        cancellation_requested(),
        refund_requested(attempt),
        refund_failed(attempt),
    ];
    with(approved(card()), more)
}

/// The history, and how long it may stay as it is.
#[rstest]
#[case::placed(placed(card()), Duration::ZERO)]
#[case::a_card_to_be_submitted(requested(card()), Duration::ZERO)]
#[case::cash_to_be_paid(requested(cash()), DAY)]
#[case::cash_to_be_called_off(
    with(requested(cash()), [cancellation_requested()]),
    Duration::ZERO
)]
#[case::submitted(submitted(card()), Duration::ZERO)]
#[case::unknown(with(submitted(card()), [payment_outcome_unknown(1)]), Duration::ZERO)]
#[case::approved(approved(cash()), Duration::ZERO)]
#[case::ready(prepared(cash()), Duration::ZERO)]
#[case::out(started(card()), 7 * DAY)]
#[case::not_taken(with(started(cash()), [delivery_failed(1)]), 7 * DAY)]
#[case::out_and_cancelled(with(started(card()), [cancellation_requested()]), Duration::ZERO)]
#[case::refund_failed(refund_failing(1), Duration::ZERO)]
fn an_order_is_listed_when_nothing_happened_for_longer_than_anything_takes(
    #[case] history: Vec<Event>,
    #[case] person: Duration,
) {
    let longest = person + patience().idle_max;
    assert_eq!(listed(&history, longest), None);
    let later = longest + Duration::from_micros(1);
    assert_eq!(listed(&history, later), Some(StuckReason::Idle));
}

#[rstest]
#[case(cash())]
#[case(card())]
fn an_order_that_has_ended_is_never_listed(#[case] method: PaymentMethod) {
    assert_eq!(listed(&completed(method), 3_650 * DAY), None);
}

#[test]
fn a_payment_is_listed_when_its_outcome_was_unknown_as_often_as_it_may_be() {
    let unknown = |check| with(submitted(card()), [payment_outcome_unknown(check)]);
    assert_eq!(listed(&unknown(2), Duration::ZERO), None);
    let reason = listed(&unknown(3), Duration::ZERO);
    assert_eq!(reason, Some(StuckReason::PaymentUnknown));
}

#[test]
fn a_refund_is_listed_when_it_has_failed_as_often_as_it_may() {
    assert_eq!(listed(&refund_failing(1), Duration::ZERO), None);
    let reason = listed(&refund_failing(2), Duration::ZERO);
    assert_eq!(reason, Some(StuckReason::RefundFailed));
}

#[test]
fn an_order_that_is_full_is_listed_whatever_it_waits_for() {
    let state = fold(&started(cash()));
    let mut order = state.order().expect("it was placed").clone();
    order.version = Version::MAX;
    let reason = stuck(&order, Duration::ZERO, &patience());
    assert_eq!(reason, Some(StuckReason::TooManyEvents));
}

#[test]
fn reasons_have_names_of_their_own() {
    let names = StuckReason::ALL.map(StuckReason::name);
    assert_eq!(
        names,
        [
            "payment_unknown",
            "refund_failed",
            "too_many_events",
            "idle"
        ]
    );
}
