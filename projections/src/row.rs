//! What the view keeps of one order: a single row, from which every resource of that order is made.
//!
//! Invariant: a [`Row`] is the fold of a prefix of its order's events. Its encoding is frozen under the revision of the
//! store's layout; a change of any type in it needs the next revision, and a test with golden bytes says so.

use ordertrace_domain::{Hash, Order, Sequence, StoredEvent, Timestamp, Version};
use serde::{Deserialize, Serialize};

use crate::Listing;

/// One order in the view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Record {
    /// Its events make a history so far.
    Sound(Row),
    /// An event of it did not follow. Later ones are not applied; an operator has to look at it.
    Quarantined {
        /// The order as it stood before; none if not even its first event could be read.
        row: Option<Row>,
        /// What went wrong.
        quarantine: Quarantine,
    },
}

impl Record {
    /// The order as far as it is known.
    pub const fn row(&self) -> Option<&Row> {
        match self {
            Self::Sound(row) => Some(row),
            Self::Quarantined { row, .. } => row.as_ref(),
        }
    }

    /// Where the order stands among the unfinished ones: at its first message. Nothing if it has ended, and is sound: a
    /// message that came after the end and did not follow is for an operator to look at, too.
    pub const fn unfinished_place(&self) -> Option<Sequence> {
        match self {
            Self::Sound(row) if row.order.phase.has_ended() => None,
            Self::Sound(row) => Some(row.placed),
            Self::Quarantined { row: Some(row), .. } => Some(row.placed),
            Self::Quarantined {
                row: None,
                quarantine,
            } => Some(quarantine.sequence),
        }
    }

    /// Why the order is not followed any more, if that is so.
    pub const fn quarantine(&self) -> Option<Quarantine> {
        match self {
            Self::Sound(_) => None,
            Self::Quarantined { quarantine, .. } => Some(*quarantine),
        }
    }
}

/// Why and since when an order is not followed any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quarantine {
    /// Where the message stands that did not follow.
    pub sequence: Sequence,
    /// What was wrong with it. The details are in the process's log, not in the row: they may change with the program.
    pub reason: QuarantineReason,
}

/// What was wrong with a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuarantineReason {
    /// It can't be read by this version of the program.
    Unreadable,
    /// Its subject, its headers or its id contradict its payload.
    Contradictory,
    /// Its version is not the next one, nor does it repeat an event.
    WrongVersion,
    /// It is not linked to the order's event before it.
    BrokenLink,
    /// It is an `OrderPlaced` after the first event, or another event before it.
    OutOfPlace,
}

impl QuarantineReason {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Unreadable,
        Self::Contradictory,
        Self::WrongVersion,
        Self::BrokenLink,
        Self::OutOfPlace,
    ];

    /// A stable word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::Contradictory => "contradictory",
            Self::WrongVersion => "wrong_version",
            Self::BrokenLink => "broken_link",
            Self::OutOfPlace => "out_of_place",
        }
    }
}

/// An order as the events so far tell it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// The order itself, with its payment and its delivery.
    pub order: Order,
    /// What its next event has to be linked to.
    pub head_hash: Hash,
    /// Where its `OrderPlaced` stands.
    pub placed: Sequence,
    /// When the log recorded that.
    pub placed_at: Timestamp,
    /// Where the event stands that first asked for the payment.
    pub payment: Option<Sequence>,
    /// Where the event stands that prepared the delivery.
    pub delivery: Option<Sequence>,
    /// Where its last event stands.
    pub changed: Sequence,
    /// When the log recorded that.
    pub changed_at: Timestamp,
    /// Which of the placed orders it is, from 0.
    pub(crate) number: u64,
    pub(crate) applied: Fingerprints,
}

impl Row {
    /// Where the order stands in a listing, if it is in it.
    pub const fn place_in(&self, listing: Listing) -> Option<Sequence> {
        match listing {
            Listing::Placed => Some(self.placed),
            Listing::Payments => self.payment,
            Listing::Deliveries => self.delivery,
        }
    }

    /// Whether exactly this event was applied before.
    pub(crate) fn has_applied(&self, event: &StoredEvent) -> bool {
        self.applied.holds(event.envelope.version, event.hash)
    }
}

/// The first bytes of each applied event's hash, by version: they tell a repeat from another event in its place. Eight
/// bytes are enough, because whoever forged a match would gain that the event is ignored.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Fingerprints(Vec<u8>);

const FINGERPRINT_BYTES: usize = 8;

impl Fingerprints {
    /// Adds that of the next version.
    pub(crate) fn push(&mut self, hash: Hash) {
        self.0.extend_from_slice(fingerprint(&hash));
    }

    fn holds(&self, version: Version, hash: Hash) -> bool {
        let index = usize::try_from(version.get())
            .ok()
            .and_then(|version| version.checked_sub(1));
        index.and_then(|index| self.0.chunks_exact(FINGERPRINT_BYTES).nth(index))
            == Some(fingerprint(&hash))
    }
}

fn fingerprint(hash: &Hash) -> &[u8] {
    &hash.as_bytes()[..FINGERPRINT_BYTES]
}

impl Serialize for Fingerprints {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Fingerprints {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl serde::de::Visitor<'_> for Bytes {
            type Value = Fingerprints;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("eight bytes a version")
            }

            fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<Fingerprints, E> {
                if bytes.len().is_multiple_of(FINGERPRINT_BYTES) {
                    Ok(Fingerprints(bytes.to_vec()))
                } else {
                    Err(E::invalid_length(bytes.len(), &self))
                }
            }
        }
        deserializer.deserialize_bytes(Bytes)
    }
}
