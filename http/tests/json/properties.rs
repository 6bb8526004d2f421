//! Any bytes at all: they are read or refused, and what is refused as malformed is malformed by another reader, too.

use axum::http::{HeaderMap, HeaderValue, header};
use ordertrace_http::{Faulty, Fields, FromJson, Problem, ProblemKind, parse_json};
use proptest::{collection, prelude::*, sample::Index};
use serde_json::{Map, Value};

/// Takes every object.
#[derive(Debug)]
struct Anything;

impl FromJson for Anything {
    fn from_json(fields: &mut Fields<'_>) -> Result<Self, Faulty> {
        fields.ignore_others();
        Ok(Self)
    }
}

fn read(body: &[u8]) -> Result<Anything, Problem> {
    let json = HeaderValue::from_static("application/json");
    parse_json(&HeaderMap::from_iter([(header::CONTENT_TYPE, json)]), body)
}

fn is_malformed(body: &[u8]) -> bool {
    read(body).is_err_and(|problem| problem.kind() == ProblemKind::MalformedJson)
}

/// Refused for what a lenient reader lets pass.
fn is_stricter(body: &[u8]) -> bool {
    let problem = read(body).err().map(|problem| format!("{problem:?}"));
    let stricter = ["the same key twice", "nested more than", "byte order mark"];
    problem.is_some_and(|problem| stricter.iter().any(|word| problem.contains(word)))
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        prop_oneof![
            collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            objects(inner),
        ]
    })
}

fn objects(inner: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    let entries = collection::btree_map(any::<String>(), inner, 0..6);
    entries.prop_map(|entries| Value::from(Map::from_iter(entries)))
}

proptest! {
    #[test]
    fn a_well_formed_object_is_taken(object in objects(values())) {
        prop_assert!(read(object.to_string().as_bytes()).is_ok());
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in collection::vec(any::<u8>(), 0..200)) {
        let lenient = serde_json::from_slice::<Value>(&bytes);
        prop_assert_eq!(is_malformed(&bytes), lenient.is_err() || is_stricter(&bytes));
    }

    #[test]
    fn a_damaged_body_is_malformed_where_another_reader_says_so(
        object in objects(values()),
        at in any::<Index>(),
        byte in any::<u8>(),
        is_cut in any::<bool>(),
    ) {
        let mut bytes = object.to_string().into_bytes();
        let at = at.index(bytes.len());
        if is_cut { bytes.truncate(at) } else { bytes[at] = byte }
        let lenient = serde_json::from_slice::<Value>(&bytes);
        prop_assert_eq!(is_malformed(&bytes), lenient.is_err() || is_stricter(&bytes));
    }
}
