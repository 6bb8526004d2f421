//! The history of one order: its events as they stand in the log, checked as they come.
//!
//! Invariant: a [`History`] is a prefix of one order's events: dense versions from 1, each linked to the payload before
//! it, the first and only the first an `OrderPlaced`, each under its own id. An event that does not fit is refused, never skipped.

use std::sync::Arc;

use crate::{
    CommandHash, CommandId, DecodeError, Envelope, EventId, Hash, Link, OrderId, OrderState,
    Sequence, Version, fold,
};

/// An event as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEvent {
    /// Where it stands in the stream.
    pub sequence: Sequence,
    /// SHA-256 of its payload.
    pub hash: Hash,
    /// The event.
    pub envelope: Envelope,
}

impl StoredEvent {
    /// Reads a stored payload.
    ///
    /// # Errors
    /// See [`DecodeError`].
    pub fn read(sequence: Sequence, payload: &[u8]) -> Result<Self, DecodeError> {
        Ok(Self {
            sequence,
            hash: Hash::of(payload),
            envelope: Envelope::decode(payload)?,
        })
    }
}

/// Why an order's events make no history. Somebody else wrote them, or they were tampered with: the order waits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BrokenHistory {
    /// A payload that can't be read.
    #[error("the event at {sequence} can't be read: {error}")]
    Unreadable {
        /// Where it stands.
        sequence: Sequence,
        /// What is wrong with it.
        error: DecodeError,
    },
    /// The payload's order is not the subject's.
    #[error("the event at {sequence} belongs to order {found}")]
    ForeignOrder {
        /// Where it stands.
        sequence: Sequence,
        /// The order in its payload.
        found: OrderId,
    },
    /// The headers of the message contradict its payload.
    #[error("the headers of the message at {sequence} contradict its payload")]
    HeaderMismatch {
        /// Where it stands.
        sequence: Sequence,
    },
    /// A version was left out or is there twice.
    #[error("the event at {sequence} has version {found}, expected {expected}")]
    WrongVersion {
        /// Where it stands.
        sequence: Sequence,
        /// What follows the event before it.
        expected: Version,
        /// The version in its payload.
        found: Version,
    },
    /// The payload before it is not the one it was linked to.
    #[error("the event at {sequence} is not linked to the one before it")]
    BrokenLink {
        /// Where it stands.
        sequence: Sequence,
    },
    /// The first event is not `OrderPlaced`, or a later one is.
    #[error("the event at {sequence} can't stand there")]
    OutOfPlace {
        /// Where it stands.
        sequence: Sequence,
    },
    /// The event's id is not the one that follows from its command and its version.
    #[error("the event at {sequence} has an id that is not its own")]
    ForeignEventId {
        /// Where it stands.
        sequence: Sequence,
    },
}

impl BrokenHistory {
    /// Where the first event stands that does not fit.
    pub const fn sequence(&self) -> Sequence {
        match self {
            Self::Unreadable { sequence, .. }
            | Self::ForeignOrder { sequence, .. }
            | Self::HeaderMismatch { sequence }
            | Self::WrongVersion { sequence, .. }
            | Self::BrokenLink { sequence }
            | Self::OutOfPlace { sequence }
            | Self::ForeignEventId { sequence } => *sequence,
        }
    }
}

/// How far an order has come: all that an event is compared with to tell whether it follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Whose events they are.
    pub order_id: OrderId,
    /// How many there are.
    pub version: Version,
    /// SHA-256 of the last one's payload; [`Hash::ZERO`] if there is none.
    pub hash: Hash,
}

impl Head {
    /// Of an order that has no events.
    pub const fn none(order_id: OrderId) -> Self {
        Self {
            order_id,
            version: Version::NONE,
            hash: Hash::ZERO,
        }
    }

    /// Checks that an event is the one after the last. Where it stands in the stream is for the caller to judge.
    ///
    /// # Errors
    /// [`BrokenHistory`] says what does not fit.
    pub fn check_follows(&self, event: &StoredEvent) -> Result<(), BrokenHistory> {
        self.check_link(event.sequence, &Link::of(&event.envelope))
    }

    /// The same of an event of which only its link is known.
    ///
    /// # Errors
    /// [`BrokenHistory`] says what does not fit.
    pub fn check_link(&self, sequence: Sequence, link: &Link) -> Result<(), BrokenHistory> {
        let (found, expected) = (link.version, self.version.next());
        if link.order_id != self.order_id {
            let found = link.order_id;
            return Err(BrokenHistory::ForeignOrder { sequence, found });
        }
        if found != expected {
            return Err(BrokenHistory::WrongVersion {
                sequence,
                expected,
                found,
            });
        }
        if link.prev_hash != self.hash {
            return Err(BrokenHistory::BrokenLink { sequence });
        }
        if link.is_first != (self.version == Version::NONE) {
            return Err(BrokenHistory::OutOfPlace { sequence });
        }
        if link.event_id != EventId::derive(link.command_id, link.version) {
            return Err(BrokenHistory::ForeignEventId { sequence });
        }
        Ok(())
    }
}

/// The events of one order, from its first on.
#[derive(Debug, Clone)]
pub struct History {
    order_id: OrderId,
    events: Vec<Arc<StoredEvent>>,
    /// Where the order's last message stands: its last event, or a repeat of one.
    last_sequence: Sequence,
}

impl History {
    /// The history of an order that has no events.
    pub const fn empty(order_id: OrderId) -> Self {
        Self {
            order_id,
            events: Vec::new(),
            last_sequence: Sequence::START,
        }
    }

    /// Adds the event that follows. One that is there already, byte for byte, says nothing new.
    ///
    /// # Errors
    /// [`BrokenHistory`] when it does not follow; the history then stays as it was.
    pub fn push(&mut self, event: Arc<StoredEvent>) -> Result<(), BrokenHistory> {
        let sequence = event.sequence;
        if sequence > self.last_sequence && self.holds(&event) {
            self.last_sequence = sequence;
            return Ok(());
        }
        self.head().check_follows(&event)?;
        if sequence <= self.last_sequence {
            return Err(BrokenHistory::BrokenLink { sequence });
        }
        self.last_sequence = sequence;
        self.events.push(event);
        Ok(())
    }

    fn head(&self) -> Head {
        Head {
            order_id: self.order_id,
            version: self.version(),
            hash: self.head_hash(),
        }
    }

    fn holds(&self, event: &StoredEvent) -> bool {
        let index = event.envelope.version.get().checked_sub(1);
        let index = index.and_then(|index| usize::try_from(index).ok());
        let same_version = index.and_then(|index| self.events.get(index));
        same_version.is_some_and(|held| held.hash == event.hash)
    }

    /// Whose history it is.
    pub const fn order_id(&self) -> OrderId {
        self.order_id
    }

    /// The events, first to last.
    pub fn events(&self) -> &[Arc<StoredEvent>] {
        &self.events
    }

    /// How many events there are.
    pub fn version(&self) -> Version {
        Version::new(self.events.len() as u64)
    }

    /// Where the order's last message stands in the stream: what an append expects to find there.
    pub const fn last_sequence(&self) -> Sequence {
        self.last_sequence
    }

    /// What the next event is linked to.
    pub fn head_hash(&self) -> Hash {
        self.events.last().map_or(Hash::ZERO, |event| event.hash)
    }

    /// What the order has come to.
    pub fn state(&self) -> OrderState {
        fold(self.events.iter().map(|event| &event.envelope.event))
    }

    /// The events that followed from a command, with the fingerprint of that command; `None` if it led to none.
    pub fn of_command(&self, command: CommandId) -> Option<(CommandHash, &[Arc<StoredEvent>])> {
        let first = self
            .events
            .iter()
            .position(|event| event.envelope.command_id == command)?;
        let count = self.events[first..]
            .iter()
            .take_while(|event| event.envelope.command_id == command)
            .count();
        let events = &self.events[first..first + count];
        Some((events[0].envelope.command_hash, events))
    }

    /// The history as it stood at an earlier version.
    #[must_use]
    pub fn until(&self, version: Version) -> Self {
        if version >= self.version() {
            return self.clone();
        }
        let count = usize::try_from(version.get()).unwrap_or(usize::MAX);
        let events: Vec<_> = self.events.iter().take(count).cloned().collect();
        Self {
            order_id: self.order_id,
            last_sequence: events
                .last()
                .map_or(Sequence::START, |event| event.sequence),
            events,
        }
    }
}
