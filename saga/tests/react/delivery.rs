//! From the money to the goods.

use std::slice;

use ordertrace_domain::{
    Command, DeliveryCancellationCause, DeliveryCommand, Event, TimerName,
    testing::fixtures::{
        card, cash,
        commands::{complete_order, request_refund, start_delivery},
        events::{delivery_cancelled, delivery_completed, delivery_failed, delivery_started},
        histories::{ATTEMPTS_MAX, delivered, prepared, started},
    },
};
use ordertrace_saga::{Effect, Policy};
use rstest::rstest;

use crate::ask::{cancels, gives, gives_again, on_last, on_resume, on_timer, sets, with};

fn failed(attempt: u16) -> Vec<Event> {
    let more = (2..=attempt).flat_map(|next| [delivery_failed(next - 1), delivery_started(next)]);
    with(with(started(cash()), more), [delivery_failed(attempt)])
}

fn call_back(cause: DeliveryCancellationCause) -> Command {
    DeliveryCommand::CancelDelivery { cause }.into()
}

#[rstest]
#[case(prepared(cash()))]
#[case(prepared(card()))]
fn goods_that_are_ready_go_out(#[case] history: Vec<Event>) {
    assert_eq!(
        on_last(&history),
        [gives("StartDelivery", start_delivery())]
    );
    assert_eq!(
        on_resume(&history),
        [gives("StartDelivery", start_delivery())]
    );
}

#[test]
fn goods_that_are_out_wait_for_the_courier() {
    assert_eq!(on_last(&started(cash())), []);
}

/// Its timer may have got lost, and nothing else would ever wake the order.
#[test]
fn an_operator_sets_the_deadline_of_goods_that_are_out_anew() {
    assert_eq!(on_resume(&started(cash())), [sets_the_deadline()]);
}

fn sets_the_deadline() -> Effect {
    let deadline = Policy::default().delivery_deadline;
    sets(TimerName::DeliveryDeadline, deadline)
}

#[test]
fn a_failed_attempt_is_tried_again_after_a_while() {
    let delay = Policy::default().delivery_retry_delay;
    assert_eq!(on_last(&failed(1)), [sets(TimerName::DeliveryRetry, delay)]);
}

#[test]
fn the_next_attempt_begins_by_the_timer_or_an_operator() {
    let next = gives_again("StartDelivery", 2, start_delivery());
    let by_timer = on_timer(&failed(1), TimerName::DeliveryRetry);
    assert_eq!(by_timer, slice::from_ref(&next));
    assert_eq!(on_resume(&failed(1)), [sets_the_deadline(), next]);
}

#[test]
fn a_delivery_that_failed_for_good_is_called_back() {
    let effects = [gives(
        "CancelDelivery",
        call_back(DeliveryCancellationCause::AttemptsExhausted),
    )];
    assert_eq!(on_last(&failed(ATTEMPTS_MAX)), effects);
    assert_eq!(
        on_timer(&failed(ATTEMPTS_MAX), TimerName::DeliveryRetry),
        effects
    );
    assert_eq!(on_resume(&failed(ATTEMPTS_MAX)), effects);
}

#[rstest]
#[case::ready(prepared(card()))]
#[case::out(started(card()))]
#[case::not_taken(failed(1))]
fn a_delivery_that_is_overdue_is_called_back(#[case] history: Vec<Event>) {
    let effects = on_timer(&history, TimerName::DeliveryDeadline);
    let cause = DeliveryCancellationCause::Overdue;
    assert_eq!(effects, [gives("CancelDelivery", call_back(cause))]);
}

#[rstest]
#[case(DeliveryCancellationCause::AttemptsExhausted)]
#[case(DeliveryCancellationCause::Overdue)]
fn undeliverable_goods_are_paid_back(#[case] cause: DeliveryCancellationCause) {
    let history = with(started(card()), [delivery_cancelled(cause)]);
    let effects = [
        cancels(TimerName::DeliveryDeadline),
        cancels(TimerName::DeliveryRetry),
        gives("RequestRefund", request_refund()),
    ];
    assert_eq!(on_last(&history), effects);
}

#[test]
fn an_order_whose_goods_arrived_is_completed() {
    let effects = [
        cancels(TimerName::DeliveryDeadline),
        gives("CompleteOrder", complete_order()),
    ];
    assert_eq!(on_last(&delivered(card())), effects);
    assert_eq!(on_resume(&delivered(card())), effects);
}

#[test]
fn goods_that_arrived_on_a_later_attempt_leave_no_retry_behind() {
    let history = with(failed(1), [delivery_started(2), delivery_completed(2)]);
    let effects = [
        cancels(TimerName::DeliveryDeadline),
        cancels(TimerName::DeliveryRetry),
        gives("CompleteOrder", complete_order()),
    ];
    assert_eq!(on_last(&history), effects);
}
