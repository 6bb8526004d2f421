//! JSON of which no object has a key twice.
//!
//! Two readers of `{"sub":"a","sub":"b"}` may see two people in it. Invariant: such JSON is refused, however deep it
//! stands. How deep it nests is bounded by serde_json itself, at 128; how large it is, by those who read it.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Number, Value};

/// A value that says everything once.
#[derive(Debug)]
pub(crate) struct Strict(pub(crate) Value);

impl Strict {
    /// The object that the bytes are.
    pub(crate) fn object(bytes: &[u8]) -> Option<Map<String, Value>> {
        let Self(value) = serde_json::from_slice(bytes).ok()?;
        match value {
            Value::Object(object) => Some(object),
            _ => None,
        }
    }
}

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader).map(Self)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Value, E> {
        let number = Number::from_f64(number).ok_or_else(|| E::custom("no finite number"))?;
        Ok(Value::Number(number))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Strict(value)) = elements.next_element()? {
            list.push(value);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some((key, Strict(value))) = entries.next_entry::<String, Strict>()? {
            if object.insert(key, value).is_some() {
                return Err(A::Error::custom("an object has the same key twice"));
            }
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[test]
    fn what_is_said_once_is_read_as_it_is() {
        let text = r#"{"a":[1,-2,0.5,"x",null,true],"b":{"a":{}}}"#;
        let read = Strict::object(text.as_bytes()).unwrap();
        assert_eq!(Value::Object(read).to_string(), text);
    }

    #[rstest]
    #[case::at_the_top(r#"{"a":1,"a":1}"#)]
    #[case::inside(r#"{"b":[{"a":1,"a":2}]}"#)]
    #[case::escaped(r#"{"sub":1,"\u0073ub":2}"#)]
    #[case::trailing("{}{}")]
    #[case::no_object("[]")]
    #[case::deep(&format!("{{\"a\":{}{}}}", "[".repeat(200), "]".repeat(200)))]
    fn anything_else_is_refused(#[case] text: &str) {
        assert!(Strict::object(text.as_bytes()).is_none());
    }
}
