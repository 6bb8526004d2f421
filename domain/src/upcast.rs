//! Upcasters: lift the data of an old schema to the next one, until it is today's.
//!
//! Invariant: an upcaster is pure and never changes; old payloads stay as they were written.

use rmpv::Value;

use crate::EventType;

/// Lifts the data of one event from one schema to the next.
#[derive(Debug, Clone, Copy)]
pub struct Upcaster {
    /// The event's name.
    pub name: &'static str,
    /// The schema it reads; it writes the next one.
    pub from_schema: u16,
    /// The change, given and giving the data as a MessagePack map; `None` if the data is not of the old schema.
    pub lift: fn(Value) -> Option<Value>,
}

/// The upcasters of this version of the program. None yet: every event is still in its first schema.
pub const UPCASTERS: &[Upcaster] = &[];

/// Data that could not be lifted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UpcastError {
    /// No upcaster is registered: this program is not the one that wrote it, nor one made later.
    #[error("no upcaster from schema {0}")]
    Missing(u16),
    /// The data is not what its schema number says.
    #[error("the data is not of schema {0}")]
    Malformed(u16),
}

/// Lifts data of an old schema to `target.schema`, one schema at a time.
pub(crate) fn lift(
    upcasters: &[Upcaster],
    target: EventType,
    schema: u16,
    data: Value,
) -> Result<Value, UpcastError> {
    (schema..target.schema).try_fold(data, |data, from| {
        let upcaster = upcasters
            .iter()
            .find(|upcaster| upcaster.name == target.name && upcaster.from_schema == from)
            .ok_or(UpcastError::Missing(from))?;
        (upcaster.lift)(data).ok_or(UpcastError::Malformed(from))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TARGET: EventType = EventType {
        name: "Renamed",
        schema: 3,
    };

    fn rename_amount(data: Value) -> Option<Value> {
        let Value::Map(fields) = data else {
            return None;
        };
        let renamed = fields.into_iter().map(|(name, value)| {
            let is_old = name.as_str() == Some("amount");
            (if is_old { Value::from("total") } else { name }, value)
        });
        Some(Value::Map(renamed.collect()))
    }

    fn add_currency(data: Value) -> Option<Value> {
        let Value::Map(mut fields) = data else {
            return None;
        };
        fields.push((Value::from("currency"), Value::from("EUR")));
        Some(Value::Map(fields))
    }

    const LIFTS: &[Upcaster] = &[
        Upcaster {
            name: "Renamed",
            from_schema: 1,
            lift: rename_amount,
        },
        Upcaster {
            name: "Renamed",
            from_schema: 2,
            lift: add_currency,
        },
    ];

    #[test]
    fn old_data_is_lifted_schema_by_schema() {
        let old = Value::Map(vec![(Value::from("amount"), Value::from(1))]);
        let lifted = lift(LIFTS, TARGET, 1, old).unwrap();
        let expected = Value::Map(vec![
            (Value::from("total"), Value::from(1)),
            (Value::from("currency"), Value::from("EUR")),
        ]);
        assert_eq!(lifted, expected);
    }

    #[test]
    fn data_of_todays_schema_is_left_alone() {
        assert_eq!(lift(LIFTS, TARGET, 3, Value::Nil), Ok(Value::Nil));
    }

    #[test]
    fn what_cannot_be_lifted_is_an_error() {
        assert_eq!(
            lift(&[], TARGET, 1, Value::Nil),
            Err(UpcastError::Missing(1))
        );
        assert_eq!(
            lift(LIFTS, TARGET, 1, Value::Nil),
            Err(UpcastError::Malformed(1))
        );
    }
}
