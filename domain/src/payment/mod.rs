//! The Payment decider: money is asked for, and ends up paid, refused, voided or given back.

mod command;
mod decide;
mod event;
mod refund;
mod state;

pub use command::PaymentCommand;
pub(crate) use decide::decide;
pub use event::{
    PaymentApproved, PaymentDeclined, PaymentEvent, PaymentExpired, PaymentOutcomeUnknown,
    PaymentRefunded, PaymentRequested, PaymentSubmitted, PaymentVoided, RefundFailed,
    RefundRequested,
};
pub use state::Payment;
pub(crate) use state::evolve;

use crate::{Event, rejection::Decision};

/// The decision for one event.
fn one(event: PaymentEvent) -> Decision {
    Ok(vec![Event::Payment(event)])
}
