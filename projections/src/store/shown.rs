//! Keys and values in words, for whoever looks at a difference between two views.
//!
//! It reads what may be damaged, so it takes any bytes; what it can't read it shows as they are.

use ordertrace_domain::OrderId;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use uuid::Uuid;

use super::{
    Difference, StoreError,
    fields::{Fields, flatten, hex, raw, text},
    key,
    key::Tag,
    numbers::Numbers,
    places::Place,
    progress::Progress,
    value,
};
use crate::{Happening, Record};

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

fn read<T: DeserializeOwned + Serialize>(key: &[u8], stored: &[u8]) -> Result<Value, StoreError> {
    let body: T = value::open(key, stored)?;
    serde_json::to_value(body)
        .map_err(|error| StoreError::Damaged(format!("it can't be shown: {error}")))
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
}
