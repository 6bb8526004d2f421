//! The saga, model-checked: everything that can happen to a few orders, in every order of events, with a bounded number
//! of things that go wrong.
//!
//! The model plays the product's own pure functions (`react`, `answered`, `decide`, `evolve`, `stuck`) against a runner
//! and a provider that do all they may do: a crash between any two effects, work handed out again or out of order, a
//! stale read, a process that was replaced and does not know it, a request or a reply that is lost, late or doubled, an
//! open breaker, a customer, a courier and an operator at any time, a timer at any moment.
//!
//! What is not in it: the log itself (an append succeeds or the process has crashed), and more orders than two, for
//! orders share nothing but the process.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod action;
mod adapter;
mod book;
mod broken;
mod check;
mod fulfilment;
mod possible;
mod progress;
mod properties;
mod rules;
mod runner;
mod setup;
mod sights;
mod sound;
mod state;
mod tidy;
mod till;
