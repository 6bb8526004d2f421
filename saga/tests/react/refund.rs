//! Giving the money back.

use std::time::Duration;

use ordertrace_domain::{
    Event, PaymentCommand, TimerName,
    testing::fixtures::{
        card, cash,
        commands::request_refund,
        events::{cancellation_requested, refund_failed, refund_requested},
        histories::approved,
    },
};
use rstest::rstest;

use crate::ask::{asks_to_refund, gives_again, on_last, on_resume, on_timer, sets, with};

fn cancelled_after_approval() -> Vec<Event> {
    with(approved(card()), [cancellation_requested()])
}

fn requested(attempt: u16) -> Vec<Event> {
    with(cancelled_after_approval(), [refund_requested(attempt)])
}

fn failed(attempt: u16) -> Vec<Event> {
    with(requested(attempt), [refund_failed(attempt)])
}

#[test]
fn cash_goes_back_over_the_counter() {
    let history = with(
        approved(cash()),
        [cancellation_requested(), refund_requested(1)],
    );
    let confirm = PaymentCommand::ConfirmRefund { refund_ref: None };
    let effects = [gives_again("ConfirmRefund", 1, confirm)];
    assert_eq!(on_last(&history), effects);
    assert_eq!(on_resume(&history), effects);
}

#[rstest]
#[case(1)]
#[case(2)]
fn a_card_is_paid_back_by_the_provider(#[case] attempt: u16) {
    assert_eq!(on_last(&requested(attempt)), [asks_to_refund(attempt)]);
    assert_eq!(on_resume(&requested(attempt)), [asks_to_refund(attempt)]);
}

#[test]
fn a_refund_that_is_under_way_is_hurried_by_no_timer_but_its_own() {
    for timer in TimerName::ALL {
        let is_its_own = timer == TimerName::RefundRetry;
        let effects = Vec::from_iter(is_its_own.then(|| asks_to_refund(1)));
        assert_eq!(on_timer(&requested(1), timer), effects, "{timer:?}");
    }
}

#[test]
fn a_cancellation_during_the_refund_does_not_stop_it() {
    let undeliverable = with(
        approved(card()),
        [refund_requested(1), cancellation_requested()],
    );
    assert_eq!(on_last(&undeliverable), [asks_to_refund(1)]);
}

#[rstest]
#[case(1, 5)]
#[case(2, 10)]
#[case(9, 600)]
fn a_failed_refund_waits_longer_each_time(#[case] attempt: u16, #[case] secs: u64) {
    let wait = Duration::from_secs(secs);
    assert_eq!(
        on_last(&failed(attempt)),
        [sets(TimerName::RefundRetry, wait)]
    );
}

#[test]
fn a_failed_refund_is_tried_again_under_the_next_number() {
    let effects = [gives_again("RequestRefund", 2, request_refund())];
    assert_eq!(on_timer(&failed(1), TimerName::RefundRetry), effects);
    assert_eq!(on_resume(&failed(1)), effects);
}
