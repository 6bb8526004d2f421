//! A payment provider to develop and test with: it speaks the part of Stripe's API that the saga uses.
//!
//! It does what the amount of a payment says:
//!
//! | amount | what happens |
//! |---|---|
//! | 402.00 (`40200`) | the confirmation is declined |
//! | 404.00 (`40400`) | there is no such payment method: no intent is made |
//! | 408.00 (`40800`) | the first confirmation is carried out at once, and answered after 12 seconds |
//! | 429.00 (`42900`) | the first wish for the intent, its confirmation and its refund are each put off by a 429 |
//! | 500.00 (`50000`) | the first wish for the intent fails before it began; the first confirmation and the first refund are carried out, but answered by a 500 |
//! | 503.00 (`50300`) | the first wish for the intent, its confirmation and its refund each get lost: nothing is done, the connection ends |
//! | 504.00 (`50400`) | the first confirmation and the first refund are carried out, but their answers get lost: the connection ends |
//!
//! All others are charged and given back as asked. The amounts are minor units in any currency, over HTTP as Stripe counts
//! them: <https://docs.stripe.com/currencies#minor-units>.
//!
//! Invariant: there is one [ledger](LedgerRow), and whatever it is asked for goes by the same rules, over HTTP
//! ([`Simulator`]) or in the process ([`SimulatedProvider`]). With a journal file the ledger outlives the process, and
//! several processes share it. It is no model of any real provider's fees, limits, delays or webhooks, and it forgets
//! nothing: the journal grows by some lines a payment, to be deleted when it is no longer wanted.

mod magic;
mod record;

mod book;
mod journal;
mod till;

mod rules;

mod api;
mod in_process;

pub use api::Simulator;
pub use book::{LedgerEntry, LedgerRow};
pub use in_process::SimulatedProvider;
pub use magic::MagicAmount;
