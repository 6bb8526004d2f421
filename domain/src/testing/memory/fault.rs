//! Faults on demand: what a log on a network does now and then, a test has happen here and now.

use std::collections::VecDeque;

use super::MemoryLog;
use crate::{OrderId, Record, Sequence, StoredCheckpoint};

/// What the next append comes to, whatever it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AppendFault {
    /// `Conflict`, and nothing is stored: as if somebody else had been quicker.
    Conflict,
    /// `OutcomeUnknown`, and the events are stored, if their expectation holds: the answer got lost.
    StoredButUnknown,
    /// `OutcomeUnknown`, and nothing is stored: the question got lost.
    LostAndUnknown,
    /// `NotStored`: refused, or never sent.
    NotStored,
}

#[derive(Default)]
pub(super) struct Faults {
    pub(super) appends: VecDeque<AppendFault>,
    pub(super) checkpoints: VecDeque<AppendFault>,
    pub(super) reads_are_stale: bool,
    pub(super) is_unavailable: bool,
    pub(super) is_recreated: bool,
}

impl MemoryLog {
    /// The next append comes to this; called again, the one after it. It comes before every other fault.
    pub fn fail_next_append(&self, fault: AppendFault) {
        self.shared.store().faults.appends.push_back(fault);
    }

    /// The next checkpoint's append comes to this; called again, the one after it.
    pub fn fail_next_checkpoint(&self, fault: AppendFault) {
        self.shared.store().faults.checkpoints.push_back(fault);
    }

    /// Whether a read that may be stale lags by the order's last event.
    pub fn stale_reads(&self, are_stale: bool) {
        self.shared.store().faults.reads_are_stale = are_stale;
    }

    /// Whether the log is out of reach: reads fail, appends are not stored, feeds and queues wait.
    pub fn unavailable(&self, is_unavailable: bool) {
        self.shared.store().faults.is_unavailable = is_unavailable;
        self.shared.announce_change();
    }

    /// The stream is deleted and created anew: every port says so from now on. The new log is another `MemoryLog`.
    pub fn recreate(&self) {
        self.shared.store().faults.is_recreated = true;
        self.shared.announce_change();
    }

    /// All work there ever was is handed out again, acknowledged or not, to open streams as to new ones.
    pub fn redeliver_all(&self) {
        self.shared.store().redeliver_all();
        self.shared.announce_change();
    }

    /// Somebody else writes a message to an order's subject, past all rules but the server's.
    pub fn write_foreign(&self, order: OrderId, payload: &[u8]) -> Sequence {
        let recorded_at = self.shared.now();
        let sequence = self.shared.store().write(order, payload, None, recorded_at);
        self.shared.announce_change();
        sequence
    }

    /// A stored message disappears, though nothing of ours ever deletes one.
    pub fn lose(&self, sequence: Sequence) {
        self.shared.store().lose(sequence);
        self.shared.announce_change();
    }

    /// A stored message becomes another one in the same place; nothing, if there is none.
    pub fn tamper(&self, sequence: Sequence, change: impl FnOnce(&mut Record)) {
        self.shared.store().replace(sequence, change);
        self.shared.announce_change();
    }

    /// The log loses all that stands after this, as in a restore from a backup that is older.
    pub fn truncate(&self, last: Sequence) {
        self.shared.store().truncate(last);
        self.shared.announce_change();
    }

    /// A stored checkpoint becomes another one; nothing, if there is none of this number.
    pub fn tamper_checkpoint(&self, number: Sequence, change: impl FnOnce(&mut StoredCheckpoint)) {
        let mut store = self.shared.store();
        let mut checkpoints = store.checkpoints.iter_mut();
        if let Some(checkpoint) = checkpoints.find(|it| it.number == number) {
            change(checkpoint);
        }
    }

    /// The checkpoints lose all that stands after this one, as in a restore from a backup that is older.
    pub fn truncate_checkpoints(&self, last: Sequence) {
        self.lose_checkpoints_after(last);
        let mut store = self.shared.store();
        store.checkpoints_end = store.checkpoints_end.min(last);
    }

    /// All checkpoints after this one are deleted, one by one: their numbers are not given out again.
    pub fn lose_checkpoints_after(&self, last: Sequence) {
        let mut store = self.shared.store();
        store.checkpoints.retain(|it| it.number <= last);
    }
}
