//! Goods are prepared, sent out in one or more attempts, and arrive or are called back.

use ordertrace_domain::{
    DeliveryCancellationCause, Event, Rejection,
    testing::{
        fixtures::{
            card, cash,
            commands::{
                cancel_delivery, complete_delivery, fail_delivery, prepare_delivery, start_delivery,
            },
            events::{
                cancellation_requested, delivery_cancelled, delivery_completed, delivery_failed,
                delivery_prepared, delivery_started,
            },
            histories::{approved, delivered, prepared, started},
        },
        given,
    },
};
use rstest::rstest;

#[test]
fn goods_are_prepared_once_the_money_is_there() {
    given(approved(cash()))
        .when(prepare_delivery(3))
        .then([delivery_prepared(3)]);
}

#[test]
fn what_was_prepared_is_not_prepared_again_by_another_bound() {
    for history in [prepared(cash()), started(cash())] {
        given(history).when(prepare_delivery(9)).then_nothing();
    }
}

#[test]
fn goods_go_out_once_an_attempt() {
    given(prepared(cash()))
        .when(start_delivery())
        .then([delivery_started(1)]);
    given(started(cash()))
        .when(start_delivery())
        .then_rejected(Rejection::DeliveryAlreadyStarted);
}

#[test]
fn goods_arrive_once() {
    given(started(cash()))
        .when(complete_delivery())
        .then([delivery_completed(1)]);
    given(delivered(cash()))
        .when(complete_delivery())
        .then_nothing();
}

#[test]
fn after_a_failed_attempt_the_next_one_begins() {
    given(started(cash()))
        .when(fail_delivery())
        .then([delivery_failed(1)]);
    given(started(cash()))
        .and([delivery_failed(1)])
        .when(start_delivery())
        .then([delivery_started(2)]);
    given(started(cash()))
        .and([delivery_failed(1), delivery_started(2)])
        .when(complete_delivery())
        .then([delivery_completed(2)]);
}

#[test]
fn after_the_last_attempt_there_is_no_other() {
    given(started(cash()))
        .and([delivery_failed(1), delivery_started(2), delivery_failed(2)])
        .when(start_delivery())
        .then_rejected(Rejection::DeliveryAttemptsExhausted);
}

#[test]
fn the_bound_on_attempts_is_the_one_the_delivery_was_prepared_with() {
    given(approved(cash()))
        .and([
            delivery_prepared(1),
            delivery_started(1),
            delivery_failed(1),
        ])
        .when(start_delivery())
        .then_rejected(Rejection::DeliveryAttemptsExhausted);
}

#[rstest]
#[case::prepared(prepared(card()))]
#[case::on_the_way(started(card()))]
#[case::not_handed_over([started(card()), vec![delivery_failed(1)]].concat())]
fn goods_that_have_not_arrived_are_called_back(#[case] history: Vec<Event>) {
    given(history)
        .when(cancel_delivery())
        .then([delivery_cancelled(
            DeliveryCancellationCause::OrderCancelled,
        )]);
}

#[test]
fn goods_are_called_back_once() {
    given(started(card()))
        .and([delivery_cancelled(DeliveryCancellationCause::Overdue)])
        .when(cancel_delivery())
        .then_nothing();
}

#[rstest]
#[case(start_delivery())]
#[case(complete_delivery())]
#[case(fail_delivery())]
#[case(prepare_delivery(3))]
fn a_cancellation_that_came_first_wins(#[case] command: ordertrace_domain::Command) {
    given(started(card()))
        .and([cancellation_requested()])
        .when(command)
        .then_rejected(Rejection::OrderBeingCancelled);
}
