//! The guard around a payment provider: when calls go through, what those hear that don't, and what it tells operators.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod provider;

mod breaker;
mod bulkhead;
mod metrics;
mod status;
