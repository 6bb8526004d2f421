//! Messages of the stream: how a decision becomes messages, and how a stored message becomes an event again.
//!
//! Invariant: the headers repeat what the payload says, for the server and for a human with the `nats` CLI, and never say
//! anything else. A stored message in which they differ was written by somebody else.

use async_nats::HeaderMap;
use bytes::Bytes;
use ordertrace_domain::message::{
    EXPECTED_LAST, EXPECTED_LAST_OF, EXPECTED_STREAM, ID, SCHEMA, TYPE, headers_agree, says_once,
};
use ordertrace_domain::{
    BrokenHistory, Draft, Hash, History, OrderId, Sequence, StoredEvent, Timestamp,
};

use crate::delivered::values_of;
use crate::subject::{EVENTS_STREAM, events_of};

/// A message to be published.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub(crate) headers: HeaderMap,
    pub(crate) payload: Bytes,
}

/// The events of one decision as they go over the wire, the same at every try.
#[derive(Debug)]
pub(crate) struct Decision {
    pub(crate) order: OrderId,
    pub(crate) subject: String,
    /// Where the order's last event stands, if nobody was quicker.
    pub(crate) expected: Sequence,
    /// Never empty.
    pub(crate) messages: Vec<Message>,
    /// A number that is the decision's own, to spread its retries in time.
    pub(crate) seed: u64,
}

impl Decision {
    pub(crate) fn new(base: &History, events: &[Draft]) -> Self {
        let expected = base.last_sequence();
        let mut messages: Vec<Message> = events.iter().map(message).collect();
        // The expectation is a matter of the order, so only its first message in a batch carries it (ADR-50).
        if let Some(first) = messages.first_mut() {
            first.headers.insert(EXPECTED_LAST, expected.to_string());
        }
        Self {
            order: base.order_id(),
            subject: events_of(base.order_id()),
            expected,
            messages,
            seed: events.first().map_or(0, seed),
        }
    }
}

/// A stored message, from whichever of the server's reads.
#[derive(Debug)]
pub(super) struct StoredMessage {
    pub(super) sequence: Sequence,
    pub(super) headers: HeaderMap,
    pub(super) payload: Bytes,
    /// When the log recorded it, if the server said so.
    pub(super) recorded_at: Option<Timestamp>,
}

impl StoredMessage {
    /// Whether it is this event.
    pub(super) fn is(&self, event: &StoredEvent) -> bool {
        self.sequence == event.sequence && Hash::of(&self.payload) == event.hash
    }

    /// Whether the order had no message between `sequence` and this one: the server stores a message with an expectation
    /// only if it holds. `false` if the message can't tell.
    pub(super) fn is_next_after(&self, sequence: Sequence) -> bool {
        let expected = values_of(&self.headers, EXPECTED_LAST);
        says_once(expected, &sequence.to_string()) && self.headers.get(EXPECTED_LAST_OF).is_none()
    }

    /// The event in it.
    pub(super) fn read(&self) -> Result<StoredEvent, BrokenHistory> {
        let sequence = self.sequence;
        let event = StoredEvent::read(sequence, &self.payload)
            .map_err(|error| BrokenHistory::Unreadable { sequence, error })?;
        let values = |name| values_of(&self.headers, name);
        if headers_agree(&event, &self.payload, values) {
            Ok(event)
        } else {
            Err(BrokenHistory::HeaderMismatch { sequence })
        }
    }
}

fn message(draft: &Draft) -> Message {
    let event_type = draft.envelope.event.event_type();
    let mut headers = HeaderMap::new();
    headers.insert(ID, draft.envelope.event_id.to_string());
    headers.insert(EXPECTED_STREAM, EVENTS_STREAM);
    headers.insert(TYPE, event_type.name);
    headers.insert(SCHEMA, event_type.schema.to_string());
    Message {
        headers,
        payload: Bytes::from(draft.payload.clone()),
    }
}

/// Event ids are digests, so any of their bytes will do.
fn seed(draft: &Draft) -> u64 {
    let id = draft.envelope.event_id.as_bytes();
    id.iter()
        .fold(0, |seed: u64, byte| seed.rotate_left(8) ^ u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use ordertrace_domain::testing::fixtures::{self, drafts, events};

    use super::*;

    const HEADERS: [&str; 3] = [ID, TYPE, SCHEMA];

    fn is_read(change: impl FnOnce(&mut HeaderMap)) -> bool {
        let empty = History::empty(fixtures::order_id());
        let placed = drafts(&empty, vec![events::order_placed(fixtures::cash())]).remove(0);
        let Message {
            mut headers,
            payload,
        } = message(&placed);
        change(&mut headers);
        let sequence = Sequence::new(1);
        let read = StoredMessage {
            sequence,
            headers,
            payload,
            recorded_at: None,
        }
        .read();
        match read {
            Ok(_) => true,
            Err(error) => {
                assert_eq!(error, BrokenHistory::HeaderMismatch { sequence });
                false
            }
        }
    }

    fn is_next_after(sequence: u64, headers: &[(&str, &str)]) -> bool {
        let mut expectation = HeaderMap::new();
        for (name, value) in headers {
            expectation.append(*name, *value);
        }
        let message = StoredMessage {
            sequence: Sequence::new(9),
            headers: expectation,
            payload: Bytes::new(),
            recorded_at: None,
        };
        message.is_next_after(Sequence::new(sequence))
    }

    #[test]
    fn only_its_expectation_tells_what_a_message_came_after() {
        let expected = ("Nats-Expected-Last-Subject-Sequence", "7");
        let of_another = ("Nats-Expected-Last-Subject-Sequence-Subject", "another");
        let another = ("Nats-Expected-Last-Subject-Sequence", "6");
        assert!(is_next_after(7, &[expected]));
        assert!(!is_next_after(6, &[expected]));
        assert!(!is_next_after(8, &[]));
        assert!(!is_next_after(7, &[expected, another]));
        assert!(!is_next_after(6, &[expected, another]));
        assert!(!is_next_after(7, &[expected, of_another]));
    }

    #[test]
    fn a_message_is_read_with_whatever_headers_beside_its_own() {
        assert!(is_read(|_| {}));
        assert!(is_read(|headers| headers.append("Nats-Sequence", "7")));
    }

    #[test]
    fn each_header_is_there_once() {
        for name in HEADERS {
            let once = |headers: &HeaderMap| headers.get(name).unwrap().clone();
            assert!(!is_read(|headers| headers.append(name, once(headers))));
            assert!(!is_read(|headers| headers.append(name, "another")));
            assert!(!is_read(|headers| headers.insert(name, "another")));
            let bare = |headers: &mut HeaderMap| {
                let others = HEADERS.into_iter().filter(|other| *other != name);
                *headers = others
                    .map(|other| (other.parse().unwrap(), headers.get(other).unwrap().clone()))
                    .collect();
            };
            assert!(!is_read(bare));
        }
    }
}
