//! The stream of events: messages, expectations, and the ids of the last two minutes.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};

use ordertrace_domain::{
    BrokenHistory, Draft, EventId, History, OrderId, RecordedEvent, Sequence, StoredEvent,
    Timestamp,
};

use crate::world::Replicas;

/// How long the server knows an id.
const DEDUP_WINDOW: Duration = Duration::from_mins(2);

/// What the server says to an append.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// Stored, the first of the events here.
    Stored(Sequence),
    /// 10071: the expectation does not hold.
    WrongLast,
    /// An acknowledgement that says `duplicate`.
    Duplicate,
    /// 10201: a message of the batch has a known id.
    KnownInBatch,
    /// 10164: another message of the subject is on its way.
    InFlight,
    /// 503.
    NoLeader,
}

pub(super) struct Stream {
    replicas: Replicas,
    messages: Vec<RecordedEvent>,
    orders: BTreeMap<OrderId, Vec<usize>>,
    /// Looked up by key alone, never walked through.
    ids: HashMap<EventId, Timestamp>,
}

impl Stream {
    pub(super) fn new(replicas: Replicas) -> Self {
        Self {
            replicas,
            messages: Vec::new(),
            orders: BTreeMap::new(),
            ids: HashMap::new(),
        }
    }

    pub(super) fn head(&self) -> Sequence {
        Sequence::new(self.messages.len() as u64)
    }

    pub(super) fn message(&self, sequence: Sequence) -> Option<&RecordedEvent> {
        let index = usize::try_from(sequence.get()).ok()?.checked_sub(1)?;
        self.messages.get(index)
    }

    pub(super) fn history(&self, order: OrderId) -> Result<History, BrokenHistory> {
        let mut history = History::empty(order);
        for index in self.orders.get(&order).into_iter().flatten() {
            history.push(Arc::clone(&self.messages[*index].event))?;
        }
        Ok(history)
    }

    fn last_of(&self, order: OrderId) -> Sequence {
        let last = self.orders.get(&order).and_then(|all| all.last());
        last.map_or(Sequence::START, |index| {
            self.messages[*index].event.sequence
        })
    }

    /// Why these messages are not stored, if they are not: in the order in which the server looks.
    pub(super) fn refusal(
        &self,
        order: OrderId,
        expected: Sequence,
        drafts: &[Draft],
        now: Timestamp,
        is_expecting: bool,
    ) -> Option<Answer> {
        let is_known = drafts.iter().any(|draft| {
            let known = self.ids.get(&draft.envelope.event_id);
            known.is_some_and(|at| now.since(*at) < DEDUP_WINDOW)
        });
        let duplicate = is_known.then_some(match drafts.len() {
            1 => Answer::Duplicate,
            _ => Answer::KnownInBatch,
        });
        let is_wrong = is_expecting && self.last_of(order) != expected;
        let wrong = is_wrong.then_some(Answer::WrongLast);
        match self.replicas {
            Replicas::One => wrong.or(duplicate),
            Replicas::Three => duplicate.or(wrong),
        }
    }

    /// Stores messages, all of them, and says where the first stands.
    pub(super) fn store(&mut self, order: OrderId, events: Vec<StoredEvent>, now: Timestamp) {
        for event in events {
            self.ids.insert(event.envelope.event_id, now);
            let index = self.messages.len();
            self.orders.entry(order).or_default().push(index);
            self.messages.push(RecordedEvent {
                event: Arc::new(event),
                recorded_at: now,
            });
        }
    }
}
