//! Ports: what the rest of the program needs of the log. JetStream implements them, and so does the test kit's memory.
//!
//! Invariant: nothing is ever appended without an expectation, and no answer claims more than the log has said.

mod archive;
mod backlog;
mod checkpoints;
mod feed;
mod log;
mod parking;
mod records;
mod timers;
mod work;

use crate::Timestamp;

pub use archive::EventArchive;
pub use backlog::{Backlog, BacklogKind, Backlogs};
pub use checkpoints::{Checkpoints, StoredCheckpoint};
pub use feed::{EventFeed, FeedError, FeedItem, RecordedEvent, UnreadableEvent};
pub use log::{AppendError, Draft, EventLog, Freshness, LogError};
pub use parking::{
    DeadLetter, DeadLetterId, DeadLetterPage, DeadLetters, Parked, Parking, Settlement, Verdict,
};
pub use records::{Extent, Record, Records, Span};
pub use timers::{FiredTimer, TimerName, Timers};
pub use work::{Receipt, Work, WorkItem, WorkQueue};

/// The cause of a failure, for the log of the process; never for a client.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// The clock of a runner. Nothing below the runners asks for the time.
pub trait Clock: Send + Sync {
    /// The time.
    fn now(&self) -> Timestamp;
}
