//! Orders and commands, by the decider that says no.

use ordertrace_domain::{
    CancellationCause, Command, Event, Rejection, RejectionCause,
    testing::fixtures::{
        card, cash,
        commands::{
            approve_payment, cancel_delivery, cancel_order, complete_delivery, complete_order,
            confirm_refund, decline_payment, expire_payment, fail_delivery, fail_refund,
            mark_payment_unknown, one_of_each, place_order, prepare_delivery, reject_order,
            request_cancellation, request_payment, request_refund, start_delivery, submit_payment,
            submit_payment_as, void_payment,
        },
        events::{
            cancellation_requested, delivery_cancelled, delivery_failed, delivery_started,
            order_cancelled, order_rejected, payment_declined, payment_expired,
            payment_outcome_unknown, payment_refunded, payment_voided, refund_failed,
            refund_requested,
        },
        histories::{
            approved, completed, delivered, placed, prepared, requested, started, submitted,
        },
        other_provider_ref, provider_ref,
    },
};

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

fn word() -> Option<ordertrace_domain::ProviderRef> {
    Some(provider_ref())
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

pub(super) fn payment_rows() -> Vec<Row> {
    [beginning_rows(), closing_rows()].concat()
}

/// Asking for the money and handing the payment to the provider.
fn beginning_rows() -> Vec<Row> {
    use Rejection::*;
    let unknown = and(submitted(card()), [payment_outcome_unknown(1)]);
    let expired = and(requested(card()), [payment_expired()]);
    vec![
        (cancelling(), request_payment(), OrderBeingCancelled),
        (cancelled(), request_payment(), OrderAlreadyCancelled),
        (rejected(), request_payment(), OrderAlreadyRejected),
        (completed(cash()), request_payment(), OrderAlreadyCompleted),
        (submitted(card()), request_payment(), PaymentHeldByProvider),
        (approved(card()), request_payment(), PaymentAlreadyApproved),
        (expired.clone(), request_payment(), PaymentClosed),
        (requested(cash()), submit_payment(), PaymentNotByCard),
        (placed(card()), submit_payment(), PaymentNotRequested),
        (
            submitted(card()),
            submit_payment_as(other_provider_ref()),
            PaymentHeldByProvider,
        ),
        (unknown, submit_payment(), PaymentHeldByProvider),
        (approved(card()), submit_payment(), PaymentAlreadyApproved),
        (expired, submit_payment(), PaymentClosed),
    ]
}

/// Whatever ends a payment.
// Long because it is a table: a row a case.
fn closing_rows() -> Vec<Row> {
    use Rejection::*;
    let unknown = and(submitted(card()), [payment_outcome_unknown(1)]);
    let voided = and(
        requested(card()),
        [cancellation_requested(), payment_voided()],
    );
    vec![
        (placed(cash()), approve_payment(None), PaymentNotRequested),
        (
            requested(card()),
            approve_payment(None),
            PaymentNotSubmitted,
        ),
        (
            requested(card()),
            approve_payment(word()),
            PaymentNotSubmitted,
        ),
        (
            submitted(card()),
            approve_payment(None),
            PaymentHeldByProvider,
        ),
        (
            unknown,
            approve_payment(Some(other_provider_ref())),
            ProviderReferenceMismatch,
        ),
        (
            approved(cash()),
            approve_payment(word()),
            PaymentAlreadyApproved,
        ),
        (voided.clone(), approve_payment(word()), PaymentClosed),
        (placed(cash()), decline_payment(None), PaymentNotRequested),
        (
            submitted(card()),
            decline_payment(None),
            PaymentHeldByProvider,
        ),
        (
            approved(card()),
            decline_payment(word()),
            PaymentAlreadyApproved,
        ),
        (voided.clone(), decline_payment(word()), PaymentClosed),
        (placed(card()), mark_payment_unknown(), PaymentNotRequested),
        (
            requested(card()),
            mark_payment_unknown(),
            PaymentNotSubmitted,
        ),
        (
            approved(card()),
            mark_payment_unknown(),
            PaymentAlreadyApproved,
        ),
        (voided.clone(), mark_payment_unknown(), PaymentClosed),
        (
            submitted(card()),
            expire_payment(None),
            PaymentHeldByProvider,
        ),
        (
            approved(card()),
            expire_payment(word()),
            PaymentAlreadyApproved,
        ),
        (voided, expire_payment(None), PaymentClosed),
        (
            requested(cash()),
            void_payment(None),
            CancellationNotRequested,
        ),
        (cancelling(), void_payment(None), PaymentNotRequested),
        (
            and(submitted(card()), [cancellation_requested()]),
            void_payment(None),
            PaymentHeldByProvider,
        ),
        (
            and(approved(card()), [cancellation_requested()]),
            void_payment(word()),
            PaymentAlreadyApproved,
        ),
        (rejected(), void_payment(None), PaymentClosed),
    ]
}

pub(super) fn refund_rows() -> Vec<Row> {
    use Rejection::*;
    vec![
        (requested(cash()), request_refund(), PaymentNotApproved),
        (submitted(card()), request_refund(), PaymentNotApproved),
        (delivered(cash()), request_refund(), AlreadyDelivered),
        (completed(cash()), request_refund(), AlreadyDelivered),
        (refunded(), request_refund(), PaymentClosed),
        (rejected(), request_refund(), PaymentClosed),
        (refunding(), request_refund(), RefundAlreadyRequested),
        (approved(cash()), confirm_refund(), RefundNotRequested),
        (requested(cash()), fail_refund(), RefundNotRequested),
        (
            and(refunding(), [refund_failed(1)]),
            confirm_refund(),
            RefundNotRequested,
        ),
        (refunded(), fail_refund(), RefundNotRequested),
        (refunding(), request_payment(), PaymentAlreadyApproved),
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
