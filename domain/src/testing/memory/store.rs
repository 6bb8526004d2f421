//! What the log in memory holds. Plain data behind one lock; nothing here waits.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use super::{fault::Faults, parking::Letters, timer::Alarms, work::Queue};
use crate::{
    BrokenHistory, DecodeError, Draft, FeedItem, History, OrderId, RecordedEvent, Sequence, Shard,
    StoredEvent, Timestamp, UnreadableEvent,
};

/// One message of the stream, read when it was written.
#[derive(Clone)]
pub(super) struct Message {
    sequence: Sequence,
    order_id: OrderId,
    recorded_at: Timestamp,
    content: Result<Arc<StoredEvent>, DecodeError>,
}

#[derive(Default)]
pub(super) struct Store {
    messages: BTreeMap<Sequence, Message>,
    /// Each order's messages, as a subject has them.
    orders: HashMap<OrderId, Vec<Sequence>>,
    head: Sequence,
    pub(super) queues: HashMap<Shard, Queue>,
    pub(super) alarms: Alarms,
    pub(super) letters: Letters,
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
            match &message.content {
                Ok(event) => history.push(Arc::clone(event))?,
                Err(error) => {
                    return Err(BrokenHistory::Unreadable {
                        sequence: message.sequence,
                        error: error.clone(),
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

    /// Adds a message, and puts it on its shard's queue.
    pub(super) fn write(
        &mut self,
        order_id: OrderId,
        payload: &[u8],
        recorded_at: Timestamp,
    ) -> Sequence {
        let sequence = self.head.next();
        let message = Message {
            sequence,
            order_id,
            recorded_at,
            content: StoredEvent::read(sequence, payload).map(Arc::new),
        };
        self.head = sequence;
        self.messages.insert(sequence, message);
        self.orders.entry(order_id).or_default().push(sequence);
        self.queue(Shard::of(order_id)).put_message(sequence);
        sequence
    }

    pub(super) fn lose(&mut self, sequence: Sequence) {
        self.messages.remove(&sequence);
    }

    /// The first message after this one that is still there.
    pub(super) fn next_after(&self, after: Sequence) -> Option<FeedItem> {
        let mut later = self.messages.range(after.next()..);
        later.next().map(|(_, message)| message.item())
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

impl Message {
    fn item(&self) -> FeedItem {
        match &self.content {
            Ok(event) => FeedItem::Event(RecordedEvent {
                event: Arc::clone(event),
                recorded_at: self.recorded_at,
            }),
            Err(error) => FeedItem::Unreadable(UnreadableEvent {
                sequence: self.sequence,
                recorded_at: self.recorded_at,
                order_id: Some(self.order_id),
                error: error.clone(),
            }),
        }
    }
}
