//! The Order decider: an order is placed, and ends completed, cancelled or rejected.

mod command;
mod decide;
mod event;
mod lines;
mod state;

pub use command::{OrderCommand, PlaceOrder};
pub(crate) use decide::decide;
pub use event::{
    CancellationCause, OrderCancellationRequested, OrderCancelled, OrderCompleted, OrderEvent,
    OrderPlaced, OrderRejected, RejectionCause,
};
pub use lines::{InvalidOrder, OrderLine, OrderLines, PaymentMethod, ProductId, Quantity};
pub(crate) use state::evolve;
pub use state::{Order, OrderState, Phase};
