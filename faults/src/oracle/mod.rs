//! The oracle: what is true, kept apart from everything that is tested, and what was promised about it.
//!
//! Invariant: it never looks at the simulated log's own bookkeeping; it is told what was stored, and keeps its own books.

mod judge;
mod truth;

use std::fmt;

pub(crate) use judge::{Asked, judge};
pub(crate) use truth::{Truth, state_hash};

/// A promise, by the name it has in `docs/reliability.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Check {
    /// What was acknowledged is in the log.
    P1,
    /// At most one net charge an order, one key an attempt.
    P2,
    /// Every order ends, or is on the list of stuck orders.
    P3,
    /// A view is the fold of the log up to its position.
    P4,
    /// A read with a position sees it, or gets 503.
    P5,
    /// One total order an order, one winner a version, and every answer true at some time between question and answer.
    P6,
    /// A replay of the log gives the same state.
    P8,
    /// The same command has the same result and one effect; its id with another body is refused.
    P10,
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// A promise that was broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Which.
    pub check: Check,
    /// How.
    pub what: String,
    /// At which step of the simulation.
    pub step: u64,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at step {}: {}", self.check, self.step, self.what)
    }
}
