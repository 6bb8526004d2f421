//! Orders that end without a charge.

use ordertrace_domain::{CancellationCause, Phase, RejectionCause};

use super::{Ask, CALL_OFF, CASH, CONFIRM, CREATE, Detour, Path};

/// The bank says no.
pub(crate) const DECLINED: Path = Path {
    is_card: true,
    cost: 40_200,
    people: &[],
    end: Phase::Rejected(RejectionCause::PaymentDeclined),
    events: &[
        "OrderPlaced",
        "PaymentRequested",
        "PaymentSubmitted",
        "PaymentDeclined",
        "OrderRejected",
    ],
    steps: &[
        "append PaymentSubmitted",
        CONFIRM,
        // What was declined once must never be charged.
        CALL_OFF,
        "append PaymentDeclined",
        "ack PaymentSubmitted",
        "cancel payment-deadline",
        "append OrderRejected",
        "ack PaymentDeclined",
        "ack OrderRejected",
    ],
    ..CASH
};

/// Cancelled before the card was asked for anything.
pub(crate) const CANCELLED_UNCONFIRMED: Path = Path {
    is_card: true,
    people: &[("PaymentSubmitted", Ask::Cancel)],
    end: Phase::Cancelled(CancellationCause::Requested),
    events: &[
        "OrderPlaced",
        "PaymentRequested",
        "PaymentSubmitted",
        "OrderCancellationRequested",
        "PaymentVoided",
        "OrderCancelled",
    ],
    steps: &[
        CREATE,
        "append PaymentSubmitted",
        "ack PaymentRequested",
        "ack PaymentSubmitted",
        CALL_OFF,
        "append PaymentVoided",
        "ack OrderCancellationRequested",
        "cancel payment-deadline",
        "append OrderCancelled",
        "ack PaymentVoided",
        "ack OrderCancelled",
    ],
    ..CASH
};

/// The provider has the intent and never listens to its confirmation: the deadline calls it off.
pub(crate) const OVERDUE: Path = Path {
    is_card: true,
    terms: &["--payment-deadline", "8s"],
    people: &[],
    // What comes before is to be over when the deadline comes, however slow the machine.
    first: Some(CONFIRM),
    detour: Some((CONFIRM, Detour::Busy)),
    end: Phase::Rejected(RejectionCause::PaymentExpired),
    events: &[
        "OrderPlaced",
        "PaymentRequested",
        "PaymentSubmitted",
        "OrderCancellationRequested",
        "PaymentExpired",
        "OrderRejected",
    ],
    steps: &[
        CONFIRM,
        "set payment-submit",
        "ack PaymentSubmitted",
        "append OrderCancellationRequested",
        "ack payment-deadline",
        CALL_OFF,
        "append PaymentExpired",
        "ack OrderCancellationRequested",
        "cancel payment-deadline",
        "append OrderRejected",
        "ack PaymentExpired",
        "ack OrderRejected",
    ],
    ..CASH
};
