//! What stands in the log: payloads, and the messages around them.

use ordertrace_domain::message::{self, ID, SCHEMA, TYPE};
use ordertrace_domain::{Envelope, Hash, Link, Sequence, event_subject};

use crate::parts;

/// A payload. Whoever reads all of it and whoever reads its link only see the same event, and what is written of it reads
/// back as the same.
pub fn payload(bytes: &[u8]) -> bool {
    let link = Link::read(bytes);
    let Ok(envelope) = Envelope::decode(bytes) else {
        return false;
    };
    assert_eq!(link, Ok(Link::of(&envelope)));
    assert_eq!(Envelope::decode(&envelope.encode()), Ok(envelope));
    true
}

/// A message: its subject, its headers, an empty line, its payload. One that is read is on its order's subject, and says its
/// id, type and schema once each.
pub fn message(bytes: &[u8]) -> bool {
    let Some((lines, payload)) = parts::of(bytes) else {
        return false;
    };
    let subject = lines.first().copied().unwrap_or_default();
    let headers = parts::named(&lines);
    let values = |name: &'static str| {
        let named = headers.iter().filter(move |(it, _)| *it == name);
        named.map(|(_, value)| *value)
    };
    let Ok(event) = message::read(Sequence::new(7), subject, payload, values) else {
        return false;
    };
    assert_eq!(subject, event_subject(event.envelope.order_id));
    assert_eq!(event.hash, Hash::of(payload));
    let id = event.envelope.event_id.to_string();
    let name = event.envelope.event.event_type().name;
    assert_eq!(values(ID).collect::<Vec<_>>(), [id]);
    assert_eq!(values(TYPE).collect::<Vec<_>>(), [name]);
    assert_eq!(values(SCHEMA).count(), 1);
    true
}
