//! A JSON value, well-formed for certain.
//!
//! Invariant: no object has a key twice, nothing is nested deeper than [`DEPTH_MAX`], all text is valid Unicode, and a
//! whole number is kept exactly or not at all.

use std::{collections::BTreeMap, fmt};

use serde::{
    Deserializer,
    de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor},
};

use super::Fault;
use crate::{Problem, ProblemKind};

/// How deep arrays and objects may nest. An order with its lines needs three; the bound keeps the stack small.
pub(super) const DEPTH_MAX: usize = 32;

/// A value of a body.
#[derive(Debug, Clone, PartialEq)]
pub struct Json(pub(super) Node);

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    Null,
    Bool(bool),
    Integer(i64),
    /// A fraction, a number with an exponent, or a whole one beyond 64 bits. None of them is ever used.
    OtherNumber(f64),
    Text(String),
    List(Vec<Node>),
    Object(BTreeMap<String, Node>),
}

impl Json {
    /// Reads exactly one value.
    pub(super) fn parse(body: &[u8]) -> Result<Self, Problem> {
        let malformed = |detail: String| Problem::new(ProblemKind::MalformedJson, detail);
        if body.starts_with(b"\xEF\xBB\xBF") {
            return Err(malformed("it begins with a byte order mark".to_owned()));
        }
        let text = std::str::from_utf8(body)
            .map_err(|error| malformed(format!("not UTF-8 at byte {}", error.valid_up_to())))?;
        let mut reader = serde_json::Deserializer::from_str(text);
        let node = Nested { depth: 0 }
            .deserialize(&mut reader)
            .and_then(|node| reader.end().map(|()| node))
            .map_err(|error| malformed(error.to_string()))?;
        Ok(Self(node))
    }

    /// The text.
    ///
    /// # Errors
    /// Anything else.
    pub fn text(self) -> Result<String, Fault> {
        match self.0 {
            Node::Text(text) => Ok(text),
            _ => Err(Fault::validation("must be text")),
        }
    }

    /// Yes or no, written as JSON has it or, as httpie sends it, as text.
    ///
    /// # Errors
    /// Anything else.
    pub fn truth(self) -> Result<bool, Fault> {
        match self.0 {
            Node::Bool(truth) => Ok(truth),
            Node::Text(text) if text == "true" => Ok(true),
            Node::Text(text) if text == "false" => Ok(false),
            _ => Err(Fault::validation("must be true or false")),
        }
    }

    /// The whole number, written as one or, as httpie sends it, as text of decimal digits.
    ///
    /// # Errors
    /// A fraction, an exponent, a plus sign, white space, a number beyond 64 bits, and anything that is no number.
    pub fn integer(self) -> Result<i64, Fault> {
        self.whole("must be a whole number, written in digits only")
    }

    /// The same as an amount of money.
    ///
    /// # Errors
    /// As for [`Json::integer`], as a fault of money.
    pub fn minor_units(self) -> Result<i64, Fault> {
        self.whole(
            "must be a whole number of minor units, written in digits only: 10.50 EUR is 1050",
        )
        .map_err(Fault::of_money)
    }

    fn whole(self, not_whole: &str) -> Result<i64, Fault> {
        const TOO_LARGE: &str = "is beyond what 64 bits can hold";
        match self.0 {
            Node::Integer(number) => Ok(number),
            // Whoever wrote 1e30 gets the same answer as for its digits: both are beyond the range.
            Node::OtherNumber(number) if number.abs() >= i64::MAX as f64 => {
                Err(Fault::validation(TOO_LARGE))
            }
            Node::Text(text) if is_decimal(&text) => {
                text.parse().map_err(|_| Fault::validation(TOO_LARGE))
            }
            _ => Err(Fault::validation(not_whole)),
        }
    }
}

fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Reads a value that stands inside `depth` others.
#[derive(Clone, Copy)]
struct Nested {
    depth: usize,
}

impl Nested {
    fn deeper<E: Error>(self) -> Result<Self, E> {
        if self.depth < DEPTH_MAX {
            Ok(Self {
                depth: self.depth + 1,
            })
        } else {
            Err(E::custom(format_args!("nested more than {DEPTH_MAX} deep")))
        }
    }
}

impl<'de> DeserializeSeed<'de> for Nested {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Nested {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Bool(value))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Node, E> {
        Ok(Node::Integer(number))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Node, E> {
        Ok(i64::try_from(number).map_or(Node::OtherNumber(number as f64), Node::Integer))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Node, E> {
        Ok(Node::OtherNumber(number))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Node, E> {
        Ok(Node::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Node, A::Error> {
        let element = self.deeper()?;
        let mut list = Vec::new();
        while let Some(node) = elements.next_element_seed(element)? {
            list.push(node);
        }
        Ok(Node::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Node, A::Error> {
        let value = self.deeper()?;
        let mut object = BTreeMap::new();
        while let Some(key) = entries.next_key::<String>()? {
            let node = entries.next_value_seed(value)?;
            if object.insert(key, node).is_some() {
                return Err(A::Error::custom("an object has the same key twice"));
            }
        }
        Ok(Node::Object(object))
    }
}
