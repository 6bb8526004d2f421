//! What changes in the view, told to those who watch it as it happens.
//!
//! Invariant: whoever begins to watch at a position is told of every change after it, in the order of the log, or that some
//! were missed. Nobody waits for a watcher: the last [`UPDATES_HELD_MAX`] changes are held for all of them together, and one
//! who falls behind those has missed some.

use std::sync::Arc;

use ordertrace_domain::{OrderId, Sequence};
use tokio::sync::broadcast;

use super::ViewStore;
use crate::Record;

/// How many changes are held for slow watchers: two seconds' worth at 500 commands/s. They take about two
/// megabytes for orders of one line, and forty if each order has as many lines as it may.
pub const UPDATES_HELD_MAX: usize = 1_024;

/// What one message of the log has changed.
#[derive(Debug, Clone)]
pub struct Update {
    /// Where the message stands.
    pub sequence: Sequence,
    /// Whose it is.
    pub order_id: OrderId,
    /// What was known of the order before; nothing if it was not there.
    pub before: Option<Record>,
    /// What is known of it now.
    pub after: Record,
}

/// The changes after a position.
pub struct Watch {
    /// Where the view stood when this began.
    pub since: Sequence,
    /// Every change after that.
    pub updates: broadcast::Receiver<Arc<Update>>,
}

impl ViewStore {
    /// Begins to watch the view.
    ///
    /// It blocks while a batch is written, or compared with one of a view that is being built.
    pub fn watch(&self) -> Watch {
        // Changes are told, and views put in another's place, in turn: so no change is between the position and the first that
        // is told.
        let _turn = self.shared.turn.take();
        Watch {
            since: self.view().writer().sequence,
            updates: self.shared.live.subscribe(),
        }
    }
}
