//! How far a view has come, and whether it still follows the log.

use std::sync::Arc;

use ordertrace_domain::{FeedError, Position, Sequence};

/// What the process needs to know of its view: for readiness, for queries that wait, for alarms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewStatus {
    /// Everything up to here is in the view.
    pub position: Position,
    /// Whether the view has all that the log held when it was opened: queries are answered before, but may be old.
    pub head_at_start_reached: bool,
    /// How often a view with other rows has taken the place of this one since the start: what was shown before may be another by now.
    pub replacements: u64,
    /// Where the log stood when that happened last.
    pub replaced_at: Option<Sequence>,
    /// Why the view has stopped for good, if it has. Queries are then refused, and the process has to start anew.
    pub halted: Option<Halt>,
    /// How many orders are in quarantine.
    pub quarantined: u64,
    /// How many messages could not be read nor given to an order.
    pub strays: u64,
}

impl ViewStatus {
    /// Whether queries show what the log held at the start of the process, or more.
    pub const fn is_ready(&self) -> bool {
        self.head_at_start_reached && self.halted.is_none()
    }
}

/// Why a view has stopped for good.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Halt {
    /// The stream was deleted and created anew: the view is of another log. The next start sets it aside.
    #[error("the event stream was deleted or re-created: the view is of another log")]
    Recreated,
    /// A message is missing: the log was tampered with or damaged, and an operator has to look at it.
    #[error("the log has a gap: expected a message at {expected}, the next one is at {found}")]
    Gap {
        /// The sequence that is missing.
        expected: Sequence,
        /// The next one there is.
        found: Sequence,
    },
    /// The stored bytes make no sense. The next start sets them aside and builds the view anew.
    #[error("the stored view is damaged: {0}")]
    Damaged(Arc<str>),
    /// The disk did not take or give the bytes. The next start tries again.
    #[error("the view can't be stored: {0}")]
    Storage(Arc<str>),
    /// The feed ended without an error, which no feed does.
    #[error("the log's feed ended")]
    FeedEnded,
}

impl From<FeedError> for Halt {
    fn from(error: FeedError) -> Self {
        match error {
            FeedError::Recreated => Self::Recreated,
            FeedError::Gap { expected, found } => Self::Gap { expected, found },
        }
    }
}
