//! What of an event ties it to its order and to the event before it.
//!
//! It can be read of events that this version of the program does not know: an audit of a newer log checks the chain all
//! the same.

use serde::de::IgnoredAny;

use crate::{
    CommandHash, CommandId, CorrelationId, DecodeError, Envelope, Event, EventId, Hash, OrderEvent,
    OrderId, Timestamp, TraceParent, Version, fields::Fields,
};

/// The event that every history begins with, and no history has twice.
const FIRST: &str = "OrderPlaced";

/// What ties an event to its order and to the event before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// Its id.
    pub event_id: EventId,
    /// Whose event it is.
    pub order_id: OrderId,
    /// Its number within the order.
    pub version: Version,
    /// Whether it is one that a history begins with.
    pub is_first: bool,
    /// The command that its id follows from.
    pub command_id: CommandId,
    /// SHA-256 of the payload before it.
    pub prev_hash: Hash,
}

impl Link {
    /// Reads a payload up to its data, and looks that the data is one map that ends where the payload does.
    ///
    /// # Errors
    /// [`DecodeError::Malformed`], [`DecodeError::TooLong`].
    pub fn read(payload: &[u8]) -> Result<Self, DecodeError> {
        let mut fields = Fields::of_envelope(payload)?;
        let event_id = fields.read("event_id")?;
        let order_id = fields.read("order_id")?;
        let version = fields.read("version")?;
        let name: String = fields.read("type")?;
        let _: u16 = fields.read("schema")?;
        let _: Timestamp = fields.read("occurred_at")?;
        let command_id = fields.read("command_id")?;
        let _: CommandHash = fields.read("command_hash")?;
        let _: Option<EventId> = fields.read("causation_id")?;
        let _: CorrelationId = fields.read("correlation_id")?;
        let _: Option<TraceParent> = fields.read("traceparent")?;
        fields.read_actor()?;
        let prev_hash = fields.read("prev_hash")?;
        let _: IgnoredAny = fields.rest()?.last_map()?;
        Ok(Self {
            event_id,
            order_id,
            version,
            is_first: name == FIRST,
            command_id,
            prev_hash,
        })
    }

    /// The same of an event that was read whole.
    pub fn of(envelope: &Envelope) -> Self {
        Self {
            event_id: envelope.event_id,
            order_id: envelope.order_id,
            version: envelope.version,
            is_first: matches!(envelope.event, Event::Order(OrderEvent::OrderPlaced(_))),
            command_id: envelope.command_id,
            prev_hash: envelope.prev_hash,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::fixtures::{drafts, events};
    use crate::{History, testing::fixtures};

    #[test]
    fn a_link_is_that_of_the_event() {
        let empty = History::empty(fixtures::order_id());
        let placed = events::order_placed(fixtures::cash());
        for draft in drafts(&empty, vec![placed, events::order_completed()]) {
            let read = Link::read(&draft.payload).unwrap();
            assert_eq!(read, Link::of(&draft.envelope));
        }
    }

    #[test]
    fn the_event_need_not_be_known_but_it_has_to_be_whole() {
        let empty = History::empty(fixtures::order_id());
        let draft = drafts(&empty, vec![events::order_placed(fixtures::cash())]).remove(0);
        let name = draft
            .payload
            .windows(11)
            .position(|at| at == b"OrderPlaced");
        let mut renamed = draft.payload.clone();
        renamed[name.unwrap()] = b'X';
        assert!(!Link::read(&renamed).unwrap().is_first);
        assert!(Envelope::decode(&renamed).is_err());
        for length in 0..draft.payload.len() {
            assert!(Link::read(&draft.payload[..length]).is_err(), "{length}");
        }
        let longer = [&draft.payload[..], &[0xc0]].concat();
        assert!(Link::read(&longer).is_err());
    }
}
