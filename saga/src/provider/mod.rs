//! The payment provider, as the saga needs it.
//!
//! Invariant: a payment has two steps, so that a charge can always be found again. The first makes an *intent*, which
//! charges nothing; its name goes into the log; the second confirms it by that name. What a provider did not clearly
//! say is [`NoAnswer`], never a refusal; whether it may have acted is told apart there.

mod guard;
mod stripe;

use std::time::Duration;

use async_trait::async_trait;
use ordertrace_domain::{
    Amount, Attempt, Currency, OrderId, PaymentToken, ProviderRef, Reason, RefundRef,
};

pub use crate::simulator::{LedgerEntry, MagicAmount, SimulatedProvider};
pub use guard::{BreakerState, GuardConfig, GuardStatus, Guarded, InvalidGuard};
pub use stripe::{StripeConfig, StripeConfigError, StripeProvider};

/// The provider gave no answer to go by.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoAnswer {
    /// It was not asked, or would not listen: nothing has happened there. The order waits, and it is asked then.
    #[error("the payment provider was not asked: {reason}")]
    NotAsked {
        /// Why not.
        reason: Reason,
        /// When it wants to be asked again, if it said so.
        retry_after: Option<Duration>,
    },
    /// It did not answer: it may or may not have done what it was asked for.
    #[error("the payment provider gave no answer: {0}")]
    Unknown(Reason),
    /// It answered, and is up, but its answer is nothing to go by: it may or may not have done what it was asked for.
    #[error("the payment provider gave no clear answer: {0}")]
    Unclear(Reason),
}

/// What is to be charged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charge {
    /// Which attempt at the order's payment. One attempt has one intent, however often it is asked for.
    pub attempt: Attempt,
    /// How much.
    pub amount: Amount,
    /// In which currency.
    pub currency: Currency,
    /// The customer's means of payment.
    pub token: PaymentToken,
}

/// What is to be given back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundOrder {
    /// The intent that was charged.
    pub intent: ProviderRef,
    /// Which attempt at the refund.
    pub attempt: Attempt,
    /// How much.
    pub amount: Amount,
    /// In which currency.
    pub currency: Currency,
}

/// The answer to a wish for an intent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Created {
    /// It is there, and not confirmed.
    Intent(ProviderRef),
    /// The provider won't make one.
    Refused(Reason),
}

/// How an intent stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IntentStatus {
    /// Nobody confirmed it: nothing was charged.
    Unconfirmed,
    /// Charged.
    Succeeded,
    /// Refused: nothing was charged, nor will be.
    Declined(Reason),
    /// Called off: nothing was charged, nor will be.
    Cancelled,
    /// Still under way.
    Pending(Reason),
}

/// The answer to a wish for a refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refunded {
    /// The money went back, now or before.
    Done(RefundRef),
    /// The money is on its way back, and may still not arrive.
    Pending(Reason),
    /// The provider won't give it back.
    Refused(Reason),
}

/// A payment provider.
#[async_trait]
pub trait PaymentProvider: Send + Sync {
    /// Makes an intent, unconfirmed; the same one for a repeat.
    ///
    /// # Errors
    /// [`NoAnswer`]; asking again is safe.
    async fn create(&self, order: OrderId, charge: &Charge) -> Result<Created, NoAnswer>;

    /// Confirms an intent, which charges it; one that was confirmed before is not charged again. A refusal is final: the
    /// intent can't be charged after it, by nobody.
    ///
    /// # Errors
    /// [`NoAnswer`]; look it up before anything else.
    async fn confirm(&self, intent: &ProviderRef) -> Result<IntentStatus, NoAnswer>;

    /// Looks at an intent.
    ///
    /// # Errors
    /// [`NoAnswer`]; asking again is safe.
    async fn look_up(&self, intent: &ProviderRef) -> Result<IntentStatus, NoAnswer>;

    /// Calls an intent off, unless it has ended.
    ///
    /// # Errors
    /// [`NoAnswer`]; asking again is safe.
    async fn cancel(&self, intent: &ProviderRef) -> Result<IntentStatus, NoAnswer>;

    /// Gives the money back once: it looks for a refund of the intent before it makes one.
    ///
    /// # Errors
    /// [`NoAnswer`]; asking again is safe.
    async fn refund(&self, order: OrderId, refund: &RefundOrder) -> Result<Refunded, NoAnswer>;
}
