//! What happened to an order.

use serde::{Deserialize, Serialize};

use super::{OrderLines, PaymentMethod};
use crate::{Amount, Currency, CustomerId, Reason, event::event_group};

event_group! {
    /// An event of the Order decider.
    OrderEvent {
        OrderPlaced @ 1,
        OrderCancellationRequested @ 1,
        OrderCancelled @ 1,
        OrderRejected @ 1,
        OrderCompleted @ 1,
    }
}

/// A customer placed the order: always its first event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderPlaced {
    /// Who ordered.
    pub customer_id: CustomerId,
    /// The currency of all its amounts.
    pub currency: Currency,
    /// What is to be paid: the sum of the lines.
    pub total: Amount,
    /// What was ordered.
    pub lines: OrderLines,
    /// How it is to be paid.
    pub payment_method: PaymentMethod,
}

/// What an order is unwound for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CancellationCause {
    /// Somebody asked for it.
    Requested,
    /// The payment deadline passed while the provider had the payment in hand.
    PaymentOverdue,
    /// The goods could not be delivered, or not in time.
    Undeliverable,
    /// An operator gave the money back.
    Refunded,
}

/// The order is to be undone, as soon as what was begun is compensated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderCancellationRequested {
    /// What for.
    pub cause: CancellationCause,
    /// In the asker's words.
    pub reason: Option<Reason>,
}

/// The order ended: no goods, no money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderCancelled {
    /// What for.
    pub cause: CancellationCause,
}

/// Why an order was rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RejectionCause {
    /// The payment was declined.
    PaymentDeclined,
    /// The payment was not made in time.
    PaymentExpired,
}

/// The order ended, because it was not paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderRejected {
    /// Why.
    pub cause: RejectionCause,
}

/// The order ended: paid and delivered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderCompleted {}
