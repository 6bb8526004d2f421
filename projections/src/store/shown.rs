//! Keys and values in words, for whoever looks at a difference between two views.
//!
//! It reads what may be damaged, so it takes any bytes; what it can't read it shows as they are.

use std::collections::BTreeMap;

use ordertrace_domain::OrderId;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use uuid::Uuid;

use super::{
    Difference, StoreError, key, key::Tag, numbers::Numbers, places::Place, progress::Progress,
    value,
};
use crate::{Happening, Record};

/// The most characters that are shown of one value: some lines of a terminal.
const VALUE_CHARS_MAX: usize = 400;

/// The most characters that are shown of one field: no text that comes from outside is longer.
const FIELD_CHARS_MAX: usize = 200;

/// Fields by their path, whole: only what is printed is cut.
type Fields = BTreeMap<Vec<Step>, String>;

/// A step on the path to a field.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    /// To an entry of a list.
    At(usize),
    /// To a field.
    Name(String),
}

/// A key with another value in one view than in the other: of both, what differs.
pub(super) fn difference(key: &[u8], live: Option<&[u8]>, rebuilt: Option<&[u8]>) -> Difference {
    let (name, order_id) = named(key);
    let read = |value: Option<&[u8]>| value.map(|value| fields(key, value));
    let (mut live_fields, mut rebuilt_fields) = (read(live), read(rebuilt));
    if live_fields == rebuilt_fields {
        // They mean the same, and yet are other bytes.
        (live_fields, rebuilt_fields) = (live.map(raw), rebuilt.map(raw));
    }
    Difference {
        key: name,
        order_id,
        live: text(live_fields.as_ref(), rebuilt_fields.as_ref()),
        rebuilt: text(rebuilt_fields.as_ref(), live_fields.as_ref()),
    }
}

/// What is counted beside the rows.
pub(super) fn progress(live: &Progress, rebuilt: &Progress) -> Difference {
    let text = |progress: &Progress| {
        let Progress {
            counts,
            clock,
            digest,
            ..
        } = progress;
        format!("{counts:?}, {clock}, digest {digest}")
    };
    Difference {
        key: "checkpoint".to_owned(),
        order_id: None,
        live: Some(text(live)),
        rebuilt: Some(text(rebuilt)),
    }
}

fn named(key: &[u8]) -> (String, Option<OrderId>) {
    named_exactly(key).unwrap_or_else(|| (format!("key {}", hex(key)), None))
}

/// A key of ours; `None` for any other bytes.
fn named_exactly(key: &[u8]) -> Option<(String, Option<OrderId>)> {
    let (tag, rest) = key.split_first()?;
    let at = || key::last_number_of(key);
    let name = match Tag::of(*tag)? {
        Tag::Record => {
            let order = order_id(rest)?;
            return Some((format!("row of {order}"), Some(order)));
        }
        Tag::Timeline => {
            let order = order_id(rest.get(..16)?)?;
            let part = at()?;
            return Some((format!("timeline of {order}, part {part}"), Some(order)));
        }
        Tag::Placed => format!("places, block {}", at()?),
        Tag::Payments => format!("places among payments, block {}", at()?),
        Tag::Deliveries => format!("places among deliveries, block {}", at()?),
        Tag::Unfinished => format!("place among unfinished orders at {}", at()?),
        Tag::Facet => format!("index {}, block {}", facet(rest)?, at()?),
        Tag::FacetCount => format!("count {}", facet(rest)?),
        Tag::HourCount => {
            let (hour, state) = key::hour_and_state(key)?;
            format!("count of hour {hour} since 1970, {state}")
        }
    };
    Some((name, None))
}

fn order_id(bytes: &[u8]) -> Option<OrderId> {
    Some(OrderId::from_uuid(Uuid::from_slice(bytes).ok()?))
}

/// A facet in the middle of a key: kind, length, value.
fn facet(bytes: &[u8]) -> Option<String> {
    let (kind, rest) = bytes.split_first()?;
    let (length, rest) = rest.split_first_chunk()?;
    let value = rest.get(..usize::from(u16::from_be_bytes(*length)))?;
    let kind = match kind {
        1 => "state",
        2 => "status",
        3 => "product",
        4 => "customer",
        5 => "payment type",
        _ => return None,
    };
    Some(format!("{kind} {}", str::from_utf8(value).ok()?))
}

fn fields(key: &[u8], stored: &[u8]) -> Fields {
    let read = match key.first().copied().and_then(Tag::of) {
        Some(Tag::Record) => read::<Record>(key, stored),
        Some(Tag::Timeline) => read::<Vec<Happening>>(key, stored),
        Some(Tag::FacetCount | Tag::HourCount) => read::<u64>(key, stored),
        Some(Tag::Placed | Tag::Payments | Tag::Deliveries) => read::<Vec<Place>>(key, stored),
        Some(Tag::Unfinished) => read::<OrderId>(key, stored),
        Some(Tag::Facet) => read::<Numbers>(key, stored),
        None => Err(StoreError::Damaged("no key of ours".to_owned())),
    };
    let mut fields = Fields::new();
    match read {
        Ok(value) => flatten(&mut Vec::new(), &value, &mut fields),
        Err(_) => {
            let bytes = format!("can't be read: {}", hex(stored));
            fields.insert(Vec::new(), bytes);
        }
    }
    fields
}

/// Each byte as a field of its own.
fn raw(stored: &[u8]) -> Fields {
    let bytes = stored.iter().enumerate();
    bytes
        .map(|(at, byte)| (vec![Step::At(at)], format!("{byte:02x}")))
        .collect()
}

fn read<T: DeserializeOwned + Serialize>(key: &[u8], stored: &[u8]) -> Result<Value, StoreError> {
    let body: T = value::open(key, stored)?;
    serde_json::to_value(body)
        .map_err(|error| StoreError::Damaged(format!("it can't be shown: {error}")))
}

fn flatten(path: &mut Vec<Step>, value: &Value, fields: &mut Fields) {
    let mut go_on = |step, value| {
        path.push(step);
        flatten(path, value, fields);
        path.pop();
    };
    match value {
        Value::Object(object) if !object.is_empty() => {
            for (name, value) in object {
                go_on(Step::Name(name.clone()), value);
            }
        }
        Value::Array(array) if !array.is_empty() => {
            for (at, value) in array.iter().enumerate() {
                go_on(Step::At(at), value);
            }
        }
        Value::String(text) => drop(fields.insert(path.clone(), text.clone())),
        value => drop(fields.insert(path.clone(), value.to_string())),
    }
}

/// The fields that the other does not have so.
fn text(own: Option<&Fields>, other: Option<&Fields>) -> Option<String> {
    let differs = |(path, text): &(&Vec<Step>, &String)| {
        other.is_none_or(|other| other.get(*path) != Some(*text))
    };
    let fields = own?.iter().filter(differs);
    let fields: Vec<_> = fields
        .map(|(path, text)| {
            let text = cut(text.clone(), FIELD_CHARS_MAX);
            match path.as_slice() {
                [] => text,
                path => format!("{}: {text}", shown(path)),
            }
        })
        .collect();
    Some(cut(fields.join(", "), VALUE_CHARS_MAX))
}

/// A path as one writes it: `delivery.attempts[3].type`.
fn shown(path: &[Step]) -> String {
    path.iter().fold(String::new(), |path, step| match step {
        Step::At(at) => format!("{path}[{at}]"),
        Step::Name(name) if path.is_empty() => name.clone(),
        Step::Name(name) => format!("{path}.{name}"),
    })
}

fn cut(text: String, chars_max: usize) -> String {
    match text.char_indices().nth(chars_max) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}

/// As many bytes as fit, in hexadecimal digits.
fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    cut(digits, FIELD_CHARS_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timeline::Changed;
    use ordertrace_domain::{
        Actor, ActorId, ActorKind, CommandId, EventId, Sequence, Timestamp, Version,
    };

    #[test]
    fn any_bytes_can_be_shown() {
        for key in [
            &b""[..],
            b"\x02",
            b"\x02short",
            b"\x10\0",
            b"\x14\x09\0\x01a",
            b"\xff",
        ] {
            let shown = difference(key, Some(b"nonsense"), None);
            assert!(shown.key.starts_with("key "), "{shown:?}");
            assert!(
                shown
                    .live
                    .is_some_and(|text| text.contains("can't be read"))
            );
            assert_eq!((shown.rebuilt, shown.order_id), (None, None));
        }
    }

    #[test]
    fn of_two_values_only_what_differs_is_shown() {
        let key = key::facet_count(&crate::Facet::state("placed"));
        let (live, rebuilt) = (value::seal(&key, &7_u64), value::seal(&key, &8_u64));
        let shown = difference(&key, Some(&live.unwrap()), Some(&rebuilt.unwrap()));
        assert_eq!(shown.key, "count state placed");
        assert_eq!(shown.live.as_deref(), Some("7"));
        assert_eq!(shown.rebuilt.as_deref(), Some("8"));
    }

    fn happening(event_type: &str) -> Happening {
        Happening {
            event_id: EventId::derive(CommandId::from_uuid(Uuid::nil()), Version::NONE),
            sequence: Sequence::START,
            version: Version::NONE,
            event_type: event_type.to_owned(),
            recorded_at: Timestamp::from_micros(0),
            actor: Actor {
                kind: ActorKind::Operator,
                id: ActorId::parse("operator").unwrap(),
            },
            causation_id: None,
            changed: Changed {
                order: None,
                payment: None,
                delivery: None,
            },
        }
    }

    #[test]
    fn of_two_lists_the_entries_that_differ_are_shown_wherever_they_are() {
        let order = OrderId::from_uuid(Uuid::nil());
        let key = key::timeline(order, 0);
        let sealed = |fifth| {
            let types = ["A", "B", "C", "D", fifth, "F"];
            value::seal(&key, &types.map(happening).to_vec()).unwrap()
        };
        let shown = difference(&key, Some(&sealed("E")), Some(&sealed("X")));
        assert_eq!(shown.live.as_deref(), Some("[4].event_type: E"));
        assert_eq!(shown.rebuilt.as_deref(), Some("[4].event_type: X"));
    }

    #[test]
    fn bytes_that_differ_are_shown_where_they_mean_the_same() {
        let key = key::facet_count(&crate::Facet::state("placed"));
        let shown = difference(&key, Some(b"x1"), Some(b"x1y"));
        assert!(shown.live.is_some_and(|text| text.contains("7831")));
        let (fields, more) = (raw(b"x1"), raw(b"x1y"));
        assert_eq!(text(Some(&more), Some(&fields)).as_deref(), Some("[2]: 79"));
    }
}
