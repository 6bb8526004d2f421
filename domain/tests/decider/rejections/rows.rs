//! Orders and commands, by the decider that says no.

mod payment;

use ordertrace_domain::{
    CancellationCause, Command, Event, Rejection, RejectionCause,
    testing::fixtures::{
        card, cash,
        commands::{
            cancel_delivery, cancel_order, complete_delivery, complete_order, fail_delivery,
            one_of_each, place_order, prepare_delivery, reject_order, request_cancellation,
            start_delivery,
        },
        events::{
            cancellation_requested, delivery_cancelled, delivery_failed, delivery_started,
            order_cancelled, order_rejected, payment_declined, payment_refunded, refund_requested,
        },
        histories::{approved, completed, delivered, placed, prepared, requested, started},
    },
};

pub(super) use payment::{payment_rows, refund_rows};

/// An order, a command to it, and why it is not carried out.
pub(super) type Row = (Vec<Event>, Command, Rejection);

fn and(history: Vec<Event>, more: impl IntoIterator<Item = Event>) -> Vec<Event> {
    history.into_iter().chain(more).collect()
}

fn called_back() -> Event {
    delivery_cancelled(ordertrace_domain::DeliveryCancellationCause::Overdue)
}

fn cancelling() -> Vec<Event> {
    and(placed(cash()), [cancellation_requested()])
}

fn cancelled() -> Vec<Event> {
    and(
        cancelling(),
        [order_cancelled(CancellationCause::Requested)],
    )
}

fn rejected() -> Vec<Event> {
    let declined = and(requested(cash()), [payment_declined()]);
    and(declined, [order_rejected(RejectionCause::PaymentDeclined)])
}

fn undelivered() -> Vec<Event> {
    and(
        started(card()),
        [delivery_failed(1), delivery_started(2), delivery_failed(2)],
    )
}

fn refunding() -> Vec<Event> {
    and(started(card()), [called_back(), refund_requested(1)])
}

fn refunded() -> Vec<Event> {
    and(refunding(), [payment_refunded(1)])
}

pub(super) fn order_rows() -> Vec<Row> {
    use Rejection::*;
    vec![
        (placed(cash()), place_order(cash()), OrderAlreadyPlaced),
        (completed(cash()), place_order(card()), OrderAlreadyPlaced),
        (rejected(), request_cancellation(), OrderAlreadyRejected),
        (
            completed(cash()),
            request_cancellation(),
            OrderAlreadyCompleted,
        ),
        (delivered(cash()), request_cancellation(), AlreadyDelivered),
        (rejected(), cancel_order(), OrderAlreadyRejected),
        (completed(cash()), cancel_order(), OrderAlreadyCompleted),
        (placed(cash()), cancel_order(), CancellationNotRequested),
        (approved(cash()), cancel_order(), CancellationNotRequested),
        (
            and(started(cash()), [cancellation_requested()]),
            cancel_order(),
            DeliveryNotSettled,
        ),
        (
            and(requested(cash()), [cancellation_requested()]),
            cancel_order(),
            PaymentNotSettled,
        ),
        (
            and(refunding(), [cancellation_requested()]),
            cancel_order(),
            PaymentNotSettled,
        ),
        (requested(cash()), reject_order(), PaymentNotRefused),
        (approved(card()), reject_order(), PaymentNotRefused),
        (cancelled(), reject_order(), OrderAlreadyCancelled),
        (completed(cash()), reject_order(), OrderAlreadyCompleted),
        (started(cash()), complete_order(), NotDelivered),
        (cancelled(), complete_order(), OrderAlreadyCancelled),
        (rejected(), complete_order(), OrderAlreadyRejected),
    ]
}

pub(super) fn delivery_rows() -> Vec<Row> {
    use Rejection::*;
    let called_back_goods = || and(started(cash()), [called_back()]);
    vec![
        (requested(cash()), prepare_delivery(3), PaymentNotApproved),
        (delivered(cash()), prepare_delivery(3), AlreadyDelivered),
        (
            called_back_goods(),
            prepare_delivery(3),
            DeliveryAlreadyCancelled,
        ),
        (approved(cash()), start_delivery(), DeliveryNotPrepared),
        (started(cash()), start_delivery(), DeliveryAlreadyStarted),
        (undelivered(), start_delivery(), DeliveryAttemptsExhausted),
        (delivered(cash()), start_delivery(), AlreadyDelivered),
        (
            called_back_goods(),
            start_delivery(),
            DeliveryAlreadyCancelled,
        ),
        (approved(cash()), complete_delivery(), DeliveryNotPrepared),
        (prepared(cash()), complete_delivery(), DeliveryNotStarted),
        (undelivered(), complete_delivery(), DeliveryNotStarted),
        (
            called_back_goods(),
            complete_delivery(),
            DeliveryAlreadyCancelled,
        ),
        (prepared(cash()), fail_delivery(), DeliveryNotStarted),
        (delivered(cash()), fail_delivery(), AlreadyDelivered),
        (approved(cash()), cancel_delivery(), DeliveryNotPrepared),
        (delivered(cash()), cancel_delivery(), AlreadyDelivered),
        (cancelled(), start_delivery(), OrderAlreadyCancelled),
        (rejected(), start_delivery(), OrderAlreadyRejected),
        (completed(cash()), start_delivery(), OrderAlreadyCompleted),
    ]
}

pub(super) fn unplaced_rows() -> Vec<Row> {
    let place = place_order(card());
    let commands = one_of_each().into_iter();
    commands
        .filter(|command| *command != place)
        .map(|command| (vec![], command, Rejection::OrderNotFound))
        .collect()
}
