//! Money goes back.

use ordertrace_domain::{
    CancellationCause, DeliveryCancellationCause, Event, Rejection,
    testing::{
        fixtures::{
            card, cash,
            commands::{cancel_order, confirm_refund, fail_refund, request_refund},
            events::{
                cancellation_requested, cancellation_requested_for, delivery_cancelled,
                delivery_failed, order_cancelled, payment_refunded, refund_failed,
                refund_requested,
            },
            histories::{approved, prepared, started},
        },
        given,
    },
};
use rstest::rstest;

/// What an operator's refund withdraws first.
fn withdrawn() -> Event {
    cancellation_requested_for(CancellationCause::Refunded)
}

fn called_back() -> Event {
    delivery_cancelled(DeliveryCancellationCause::OrderCancelled)
}

#[rstest]
#[case::prepared(prepared(card()))]
#[case::on_the_way(started(card()))]
#[case::not_handed_over([started(card()), vec![delivery_failed(1)]].concat())]
fn a_refund_of_an_order_on_its_way_withdraws_order_and_goods_in_one_decision(
    #[case] history: Vec<Event>,
) {
    given(history)
        .when(request_refund())
        .then([withdrawn(), called_back(), refund_requested(1)]);
}

#[test]
fn a_refund_before_the_goods_are_ready_withdraws_the_order() {
    given(approved(cash()))
        .when(request_refund())
        .then([withdrawn(), refund_requested(1)]);
}

#[test]
fn a_refund_of_an_order_being_cancelled_only_calls_back_what_is_out() {
    given(started(card()))
        .and([cancellation_requested()])
        .when(request_refund())
        .then([called_back(), refund_requested(1)]);
    given(started(card()))
        .and([cancellation_requested(), called_back()])
        .when(request_refund())
        .then([refund_requested(1)]);
}

#[test]
fn an_undeliverable_order_is_refunded_without_a_wish_to_cancel_it() {
    given(started(card()))
        .and([delivery_cancelled(
            DeliveryCancellationCause::AttemptsExhausted,
        )])
        .when(request_refund())
        .then([refund_requested(1)]);
}

#[test]
fn a_refund_under_way_is_not_begun_again() {
    given(approved(cash()))
        .and([withdrawn(), refund_requested(1)])
        .when(request_refund())
        .then_rejected(Rejection::RefundAlreadyRequested);
}

#[test]
fn the_money_goes_back_once() {
    let refunding = given(approved(card())).and([withdrawn(), refund_requested(1)]);
    refunding
        .clone()
        .when(confirm_refund())
        .then([payment_refunded(1)]);
    refunding
        .and([payment_refunded(1)])
        .when(confirm_refund())
        .then_nothing();
}

#[test]
fn a_refund_that_failed_is_tried_again_under_the_next_number() {
    let failing = given(approved(card())).and([withdrawn(), refund_requested(1)]);
    failing.clone().when(fail_refund()).then([refund_failed(1)]);
    failing
        .clone()
        .and([refund_failed(1)])
        .when(request_refund())
        .then([refund_requested(2)]);
    failing
        .and([refund_failed(1), refund_requested(2)])
        .when(confirm_refund())
        .then([payment_refunded(2)]);
}

#[test]
fn an_answer_on_a_refund_that_already_failed_is_too_late() {
    let failed = given(approved(card())).and([withdrawn(), refund_requested(1), refund_failed(1)]);
    failed
        .clone()
        .when(confirm_refund())
        .then_rejected(Rejection::RefundNotRequested);
    failed
        .when(fail_refund())
        .then_rejected(Rejection::RefundNotRequested);
}

#[test]
fn an_operators_refund_ends_the_order_cancelled() {
    given(started(card()))
        .and([withdrawn(), called_back(), refund_requested(1)])
        .and([payment_refunded(1)])
        .when(cancel_order())
        .then([order_cancelled(CancellationCause::Refunded)]);
}
