//! The Delivery decider: goods are prepared, sent out in one or more attempts, and arrive or are called back.

mod command;
mod decide;
mod event;
mod state;

pub use command::DeliveryCommand;
pub(crate) use decide::decide;
pub use event::{
    DeliveryCancellationCause, DeliveryCancelled, DeliveryCompleted, DeliveryEvent, DeliveryFailed,
    DeliveryPrepared, DeliveryStarted,
};
pub use state::Delivery;
pub(crate) use state::evolve;
