//! How far an order has come, in words: a precise `state`, and beside it the original system's coarser `status`.
//!
//! Invariant: a state has one status, but for an order that is being undone, which keeps the status of its last
//! milestone. `docs/http.md` lists every pair there is, and a test walks all an order can come to.

use ordertrace_domain::{Delivery, Order, Payment, Phase};

/// Every precise state of an order there is, in the order in which they are come to.
pub const TRACE_STATES: [&str; 19] = [
    "placed",
    "payment_requested",
    "payment_submitted",
    "payment_unknown",
    "payment_approved",
    "payment_declined",
    "payment_expired",
    "delivery_prepared",
    "delivery_started",
    "delivery_failed",
    "delivered",
    "delivery_cancelled",
    "cancelling",
    "refund_requested",
    "refund_failed",
    "refunded",
    "cancelled",
    "rejected",
    "completed",
];

/// Every one of the original's words for an order.
pub const TRACE_STATUSES: [&str; 7] = [
    "Order END",
    "PAY END",
    "PAY CANCEL",
    "DELIVERY START",
    "DELIVERY CANCEL",
    "DELIVERY END",
    "ORDER CANCEL",
];

/// Every precise state of a payment.
pub const PAYMENT_STATES: [&str; 11] = [
    "payment_not_requested",
    "payment_requested",
    "payment_submitted",
    "payment_unknown",
    "payment_approved",
    "payment_declined",
    "payment_expired",
    "payment_voided",
    "refund_requested",
    "refund_failed",
    "refunded",
];

/// Every one of the original's words for a payment.
pub const PAYMENT_STATUSES: [&str; 3] = ["REQUEST", "END", "CANCEL"];

/// Every precise state of a delivery.
pub const DELIVERY_STATES: [&str; 6] = [
    "delivery_not_prepared",
    "delivery_prepared",
    "delivery_started",
    "delivery_failed",
    "delivered",
    "delivery_cancelled",
];

/// Every one of the original's words for a delivery.
pub const DELIVERY_STATUSES: [&str; 4] = ["READY", "START", "END", "CANCEL"];

/// The precise state of an order.
pub fn trace_state(order: &Order) -> &'static str {
    match order.phase {
        Phase::Open => open_state(order),
        Phase::Cancelling(_) => match order.payment {
            Payment::RefundRequested { .. } => "refund_requested",
            Payment::RefundFailed { .. } => "refund_failed",
            Payment::NotRequested
            | Payment::Requested { .. }
            | Payment::Submitted { .. }
            | Payment::Unknown { .. }
            | Payment::Approved { .. }
            | Payment::Declined { .. }
            | Payment::Expired
            | Payment::Voided
            | Payment::Refunded { .. } => "cancelling",
        },
        Phase::Cancelled(_) => "cancelled",
        Phase::Rejected(_) => "rejected",
        Phase::Completed => "completed",
    }
}

fn open_state(order: &Order) -> &'static str {
    match (&order.payment, &order.delivery) {
        (Payment::NotRequested, _) => "placed",
        (Payment::Approved { .. }, Delivery::NotPrepared) => payment_state(&order.payment),
        (Payment::Approved { .. }, delivery) => delivery_state(delivery),
        (payment, _) => payment_state(payment),
    }
}

/// The precise state of a payment.
pub const fn payment_state(payment: &Payment) -> &'static str {
    match payment {
        Payment::NotRequested => "payment_not_requested",
        Payment::Requested { .. } => "payment_requested",
        Payment::Submitted { .. } => "payment_submitted",
        Payment::Unknown { .. } => "payment_unknown",
        Payment::Approved { .. } => "payment_approved",
        Payment::Declined { .. } => "payment_declined",
        Payment::Expired => "payment_expired",
        Payment::Voided => "payment_voided",
        Payment::RefundRequested { .. } => "refund_requested",
        Payment::RefundFailed { .. } => "refund_failed",
        Payment::Refunded { .. } => "refunded",
    }
}

/// The precise state of a delivery.
pub const fn delivery_state(delivery: &Delivery) -> &'static str {
    match delivery {
        Delivery::NotPrepared => "delivery_not_prepared",
        Delivery::Prepared { .. } => "delivery_prepared",
        Delivery::Started { .. } => "delivery_started",
        Delivery::Failed { .. } => "delivery_failed",
        Delivery::Completed { .. } => "delivered",
        Delivery::Cancelled { .. } => "delivery_cancelled",
    }
}

/// The original's word for an order: the last of its milestones.
pub const fn trace_status(order: &Order) -> &'static str {
    match order.phase {
        Phase::Cancelled(_) | Phase::Rejected(_) => "ORDER CANCEL",
        Phase::Completed => "DELIVERY END",
        Phase::Open | Phase::Cancelling(_) => match (&order.delivery, &order.payment) {
            (_, Payment::Voided | Payment::Refunded { .. }) => "PAY CANCEL",
            (Delivery::Completed { .. }, _) => "DELIVERY END",
            (Delivery::Cancelled { .. }, _) => "DELIVERY CANCEL",
            (Delivery::Started { .. } | Delivery::Failed { .. }, _) => "DELIVERY START",
            (
                Delivery::NotPrepared | Delivery::Prepared { .. },
                Payment::Approved { .. }
                | Payment::RefundRequested { .. }
                | Payment::RefundFailed { .. },
            ) => "PAY END",
            (
                Delivery::NotPrepared | Delivery::Prepared { .. },
                Payment::NotRequested
                | Payment::Requested { .. }
                | Payment::Submitted { .. }
                | Payment::Unknown { .. }
                | Payment::Declined { .. }
                | Payment::Expired,
            ) => "Order END",
        },
    }
}

/// The original's word for a payment.
pub const fn payment_status(payment: &Payment) -> &'static str {
    match payment {
        Payment::NotRequested
        | Payment::Requested { .. }
        | Payment::Submitted { .. }
        | Payment::Unknown { .. } => "REQUEST",
        Payment::Approved { .. }
        | Payment::RefundRequested { .. }
        | Payment::RefundFailed { .. } => "END",
        Payment::Declined { .. }
        | Payment::Expired
        | Payment::Voided
        | Payment::Refunded { .. } => "CANCEL",
    }
}

/// The original's word for a delivery.
pub const fn delivery_status(delivery: &Delivery) -> &'static str {
    match delivery {
        Delivery::NotPrepared | Delivery::Prepared { .. } => "READY",
        Delivery::Started { .. } | Delivery::Failed { .. } => "START",
        Delivery::Completed { .. } => "END",
        Delivery::Cancelled { .. } => "CANCEL",
    }
}
