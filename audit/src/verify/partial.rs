//! A part of the log: what can be said of an order's events without those between them.
//!
//! Invariant: what is missing is no finding. Two events of an order that are both there and neighbours in version have to
//! be linked; a later one can't have an earlier version; and each has to be an event of its subject's order.

use std::collections::HashMap;

use ordertrace_domain::{Hash, Head, OrderId, Record, Version};

use super::{NotNext, next_event};

/// The last event of each order that was there.
#[derive(Debug, Default)]
pub(super) struct Neighbours {
    last: HashMap<OrderId, (Version, Hash)>,
}

impl Neighbours {
    /// Takes the next event that is there.
    pub(super) fn push(&mut self, record: &Record) -> Result<(), NotNext> {
        let (order_id, link) = next_event::read(record)?;
        let known = self.last.get(&order_id).copied();
        let (version, hash) = known.unwrap_or((Version::NONE, Hash::ZERO));
        let is_neighbour = link.version <= version.next();
        // Of what is missing between them nothing is known but what this one says.
        let before = link.version.get().saturating_sub(1);
        let head = Head {
            order_id,
            version: if is_neighbour {
                version
            } else {
                Version::new(before)
            },
            hash: if is_neighbour { hash } else { link.prev_hash },
        };
        next_event::check(&head, record, &link)?;
        let last = (link.version, Hash::of(&record.payload));
        self.last.insert(order_id, last);
        Ok(())
    }

    /// How many orders there are events of.
    pub(super) fn orders(&self) -> u64 {
        self.last.len() as u64
    }
}
