//! Orders whose charge goes back.

use ordertrace_domain::{CancellationCause, Phase};

use super::{Ask, CASH, CONFIRM, Detour, LIST_REFUNDS, Path, REFUND};

const CANCELLED: Phase = Phase::Cancelled(CancellationCause::Requested);
const UNDELIVERABLE: Phase = Phase::Cancelled(CancellationCause::Undeliverable);

/// Cancelled while the confirmation was under way: the card is charged after all.
pub(crate) const CANCELLED_MEANWHILE: Path = Path {
    is_card: true,
    people: &[(CONFIRM, Ask::Cancel)],
    detour: Some((CONFIRM, Detour::PeopleAct)),
    end: CANCELLED,
    events: &[
        "OrderPlaced",
        "PaymentRequested",
        "PaymentSubmitted",
        "OrderCancellationRequested",
        "PaymentApproved",
        "RefundRequested",
        "PaymentRefunded",
        "OrderCancelled",
    ],
    money: (1_000, 1_000),
    steps: &[
        CONFIRM,
        "append PaymentApproved",
        "ack PaymentSubmitted",
        "ack OrderCancellationRequested",
        "append RefundRequested",
        "ack PaymentApproved",
        LIST_REFUNDS,
        REFUND,
        "append PaymentRefunded",
        "ack RefundRequested",
        "append OrderCancelled",
        "ack PaymentRefunded",
        "ack OrderCancelled",
    ],
    ..CASH
};

/// Charged, on its way, and cancelled.
pub(crate) const CANCELLED_ON_THE_WAY: Path = Path {
    is_card: true,
    people: &[("DeliveryStarted", Ask::Cancel)],
    end: CANCELLED,
    events: &[
        "OrderPlaced",
        "PaymentRequested",
        "PaymentSubmitted",
        "PaymentApproved",
        "DeliveryPrepared",
        "DeliveryStarted",
        "OrderCancellationRequested",
        "DeliveryCancelled",
        "RefundRequested",
        "PaymentRefunded",
        "OrderCancelled",
    ],
    money: (1_000, 1_000),
    steps: &[
        CONFIRM,
        "append DeliveryStarted",
        "append DeliveryCancelled",
        "ack OrderCancellationRequested",
        "cancel delivery-deadline",
        "cancel delivery-retry",
        "append RefundRequested",
        "ack DeliveryCancelled",
        LIST_REFUNDS,
        REFUND,
        "append PaymentRefunded",
        "ack RefundRequested",
        "append OrderCancelled",
        "ack PaymentRefunded",
        "ack OrderCancelled",
    ],
    ..CASH
};

/// Given back, but nobody knows: found by a look before it is given back again.
pub(crate) const REFUND_LOST: Path = Path {
    is_card: true,
    people: &[("DeliveryStarted", Ask::Cancel)],
    detour: Some((REFUND, Detour::LoseAnswersUntil("append RefundFailed"))),
    end: CANCELLED,
    events: &[
        "OrderPlaced",
        "PaymentRequested",
        "PaymentSubmitted",
        "PaymentApproved",
        "DeliveryPrepared",
        "DeliveryStarted",
        "OrderCancellationRequested",
        "DeliveryCancelled",
        "RefundRequested",
        "RefundFailed",
        "RefundRequested",
        "PaymentRefunded",
        "OrderCancelled",
    ],
    money: (1_000, 1_000),
    steps: &[
        LIST_REFUNDS,
        REFUND,
        "append RefundFailed",
        "ack RefundRequested",
        "set refund-retry",
        "ack RefundFailed",
        "ack refund-retry",
        "append PaymentRefunded",
        "append OrderCancelled",
        "ack PaymentRefunded",
        "ack OrderCancelled",
    ],
    ..CASH
};

/// Nobody was at home, twice: the money goes back.
pub(crate) const UNDELIVERED: Path = Path {
    is_card: true,
    people: &[("DeliveryStarted", Ask::FailToDeliver)],
    end: UNDELIVERABLE,
    events: &[
        "OrderPlaced",
        "PaymentRequested",
        "PaymentSubmitted",
        "PaymentApproved",
        "DeliveryPrepared",
        "DeliveryStarted",
        "DeliveryFailed",
        "DeliveryStarted",
        "DeliveryFailed",
        "DeliveryCancelled",
        "RefundRequested",
        "PaymentRefunded",
        "OrderCancelled",
    ],
    money: (1_000, 1_000),
    steps: &[
        "append DeliveryStarted",
        "set delivery-retry",
        "ack DeliveryFailed",
        "ack delivery-retry",
        "append DeliveryCancelled",
        "cancel delivery-deadline",
        "cancel delivery-retry",
        "append RefundRequested",
        LIST_REFUNDS,
        REFUND,
        "append PaymentRefunded",
        "append OrderCancelled",
        "ack OrderCancelled",
    ],
    ..CASH
};
