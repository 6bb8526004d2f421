//! Durable alarms.

use async_trait::async_trait;

use super::LogError;
use crate::{OrderId, Timestamp, Version};

/// A durable alarm of an order; one of each name at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TimerName {
    /// The payment was not made in time.
    PaymentDeadline,
    /// Try again to tell the provider of the payment.
    PaymentSubmit,
    /// Ask again how the payment ended.
    PaymentCheck,
    /// Try the refund again.
    RefundRetry,
    /// Send the goods out again.
    DeliveryRetry,
    /// The goods did not arrive in time.
    DeliveryDeadline,
    /// An operator wants the order tried again. It is set for now: the queue of timers is the durable way to the saga.
    Resume,
}

impl TimerName {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::PaymentDeadline,
        Self::PaymentSubmit,
        Self::PaymentCheck,
        Self::RefundRetry,
        Self::DeliveryRetry,
        Self::DeliveryDeadline,
        Self::Resume,
    ];

    /// Its name in a subject, such as `payment-deadline`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PaymentDeadline => "payment-deadline",
            Self::PaymentSubmit => "payment-submit",
            Self::PaymentCheck => "payment-check",
            Self::RefundRetry => "refund-retry",
            Self::DeliveryRetry => "delivery-retry",
            Self::DeliveryDeadline => "delivery-deadline",
            Self::Resume => "resume",
        }
    }

    /// The timer of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|timer| timer.name() == name)
    }
}

/// Durable alarms. They fire once or, after a failure, more often, and possibly late: whoever is woken looks at the
/// order's state, never at the alarm alone.
#[async_trait]
pub trait Timers: Send + Sync {
    /// Sets a timer, in the place of one of the same name; one that lies in the past fires at once. `version` is how far
    /// the order had come: whoever is woken has to look at it as it was then, or later.
    ///
    /// # Errors
    /// See [`LogError`].
    async fn schedule(
        &self,
        order: OrderId,
        timer: TimerName,
        at: Timestamp,
        version: Version,
    ) -> Result<(), LogError>;

    /// Takes a timer back, if it is set.
    ///
    /// # Errors
    /// See [`LogError`].
    async fn cancel(&self, order: OrderId, timer: TimerName) -> Result<(), LogError>;
}

/// A timer that went off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FiredTimer {
    /// Whose.
    pub order_id: OrderId,
    /// Which.
    pub timer: TimerName,
    /// When the log recorded that it fired.
    pub recorded_at: Timestamp,
    /// How far the order had come when it was set, or further.
    pub version: Version,
}
