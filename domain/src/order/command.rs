//! What can be asked of an order.

use serde::Serialize;

use super::{CancellationCause, InvalidOrder, OrderLines, PaymentMethod};
use crate::{Amount, Currency, CustomerId, Reason};

/// A command to the Order decider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum OrderCommand {
    /// A customer places an order.
    PlaceOrder(PlaceOrder),
    /// Somebody wants the order undone; what was done so far is compensated first.
    RequestCancellation {
        /// What it is asked for.
        cause: CancellationCause,
        /// In the asker's words.
        reason: Option<Reason>,
    },
    /// Everything is compensated: the order ends cancelled.
    CancelOrder,
    /// The payment was declined or not made in time: the order ends rejected.
    RejectOrder,
    /// The goods were delivered: the order ends completed.
    CompleteOrder,
}

/// The details of a new order. Invariant: `total` is the sum of `lines`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlaceOrder {
    pub(super) customer_id: CustomerId,
    pub(super) currency: Currency,
    pub(super) total: Amount,
    pub(super) lines: OrderLines,
    pub(super) payment_method: PaymentMethod,
}

impl PlaceOrder {
    /// Puts an order together, its total computed from its lines.
    ///
    /// # Errors
    /// [`InvalidOrder::TotalMismatch`] when a stated total differs.
    pub fn new(
        customer_id: CustomerId,
        currency: Currency,
        lines: OrderLines,
        stated_total: Option<Amount>,
        payment_method: PaymentMethod,
    ) -> Result<Self, InvalidOrder> {
        let total = lines.total()?;
        if stated_total.is_some_and(|stated| stated != total) {
            return Err(InvalidOrder::TotalMismatch(total.minor()));
        }
        Ok(Self {
            customer_id,
            currency,
            total,
            lines,
            payment_method,
        })
    }
}
