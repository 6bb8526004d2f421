//! What the log in memory holds. Plain data behind one lock; nothing here waits.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use super::{fault::Faults, message::Message, parking::Letters, timer::Alarms, work::Queue};
use crate::{
    BrokenHistory, Draft, FeedItem, History, OrderId, Record, Sequence, Shard, StoredCheckpoint,
    StoredEvent, Timestamp,
};

#[derive(Default)]
pub(super) struct Store {
    messages: BTreeMap<Sequence, Message>,
    /// Each order's messages, as a subject has them.
    orders: HashMap<OrderId, Vec<Sequence>>,
    head: Sequence,
    pub(super) queues: HashMap<Shard, Queue>,
    pub(super) alarms: Alarms,
    pub(super) letters: Letters,
    pub(super) checkpoints: Vec<StoredCheckpoint>,
    /// The number of the last checkpoint that was ever added: it stays when that one is removed.
    pub(super) checkpoints_end: Sequence,
    pub(super) faults: Faults,
}

impl Store {
    pub(super) fn head(&self) -> Sequence {
        self.head
    }

    /// The order's events, checked as they are put together.
    pub(super) fn history(&self, order: OrderId) -> Result<History, BrokenHistory> {
        let mut history = History::empty(order);
        let sequences = self.orders.get(&order).map_or(&[][..], Vec::as_slice);
        for message in sequences.iter().filter_map(|at| self.messages.get(at)) {
            match message.item() {
                FeedItem::Event(recorded) => history.push(recorded.event)?,
                FeedItem::Unreadable(unreadable) => {
                    return Err(BrokenHistory::Unreadable {
                        sequence: unreadable.sequence,
                        error: unreadable.error,
                    });
                }
            }
        }
        Ok(history)
    }

    /// Where the order's last message stands: what an append's expectation is compared with.
    pub(super) fn last_of(&self, order: OrderId) -> Sequence {
        let last = self.orders.get(&order).and_then(|all| all.last());
        last.copied().unwrap_or(Sequence::START)
    }

    /// The history that storing these events after `base` would lead to.
    pub(super) fn following(
        &self,
        base: &History,
        drafts: &[Draft],
    ) -> Result<History, BrokenHistory> {
        let mut history = base.clone();
        let mut sequence = self.head;
        for draft in drafts {
            sequence = sequence.next();
            let read = StoredEvent::read(sequence, &draft.payload);
            let event = read.map_err(|error| BrokenHistory::Unreadable { sequence, error })?;
            history.push(Arc::new(event))?;
        }
        Ok(history)
    }

    /// Adds a message as a process of ours writes it, and puts it on its shard's queue. The first of a decision carries
    /// the `expected` place of the order's last message.
    pub(super) fn write(
        &mut self,
        order: OrderId,
        payload: &[u8],
        expected: Option<Sequence>,
        recorded_at: Timestamp,
    ) -> Sequence {
        let sequence = self.head.next();
        let message = Message::written(sequence, order, payload, expected, recorded_at);
        self.head = sequence;
        self.messages.insert(sequence, message);
        self.orders.entry(order).or_default().push(sequence);
        self.queue(Shard::of(order)).put_message(sequence);
        sequence
    }

    pub(super) fn lose(&mut self, sequence: Sequence) {
        self.messages.remove(&sequence);
    }

    /// Puts another message in the place of one, if it is there. On whose queue it stood, it stands.
    pub(super) fn replace(&mut self, sequence: Sequence, change: impl FnOnce(&mut Record)) {
        let Some(message) = self.messages.get_mut(&sequence) else {
            return;
        };
        let before = message.order_id();
        message.change(change);
        let after = message.order_id();
        if before == after {
            return;
        }
        if let Some(all) = before.and_then(|order| self.orders.get_mut(&order)) {
            all.retain(|other| *other != sequence);
        }
        if let Some(order) = after {
            let all = self.orders.entry(order).or_default();
            all.push(sequence);
            all.sort_unstable();
        }
    }

    /// Forgets everything after this message, as if it had never been.
    pub(super) fn truncate(&mut self, last: Sequence) {
        self.messages.retain(|sequence, _| *sequence <= last);
        for all in self.orders.values_mut() {
            all.retain(|sequence| *sequence <= last);
        }
        self.head = self.head.min(last);
    }

    /// The first message there is.
    pub(super) fn first(&self) -> Option<Sequence> {
        self.messages.keys().next().copied()
    }

    pub(super) fn message_count(&self) -> u64 {
        self.messages.len() as u64
    }

    /// The messages after this one that are still there.
    pub(super) fn after(&self, after: Sequence) -> impl Iterator<Item = &Message> {
        self.messages
            .range(after.next()..)
            .map(|(_, message)| message)
    }

    /// The first message after this one that is still there.
    pub(super) fn next_after(&self, after: Sequence) -> Option<FeedItem> {
        self.after(after).next().map(Message::item)
    }

    pub(super) fn message(&self, sequence: Sequence) -> Option<FeedItem> {
        self.messages.get(&sequence).map(Message::item)
    }

    pub(super) fn queue(&mut self, shard: Shard) -> &mut Queue {
        self.queues.entry(shard).or_default()
    }

    pub(super) fn redeliver_all(&mut self) {
        self.queues.values_mut().for_each(Queue::redeliver_all);
    }
}
