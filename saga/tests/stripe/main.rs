//! The Stripe adapter against localstripe, with and without a wire that fails.
//!
//! No part of ours is imitated here; what was charged and given back is read from localstripe's own lists.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking, in its helpers too"
)]

mod localstripe;
mod packages;
mod proxy;
mod replies;
mod shop;

mod answers;
mod charges;
mod currencies;
mod faults;
mod keys;
mod refunds;
mod requests;
mod unclear;
