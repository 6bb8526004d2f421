//! What of an event ties it to its order and to the event before it.
//!
//! It can be read of events that this version of the program does not know: an audit of a newer log checks the chain all
//! the same.

use crate::{
    CommandId, CorrelationId, DecodeError, Envelope, Event, EventId, Hash, OrderEvent, OrderId,
    Timestamp, Version, fields::Fields,
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
        let event_id = fields.read_id("event_id", EventId::from_uuid)?;
        let order_id = fields.read_id("order_id", OrderId::from_uuid)?;
        let version = fields.read("version")?;
        let is_first = fields.text("type")? == FIRST;
        let _: u16 = fields.read("schema")?;
        let _: Timestamp = fields.read("occurred_at")?;
        let command_id = fields.read_id("command_id", CommandId::from_uuid)?;
        fields.read_bytes("command_hash", Hash::from_bytes)?;
        fields.read_id("causation_id", |id| Some(EventId::from_uuid(id)))?;
        fields.read_id("correlation_id", CorrelationId::from_uuid)?;
        fields.text_or_nil("traceparent")?;
        fields.skip_actor()?;
        let prev_hash = fields.read_bytes("prev_hash", Hash::from_bytes)?;
        fields.rest()?.skip_last_map()?;
        Ok(Self {
            event_id,
            order_id,
            version,
            is_first,
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
    use std::fmt;

    use serde::de::{self, Deserialize, Deserializer, IgnoredAny, Visitor};

    use super::*;
    use crate::testing::fixtures::{drafts, events};
    use crate::{CommandHash, History, testing::fixtures};

    #[test]
    fn a_link_is_that_of_the_event() {
        let empty = History::empty(fixtures::order_id());
        let placed = events::order_placed(fixtures::cash());
        for draft in drafts(&empty, vec![placed, events::order_completed()]) {
            let read = Link::read(&draft.payload).unwrap();
            assert_eq!(read, Link::of(&draft.envelope));
        }
    }

    /// A text, and nothing else that MessagePack has.
    struct Text(String);

    impl<'de> Deserialize<'de> for Text {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            struct Only;
            impl Visitor<'_> for Only {
                type Value = Text;

                fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str("a text")
                }

                fn visit_str<E: de::Error>(self, text: &str) -> Result<Text, E> {
                    Ok(Text(text.to_owned()))
                }
            }
            deserializer.deserialize_str(Only)
        }
    }

    /// The same as [`Link::read`], each field read as what it is, by the library.
    fn read_in_full(payload: &[u8]) -> Result<Link, DecodeError> {
        let mut fields = Fields::of_envelope(payload)?;
        let event_id = fields.read("event_id")?;
        let order_id = fields.read("order_id")?;
        let version = fields.read("version")?;
        let Text(name) = fields.read("type")?;
        let _: u16 = fields.read("schema")?;
        let _: Timestamp = fields.read("occurred_at")?;
        let command_id = fields.read("command_id")?;
        let _: CommandHash = fields.read("command_hash")?;
        let _: Option<EventId> = fields.read("causation_id")?;
        let _: CorrelationId = fields.read("correlation_id")?;
        let _: Option<Text> = fields.read("traceparent")?;
        let _ = fields.read_actor_as::<Text>()?;
        let prev_hash = fields.read("prev_hash")?;
        let _: IgnoredAny = fields.rest()?.last_map()?;
        Ok(Link {
            event_id,
            order_id,
            version,
            is_first: name == FIRST,
            command_id,
            prev_hash,
        })
    }

    #[track_caller]
    fn assert_read_alike(payload: &[u8]) -> bool {
        let (read, in_full) = (Link::read(payload), read_in_full(payload));
        assert_eq!(read.as_ref().ok(), in_full.as_ref().ok());
        read.is_ok()
    }

    #[test]
    fn whatever_byte_is_another_a_shortcut_changes_nothing() {
        let empty = History::empty(fixtures::order_id());
        let drafts = drafts(&empty, vec![events::order_placed(fixtures::cash())]);
        let payload = &drafts[0].payload;
        let mut read = 0;
        for (at, byte) in (0..payload.len()).flat_map(|at| (0..=u8::MAX).map(move |to| (at, to))) {
            let mut changed = payload.clone();
            changed[at] = byte;
            read += u64::from(assert_read_alike(&changed));
        }
        assert!(read > payload.len() as u64, "some are read");
    }

    #[test]
    fn longer_spellings_of_a_length_are_read_as_well() {
        let empty = History::empty(fixtures::order_id());
        let drafts = drafts(&empty, vec![events::order_placed(fixtures::cash())]);
        let payload = &drafts[0].payload;
        let after = |key: &str| {
            let found = payload
                .windows(key.len())
                .position(|at| at == key.as_bytes());
            found.unwrap() + key.len()
        };
        let respelled = |at: usize, length: usize, spelling: &[u8]| {
            [&payload[..at], spelling, &payload[at + length..]].concat()
        };
        let text = u8::try_from(FIRST.len()).unwrap();
        for longer in [
            respelled(after("event_id"), 2, &[0xc5, 0, 16]),
            respelled(after("prev_hash"), 2, &[0xc6, 0, 0, 0, 32]),
            respelled(after("type"), 1, &[0xd9, text]),
            respelled(after("type"), 1, &[0xda, 0, text]),
        ] {
            assert!(assert_read_alike(&longer));
        }
    }

    /// MessagePack has texts and bytes; the library takes one for the other.
    #[test]
    fn bytes_in_the_place_of_a_text_are_no_event_to_anybody() {
        let empty = History::empty(fixtures::order_id());
        let draft = drafts(&empty, vec![events::order_placed(fixtures::cash())]).remove(0);
        for key in [&b"\xa4type"[..], b"\xa4kind", b"\xa2id"] {
            let found = draft.payload.windows(key.len()).position(|at| at == key);
            let at = found.unwrap() + key.len();
            let length = draft.payload[at] & 0x1f;
            let as_bytes = [
                &draft.payload[..at],
                &[0xc4, length],
                &draft.payload[at + 1..],
            ];
            let as_bytes = as_bytes.concat();
            assert!(Link::read(&as_bytes).is_err());
            assert!(Envelope::decode(&as_bytes).is_err());
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
