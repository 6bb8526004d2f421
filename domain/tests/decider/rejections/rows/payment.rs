//! Commands about a payment and its refund.

use ordertrace_domain::{
    Event, ProviderRef, Rejection,
    testing::fixtures::{
        card, cash,
        commands::{
            approve_payment, confirm_refund, decline_payment, expire_payment, fail_refund,
            mark_payment_unknown, request_payment, request_refund, submit_payment,
            submit_payment_as, void_payment,
        },
        events::{
            cancellation_requested, payment_expired, payment_outcome_unknown, payment_voided,
            refund_failed,
        },
        histories::{approved, completed, delivered, placed, requested, submitted},
        other_provider_ref, provider_ref,
    },
};

use super::{Row, and, cancelled, cancelling, refunded, refunding, rejected};

fn word() -> Option<ProviderRef> {
    Some(provider_ref())
}

pub(crate) fn payment_rows() -> Vec<Row> {
    [
        beginning_rows(),
        approving_rows(),
        declining_rows(),
        doubtful_rows(),
        voiding_rows(),
    ]
    .concat()
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

fn voided() -> Vec<Event> {
    and(
        requested(card()),
        [cancellation_requested(), payment_voided()],
    )
}

/// The money is there.
fn approving_rows() -> Vec<Row> {
    use Rejection::*;
    let unknown = and(submitted(card()), [payment_outcome_unknown(1)]);
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
        (voided(), approve_payment(word()), PaymentClosed),
    ]
}

/// The money is refused.
fn declining_rows() -> Vec<Row> {
    use Rejection::*;
    vec![
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
        (voided(), decline_payment(word()), PaymentClosed),
    ]
}

/// Nobody knows, or nobody has said so in time.
fn doubtful_rows() -> Vec<Row> {
    use Rejection::*;
    vec![
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
        (voided(), mark_payment_unknown(), PaymentClosed),
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
        (voided(), expire_payment(None), PaymentClosed),
    ]
}

/// The money is not wanted any more.
fn voiding_rows() -> Vec<Row> {
    use Rejection::*;
    vec![
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

pub(crate) fn refund_rows() -> Vec<Row> {
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
