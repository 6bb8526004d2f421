//! The chain within each order: every event says which payload came before it.
//!
//! Invariant: the map has moved for the events that follow, and for nothing else. A record that is not its order's next
//! event is told; in the tree it is a leaf like any other, so that nobody stops the checkpoints by writing rubbish into the
//! log.

use ordertrace_domain::{BrokenHistory, DecodeError, Hash, Head, Link, Record, order_of_subject};

use crate::{MapKey, OrderMap, Tip};

/// Why a record is not its order's next event.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The subject is none of an order.
    #[error("the subject {0:?} is none of an order")]
    Subject(String),
    /// The payload is no event's.
    #[error("the payload can't be read: {0}")]
    Unreadable(DecodeError),
    /// It does not follow the event before it.
    #[error(transparent)]
    Broken(#[from] BrokenHistory),
}

/// How far each order has come, checked event by event.
#[derive(Debug, Clone, Default)]
pub struct Chain {
    map: OrderMap,
}

impl Chain {
    /// Of a log before its first event.
    pub fn new() -> Self {
        Self::default()
    }

    /// Goes on from a map that was built earlier.
    pub const fn of(map: OrderMap) -> Self {
        Self { map }
    }

    /// How far each order has come.
    pub const fn map(&self) -> &OrderMap {
        &self.map
    }

    /// Takes the next record of the log.
    ///
    /// # Errors
    /// [`Fault`] if it is not its order's next event; the map then stays as it was.
    pub fn follow(&mut self, record: &Record) -> Result<Link, Fault> {
        let order_id = order_of_subject(&record.subject)
            .ok_or_else(|| Fault::Subject(record.subject.clone()))?;
        let link = Link::read(&record.payload).map_err(Fault::Unreadable)?;
        self.map.change(MapKey::of(order_id), |tip| {
            let head = tip.map_or(Head::none(order_id), |tip| Head {
                order_id,
                version: tip.version,
                hash: tip.hash,
            });
            head.check_link(record.sequence, &link)?;
            Ok::<_, BrokenHistory>(Tip {
                version: link.version,
                hash: Hash::of(&record.payload),
            })
        })?;
        Ok(link)
    }
}
