//! What was stored, order by order, in the oracle's own books.

use std::{collections::BTreeMap, fmt::Write as _};

use ordertrace_domain::{
    CommandHash, CommandId, Draft, Envelope, Hash, History, OrderId, OrderState, Sequence, Version,
    evolve,
};

use super::Check;
use crate::world::World;

/// One order's events, and what it had come to after each of them.
pub(crate) struct Course {
    /// Where each event stands, and the hash of its payload.
    events: Vec<(Sequence, Hash)>,
    /// `states[v]` is what the order had come to at version `v`.
    pub(super) states: Vec<OrderState>,
    pub(super) commands: BTreeMap<CommandId, Carried>,
    /// The bytes that the log keeps.
    payloads: Vec<Vec<u8>>,
}

/// A command that was carried out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Carried {
    pub(super) hash: CommandHash,
    pub(super) version: Version,
    pub(super) sequence: Sequence,
}

impl Default for Course {
    fn default() -> Self {
        Self {
            events: Vec::new(),
            states: vec![OrderState::Absent],
            commands: BTreeMap::new(),
            payloads: Vec::new(),
        }
    }
}

impl Course {
    fn last(&self) -> (Sequence, Hash) {
        let last = self.events.last().copied();
        last.unwrap_or((Sequence::START, Hash::ZERO))
    }

    pub(crate) fn version(&self) -> Version {
        Version::new(self.events.len() as u64)
    }

    pub(crate) fn state(&self) -> &OrderState {
        self.state_at(self.events.len())
    }

    fn state_at(&self, version: usize) -> &OrderState {
        static ABSENT: OrderState = OrderState::Absent;
        self.states.get(version).unwrap_or(&ABSENT)
    }

    /// What the order had come to when the log had come this far.
    pub(crate) fn as_of(&self, sequence: Sequence) -> &OrderState {
        self.state_at(self.events.partition_point(|(at, _)| *at <= sequence))
    }
}

#[derive(Default)]
pub(crate) struct Truth {
    pub(crate) orders: BTreeMap<OrderId, Course>,
}

impl Truth {
    pub(crate) fn state(&self, order: OrderId) -> OrderState {
        let course = self.orders.get(&order);
        course.map_or(OrderState::Absent, |course| course.state().clone())
    }

    pub(crate) fn version(&self, order: OrderId) -> Version {
        self.orders
            .get(&order)
            .map_or(Version::NONE, Course::version)
    }

    /// The log has stored a decision, the first of its events at `first`; `kept` are the bytes that it keeps.
    pub(crate) fn stored(
        &mut self,
        world: &World,
        first: Sequence,
        expected: Sequence,
        drafts: &[Draft],
        kept: &[Vec<u8>],
    ) {
        let Some(order) = drafts.first().map(|draft| draft.envelope.order_id) else {
            return;
        };
        let course = self.orders.entry(order).or_default();
        if course.last().0 != expected {
            let last = course.last().0;
            world.broken(Check::P6, format_args!("order {order}: an append that expected the order to end at {expected} was stored, though it ended at {last}"));
        }
        let command = drafts[0].envelope.command_id;
        if let Some(carried) = course.commands.get(&command) {
            let version = carried.version;
            world.broken(Check::P10, format_args!("order {order}: command {command} was carried out at version {version}, and is carried out again"));
        }
        let mut sequence = first;
        for (draft, kept) in drafts.iter().zip(kept) {
            course.add(world, sequence, draft, kept);
            sequence = sequence.next();
        }
        let (last, _) = course.last();
        let carried = Carried {
            hash: drafts[0].envelope.command_hash,
            version: course.version(),
            sequence: last,
        };
        course.commands.insert(command, carried);
    }

    /// Somebody was told that these events are in the log.
    pub(crate) fn acknowledged(&self, world: &World, history: &History) {
        let order = history.order_id();
        let course = self.orders.get(&order);
        let known = course.map_or(&[][..], |course| &course.events);
        for (index, event) in history.events().iter().enumerate() {
            if known.get(index) != Some(&(event.sequence, event.hash)) {
                world.broken(Check::P1, format_args!("order {order}: the event at {} was acknowledged, and the log does not have it", event.sequence));
                return;
            }
        }
    }

    /// Reads everything that the log keeps, from its bytes, and compares what comes of it.
    pub(crate) fn replay(&self, world: &World) {
        for (order, course) in &self.orders {
            let mut state = OrderState::Absent;
            for payload in &course.payloads {
                match Envelope::decode(payload) {
                    Ok(envelope) => state = evolve(state, &envelope.event),
                    Err(error) => {
                        world.broken(
                            Check::P8,
                            format_args!("order {order}: a stored event can't be read: {error}"),
                        );
                    }
                }
            }
            if state_hash([(order, &state)]) != state_hash([(order, course.state())]) {
                world.broken(
                    Check::P8,
                    format_args!("order {order}: a replay comes to {state:?}"),
                );
            }
        }
    }
}

impl Course {
    fn add(&mut self, world: &World, sequence: Sequence, draft: &Draft, kept: &[u8]) {
        let envelope = &draft.envelope;
        let (order, version) = (envelope.order_id, envelope.version);
        let (before, prev_hash) = self.last();
        if version != self.version().next() || sequence <= before || envelope.prev_hash != prev_hash
        {
            let expected = self.version().next();
            world.broken(Check::P6, format_args!("order {order}: version {version} at {sequence} does not follow; expected version {expected} after {before}"));
        }
        if Envelope::decode(kept).as_ref() != Ok(envelope) {
            world.broken(
                Check::P8,
                format_args!(
                    "order {order}: the event at {sequence} reads otherwise than it was decided"
                ),
            );
        }
        let state = evolve(self.state().clone(), &envelope.event);
        self.events.push((sequence, draft.hash));
        self.states.push(state);
        self.payloads.push(kept.to_vec());
    }
}

/// One hash of what all these orders have come to.
pub(crate) fn state_hash<'a>(
    states: impl IntoIterator<Item = (&'a OrderId, &'a OrderState)>,
) -> Hash {
    let mut text = String::new();
    for (order, state) in states {
        // Writing to memory does not fail.
        let _ = writeln!(text, "{order} {state:?}");
    }
    Hash::of(text.as_bytes())
}
