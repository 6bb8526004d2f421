//! The fulfilment saga: a process manager that brings every order to an end.
//!
//! Invariant: [`react`] is pure; it looks at what an order has come to and says what is due now. The runner does what it
//! says, by commands whose ids are derived, so that doing it twice changes nothing. The saga keeps no state of its own:
//! orders and timers are in the log. It never talks to the log but through the ports of the domain.

mod effect;
mod policy;
pub mod provider;
pub mod simulator;

mod answer;
mod react;

mod runner;

mod gauges;
mod routes;

pub use answer::{Moment, ProviderAnswer, answered};
pub use effect::{Effect, ProviderCall, SagaCommand, Wake};
pub use policy::Policy;
pub use react::react;
pub use routes::{Ops, api, routes};
pub use runner::{Saga, SagaError};
