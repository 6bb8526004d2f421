//! Rejections: the business says no. A rejection is an answer, not an error; it changes nothing.

use crate::Event;

/// What a decider answers: the events that follow, or why none do.
pub(crate) type Decision = Result<Vec<Event>, Rejection>;

/// Why a command is not carried out. Each states a fact about the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Rejection {
    /// Nobody placed an order of this id.
    #[error("there is no such order")]
    OrderNotFound,
    /// An order of this id was placed before, by another command.
    #[error("the order was already placed")]
    OrderAlreadyPlaced,
    /// What was begun is being undone.
    #[error("the order is being cancelled")]
    OrderBeingCancelled,
    /// It ended without goods or money.
    #[error("the order was cancelled")]
    OrderAlreadyCancelled,
    /// It ended because it was not paid.
    #[error("the order was rejected")]
    OrderAlreadyRejected,
    /// It ended, paid and delivered.
    #[error("the order is completed")]
    OrderAlreadyCompleted,
    /// Nobody asked for the order to be undone.
    #[error("nobody asked to cancel the order")]
    CancellationNotRequested,
    /// Money is held or on its way.
    #[error("the payment is not settled yet")]
    PaymentNotSettled,
    /// Goods are out or about to go.
    #[error("the delivery is not settled yet")]
    DeliveryNotSettled,
    /// The payment was neither declined nor did it expire.
    #[error("the payment was not refused")]
    PaymentNotRefused,
    /// The money was not asked for yet.
    #[error("the payment was not requested yet")]
    PaymentNotRequested,
    /// The provider has no part in a payment in cash.
    #[error("the payment is not by card")]
    PaymentNotByCard,
    /// The provider does not know of the payment yet.
    #[error("the payment was not submitted to the payment provider yet")]
    PaymentNotSubmitted,
    /// Only the provider's answer closes it.
    #[error("the payment provider has the payment in hand; only its answer closes it")]
    PaymentHeldByProvider,
    /// The answer is on another attempt than the one that is open.
    #[error("the payment provider's reference is not that of this payment")]
    ProviderReferenceMismatch,
    /// The money is there.
    #[error("the payment was already approved")]
    PaymentAlreadyApproved,
    /// The money is not there.
    #[error("the payment was not approved")]
    PaymentNotApproved,
    /// Declined, expired, voided or refunded.
    #[error("the payment is closed")]
    PaymentClosed,
    /// The money is on its way back.
    #[error("the refund was already requested")]
    RefundAlreadyRequested,
    /// Nobody asked for the money back.
    #[error("no refund was requested")]
    RefundNotRequested,
    /// The goods are not ready.
    #[error("the delivery was not prepared yet")]
    DeliveryNotPrepared,
    /// The goods are on the way.
    #[error("the delivery was already started")]
    DeliveryAlreadyStarted,
    /// The goods are not on the way.
    #[error("the delivery was not started")]
    DeliveryNotStarted,
    /// The goods have not arrived.
    #[error("the order was not delivered yet")]
    NotDelivered,
    /// The goods have arrived.
    #[error("the order was already delivered")]
    AlreadyDelivered,
    /// The goods were called back.
    #[error("the delivery was cancelled")]
    DeliveryAlreadyCancelled,
    /// Every attempt at the delivery failed.
    #[error("no delivery attempt is left")]
    DeliveryAttemptsExhausted,
}
