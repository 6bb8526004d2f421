//! An order is placed, and ends completed, cancelled or rejected.

use ordertrace_domain::{
    CancellationCause, DeliveryCancellationCause, Phase, RejectionCause,
    testing::{
        fixtures::{
            card, cash,
            commands::{
                cancel_order, complete_order, place_order, reject_order, request_cancellation,
            },
            events::{
                cancellation_requested, cancellation_requested_for, delivery_cancelled,
                order_cancelled, order_completed, order_placed, order_rejected, payment_declined,
                payment_expired, payment_refunded, payment_voided, refund_requested,
            },
            histories::{approved, completed, delivered, placed, prepared, requested, started},
        },
        given,
    },
};
use rstest::rstest;

#[test]
fn a_new_order_is_placed_with_the_sum_of_its_lines() {
    given([])
        .when(place_order(card()))
        .then([order_placed(card())]);
    let state = given([order_placed(card())]).state();
    assert_eq!(state.order().unwrap().placed.total.minor(), 1_000);
}

#[test]
fn a_delivered_order_is_completed() {
    given(delivered(cash()))
        .when(complete_order())
        .then([order_completed()]);
}

#[rstest]
#[case::placed(placed(cash()))]
#[case::payment_requested(requested(cash()))]
#[case::paid(approved(card()))]
#[case::prepared(prepared(card()))]
#[case::on_the_way(started(card()))]
fn a_cancellation_may_be_asked_for_until_the_goods_have_arrived(
    #[case] history: Vec<ordertrace_domain::Event>,
) {
    given(history)
        .when(request_cancellation())
        .then([cancellation_requested()]);
}

#[test]
fn a_second_wish_to_cancel_changes_nothing() {
    given(placed(cash()))
        .and([cancellation_requested()])
        .when(request_cancellation())
        .then_nothing();
}

#[test]
fn an_order_nobody_paid_for_is_cancelled_at_once() {
    given(placed(cash()))
        .and([cancellation_requested()])
        .when(cancel_order())
        .then([order_cancelled(CancellationCause::Requested)]);
}

#[test]
fn an_order_is_cancelled_once_its_payment_is_void() {
    given(requested(cash()))
        .and([cancellation_requested(), payment_voided()])
        .when(cancel_order())
        .then([order_cancelled(CancellationCause::Requested)]);
}

#[test]
fn a_paid_order_is_cancelled_once_goods_and_money_went_back() {
    given(started(card()))
        .and([
            cancellation_requested(),
            delivery_cancelled(DeliveryCancellationCause::OrderCancelled),
            refund_requested(1),
            payment_refunded(1),
        ])
        .when(cancel_order())
        .then([order_cancelled(CancellationCause::Requested)]);
}

#[test]
fn an_undeliverable_order_is_cancelled_once_the_money_went_back() {
    given(started(card()))
        .and([
            delivery_cancelled(DeliveryCancellationCause::Overdue),
            refund_requested(1),
            payment_refunded(1),
        ])
        .when(cancel_order())
        .then([order_cancelled(CancellationCause::Undeliverable)]);
}

#[test]
fn an_overdue_payment_stays_the_cause_of_the_cancellation() {
    given(requested(cash()))
        .and([
            cancellation_requested_for(CancellationCause::PaymentOverdue),
            payment_voided(),
        ])
        .when(cancel_order())
        .then([order_cancelled(CancellationCause::PaymentOverdue)]);
}

#[test]
fn an_order_whose_payment_was_declined_is_rejected() {
    given(requested(cash()))
        .and([payment_declined()])
        .when(reject_order())
        .then([order_rejected(RejectionCause::PaymentDeclined)]);
}

#[test]
fn an_order_whose_payment_expired_is_rejected() {
    given(requested(cash()))
        .and([payment_expired()])
        .when(reject_order())
        .then([order_rejected(RejectionCause::PaymentExpired)]);
}

#[test]
fn an_order_whose_payment_was_declined_while_it_was_cancelled_may_end_either_way() {
    let history = given(requested(cash())).and([cancellation_requested(), payment_declined()]);
    history
        .clone()
        .when(cancel_order())
        .then([order_cancelled(CancellationCause::Requested)]);
    history
        .when(reject_order())
        .then([order_rejected(RejectionCause::PaymentDeclined)]);
}

#[test]
fn an_order_ends_once() {
    given(completed(cash()))
        .when(complete_order())
        .then_nothing();
    given(placed(cash()))
        .and([cancellation_requested()])
        .and([order_cancelled(CancellationCause::Requested)])
        .when(cancel_order())
        .then_nothing();
    given(requested(cash()))
        .and([payment_declined()])
        .and([order_rejected(RejectionCause::PaymentDeclined)])
        .when(reject_order())
        .then_nothing();
}

#[test]
fn a_cancelled_order_takes_the_wish_to_cancel_it_as_fulfilled() {
    given(placed(cash()))
        .and([cancellation_requested()])
        .and([order_cancelled(CancellationCause::Requested)])
        .when(request_cancellation())
        .then_nothing();
}

#[test]
fn only_an_order_that_ended_has_ended() {
    let phase = |history| given(history).state().order().unwrap().phase;
    assert_eq!(phase(delivered(cash())), Phase::Open);
    assert!(!phase(delivered(cash())).has_ended());
    assert_eq!(phase(completed(cash())), Phase::Completed);
    assert!(phase(completed(cash())).has_ended());
}
