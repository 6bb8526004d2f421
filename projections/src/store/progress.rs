//! How far the tree has come: the checkpoint, and what is counted along with it.

use ordertrace_domain::{Incarnation, Position, Sequence, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Digest, StoreError, key, value};
use crate::Listing;

/// What is counted, in the same batch as the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counts {
    /// Orders that were placed.
    pub placed: u64,
    /// Payments that were requested.
    pub payments: u64,
    /// Deliveries that were prepared.
    pub deliveries: u64,
    /// Orders in quarantine.
    pub quarantined: u64,
    /// Messages that could not be read nor given to an order.
    pub strays: u64,
}

impl Counts {
    /// How many orders a listing has.
    pub const fn of(&self, listing: Listing) -> u64 {
        match listing {
            Listing::Placed => self.placed,
            Listing::Payments => self.payments,
            Listing::Deliveries => self.deliveries,
        }
    }

    pub(super) const fn count(&mut self, listing: Listing) {
        let count = match listing {
            Listing::Placed => &mut self.placed,
            Listing::Payments => &mut self.payments,
            Listing::Deliveries => &mut self.deliveries,
        };
        *count += 1;
    }
}

/// The checkpoint, with the counts at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Progress {
    pub(super) incarnation: Incarnation,
    /// The last message that was applied.
    pub(super) sequence: Sequence,
    pub(super) counts: Counts,
    /// The latest time at which the log has recorded an order by now: places in time follow the log, though a server's clock
    /// may stand back.
    pub(super) clock: Timestamp,
    /// The digest of all rows at the checkpoint.
    pub(super) digest: Digest,
}

impl Progress {
    /// Before the first message of a log.
    pub(super) fn start(incarnation: Incarnation) -> Self {
        Self {
            incarnation,
            sequence: Sequence::START,
            counts: Counts::default(),
            clock: Timestamp::from_micros(0),
            digest: Digest::default(),
        }
    }

    /// The one in a tree.
    pub(super) fn read(tree: &sled::Db) -> Result<Self, StoreError> {
        let value = tree.get(key::PROGRESS)?;
        let value =
            value.ok_or_else(|| StoreError::Damaged("the checkpoint is missing".to_owned()))?;
        value::open(&key::PROGRESS, &value)
    }

    pub(super) const fn position(&self) -> Position {
        Position {
            incarnation: self.incarnation,
            sequence: self.sequence,
        }
    }
}
