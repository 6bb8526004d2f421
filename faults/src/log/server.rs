//! The server: one stream, its queues, its timers and its dead letters, behind one lock.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard},
};

use ordertrace_domain::{
    BrokenHistory, Draft, Envelope, Event, History, Incarnation, OrderEvent, OrderId, Parked,
    RecordedEvent, Sequence, Shard, StoredEvent,
};
use tokio::{sync::Notify, time::Instant};

use super::{
    queue::{Queue, Source},
    stream::{Answer, Stream},
    timers::Alarms,
};
use crate::{
    oracle::Truth,
    world::{Fault, Mutation, Replicas, World, lock},
};

pub(crate) struct Server {
    pub(crate) world: Arc<World>,
    /// The oracle's books; not the server's own.
    pub(crate) truth: Mutex<Truth>,
    state: Mutex<State>,
    /// The stream has grown. Not a watch channel: that wakes its receivers in an order of its own dice.
    pub(super) grown: Notify,
    /// For each shard: its queue has changed.
    pub(super) turned: Vec<Notify>,
}

pub(super) struct State {
    pub(super) stream: Stream,
    pub(super) queues: Vec<Queue>,
    pub(super) alarms: Alarms,
    pub(super) parked: BTreeMap<Sequence, Parked>,
    gap: Gap,
}

/// A time in which nobody leads the stream.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Gap {
    pub(crate) until: Instant,
    /// Whether an append is told so (503), rather than nothing.
    pub(crate) is_told: bool,
}

/// Which log all simulations have.
const INCARNATION: Incarnation = Incarnation::from_created_nanos(1);

impl Server {
    pub(crate) fn new(world: &Arc<World>) -> Self {
        let shards = || 0..Shard::COUNT;
        Self {
            world: Arc::clone(world),
            truth: Mutex::default(),
            state: Mutex::new(State {
                stream: Stream::new(world.terms.replicas),
                queues: shards().map(|_| Queue::default()).collect(),
                alarms: Alarms::default(),
                parked: BTreeMap::new(),
                gap: Gap {
                    until: Instant::now(),
                    is_told: false,
                },
            }),
            grown: Notify::new(),
            turned: shards().map(|_| Notify::new()).collect(),
        }
    }

    pub(super) const fn incarnation() -> Incarnation {
        INCARNATION
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// Nobody leads the stream for a while.
    pub(crate) fn lose_leader(&self, gap: Gap) {
        self.state().gap = gap;
    }

    /// The time in which nobody leads the stream, if this is such a time.
    pub(super) fn gap(&self) -> Option<Gap> {
        let gap = self.state().gap;
        (gap.until > Instant::now() && !self.world.is_healed()).then_some(gap)
    }

    pub(super) fn history(&self, order: OrderId) -> Result<History, BrokenHistory> {
        self.state().stream.history(order)
    }

    /// An append arrives.
    pub(super) fn publish(&self, order: OrderId, expected: Sequence, drafts: &[Draft]) -> Answer {
        let world = &self.world;
        if world.terms.replicas == Replicas::Three && world.strikes(Fault::InFlight) {
            return Answer::InFlight;
        }
        let is_expecting = !world.is_mutated(Mutation::ExpectationsIgnored);
        let now = world.now();
        let mut state = self.state();
        if let Some(refusal) = state
            .stream
            .refusal(order, expected, drafts, now, is_expecting)
        {
            drop(state);
            world.note(format_args!("log: {order} after {expected}: {refusal:?}"));
            self.sight(refusal);
            return refusal;
        }
        let first = state.stream.head().next();
        let kept: Vec<_> = drafts.iter().map(|draft| self.kept(draft)).collect();
        let events = stored_events(first, drafts, &kept);
        let shard = usize::from(Shard::of(order).number());
        for event in &events {
            state.queues[shard].put(order, Source::Message(event.sequence));
        }
        state.stream.store(order, events, now);
        drop(state);
        self.tell(first, drafts);
        lock(&self.truth).stored(world, first, expected, drafts, &kept);
        self.grown.notify_waiters();
        self.turned[shard].notify_waiters();
        Answer::Stored(first)
    }

    fn kept(&self, draft: &Draft) -> Vec<u8> {
        if self.world.is_mutated(Mutation::StoredOtherwise) {
            let mut envelope = draft.envelope.clone();
            envelope.occurred_at = self.world.now();
            return envelope.encode();
        }
        draft.payload.clone()
    }

    fn tell(&self, first: Sequence, drafts: &[Draft]) {
        let world = &self.world;
        if drafts.len() > 1 {
            world.sight("log: batch of one decision");
        }
        let mut sequence = first;
        for Envelope {
            event,
            order_id,
            version,
            ..
        } in drafts.iter().map(|draft| &draft.envelope)
        {
            let name = event.event_type().name;
            world.note(format_args!(
                "log: {sequence} {order_id} version {version} {name}"
            ));
            world.happened(name);
            if let Event::Order(event) = event {
                self.sight_end(event);
            }
            sequence = sequence.next();
        }
    }

    fn sight_end(&self, event: &OrderEvent) {
        match event {
            OrderEvent::OrderCompleted(_) => self.world.sight("end: completed"),
            OrderEvent::OrderCancelled(_) => self.world.sight("end: cancelled"),
            OrderEvent::OrderRejected(_) => self.world.sight("end: rejected"),
            OrderEvent::OrderPlaced(_) | OrderEvent::OrderCancellationRequested(_) => {}
        }
    }

    fn sight(&self, refusal: Answer) {
        match refusal {
            Answer::WrongLast => self.world.sight("log: conflict"),
            Answer::Duplicate => self.world.sight("log: duplicate acknowledgement"),
            Answer::KnownInBatch => self.world.sight("log: known id in a batch"),
            Answer::Stored(_) | Answer::InFlight | Answer::NoLeader => {}
        }
    }

    pub(super) fn message(&self, sequence: Sequence) -> Option<RecordedEvent> {
        self.state().stream.message(sequence).cloned()
    }

    pub(crate) fn head(&self) -> Sequence {
        self.state().stream.head()
    }

    /// The messages that wait for an operator.
    pub(crate) fn parked(&self) -> Vec<Parked> {
        self.state().parked.values().cloned().collect()
    }
}

fn stored_events(first: Sequence, drafts: &[Draft], kept: &[Vec<u8>]) -> Vec<StoredEvent> {
    let mut sequence = first;
    let events = drafts.iter().zip(kept).map(|(draft, kept)| {
        let read = StoredEvent::read(sequence, kept);
        let event = read.unwrap_or_else(|_| StoredEvent {
            sequence,
            hash: draft.hash,
            envelope: draft.envelope.clone(),
        });
        sequence = sequence.next();
        event
    });
    events.collect()
}
