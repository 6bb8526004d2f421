//! Orders that are delivered and paid.

use ordertrace_domain::Phase;

use super::{Ask, CONFIRM, CREATE, Detour, LOOK_UP, NO_WAITS, Path};

/// Paid over the counter and delivered.
pub(crate) const CASH: Path = Path {
    is_card: false,
    cost: 1_000,
    terms: NO_WAITS,
    people: &[
        ("PaymentRequested", Ask::Pay),
        ("DeliveryStarted", Ask::Deliver),
    ],
    first: None,
    detour: None,
    end: Phase::Completed,
    events: &[
        "OrderPlaced",
        "PaymentRequested",
        "PaymentApproved",
        "DeliveryPrepared",
        "DeliveryStarted",
        "DeliveryCompleted",
        "OrderCompleted",
    ],
    money: (0, 0),
    steps: &[
        "set payment-deadline",
        "append PaymentRequested",
        "ack OrderPlaced",
        "ack PaymentRequested",
        "cancel payment-deadline",
        "set delivery-deadline",
        "append DeliveryPrepared",
        "ack PaymentApproved",
        "append DeliveryStarted",
        "ack DeliveryPrepared",
        "ack DeliveryStarted",
        "cancel delivery-deadline",
        "append OrderCompleted",
        "ack DeliveryCompleted",
        "ack OrderCompleted",
    ],
};

/// Charged and delivered.
pub(crate) const CARD: Path = Path {
    is_card: true,
    people: &[("DeliveryStarted", Ask::Deliver)],
    events: &[
        "OrderPlaced",
        "PaymentRequested",
        "PaymentSubmitted",
        "PaymentApproved",
        "DeliveryPrepared",
        "DeliveryStarted",
        "DeliveryCompleted",
        "OrderCompleted",
    ],
    money: (1_000, 0),
    steps: &[
        "set payment-deadline",
        "append PaymentRequested",
        "ack OrderPlaced",
        CREATE,
        "append PaymentSubmitted",
        "ack PaymentRequested",
        CONFIRM,
        "append PaymentApproved",
        "ack PaymentSubmitted",
        "cancel payment-deadline",
        "set delivery-deadline",
        "append DeliveryPrepared",
        "ack PaymentApproved",
        "append DeliveryStarted",
        "ack DeliveryPrepared",
        "ack DeliveryStarted",
        "cancel delivery-deadline",
        "append OrderCompleted",
        "ack DeliveryCompleted",
        "ack OrderCompleted",
    ],
    ..CASH
};

/// Charged, but nobody knows: found by a look.
pub(crate) const CONFIRMATION_LOST: Path = Path {
    is_card: true,
    people: &[("DeliveryStarted", Ask::Deliver)],
    detour: Some((
        CONFIRM,
        Detour::LoseAnswersUntil("append PaymentOutcomeUnknown"),
    )),
    events: &[
        "OrderPlaced",
        "PaymentRequested",
        "PaymentSubmitted",
        "PaymentOutcomeUnknown",
        "PaymentApproved",
        "DeliveryPrepared",
        "DeliveryStarted",
        "DeliveryCompleted",
        "OrderCompleted",
    ],
    money: (1_000, 0),
    steps: &[
        CONFIRM,
        "append PaymentOutcomeUnknown",
        "ack PaymentSubmitted",
        "set payment-check",
        "ack PaymentOutcomeUnknown",
        LOOK_UP,
        "append PaymentApproved",
        "ack payment-check",
        "ack PaymentApproved",
        "append OrderCompleted",
        "ack OrderCompleted",
    ],
    ..CASH
};
