//! Work that a newer program left behind, as in the middle of a rolling upgrade.
//!
//! Invariant: it stays on the queue for a newer process; it is neither acknowledged here nor, as long
//! as such a process may still come, parked. The queue hands it
//! out over and over, so an operator is told once for the whole process.

use std::sync::atomic::{AtomicBool, Ordering};

use ordertrace_domain::OrderId;

use super::failure::Finding;

/// Whether this process has been found to be too old, and has said so.
#[derive(Default)]
pub(super) struct Upgrade {
    is_told: AtomicBool,
}

impl Upgrade {
    /// Says that this process is too old for what was found: loudly the first time.
    pub(super) fn is_due(&self, order: Option<OrderId>, finding: &Finding) {
        let Finding { sequence, reason } = finding;
        if self.is_told.swap(true, Ordering::Relaxed) {
            tracing::debug!(order.id = order.map(display), log.sequence = %sequence, reason, "work is left to a newer process");
        } else {
            tracing::error!(order.id = order.map(display), log.sequence = %sequence, reason, "this process is too old for an event of the log: it has to be upgraded; such orders are left to a newer process");
        }
    }
}
