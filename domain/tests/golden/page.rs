//! `docs/events.md` is what readers in other languages go by, so its examples are held to the golden files.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what a test builds on has to be there, or the test fails"
)]

use std::{collections::BTreeMap, fs, path::Path};

use ordertrace_domain::Event;
use rmpv::Value;
use serde_json::{Map, Value as Json};

use crate::{golden, hex};

fn page() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/events.md");
    fs::read_to_string(&path).unwrap()
}

/// The payload's map as the page shows it: bin in hexadecimal.
fn shown(value: &Value) -> Json {
    match value {
        Value::Binary(bytes) => bytes
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
            .into(),
        Value::Map(fields) => fields
            .iter()
            .map(|(name, value)| (name.as_str().unwrap().to_owned(), shown(value)))
            .collect::<Map<_, _>>()
            .into(),
        Value::Array(values) => values.iter().map(shown).collect(),
        Value::String(text) => text.as_str().unwrap().into(),
        Value::Integer(number) => number.as_i64().unwrap().into(),
        Value::Nil => Json::Null,
        Value::Boolean(_) | Value::F32(_) | Value::F64(_) | Value::Ext(..) => {
            panic!("no event has {value}")
        }
    }
}

/// Every golden payload, by type and schema, as the page would show it.
fn golden_payloads() -> BTreeMap<(String, u64), Vec<Json>> {
    let mut payloads = BTreeMap::<_, Vec<Json>>::new();
    for file in fs::read_dir(golden().join("events")).unwrap() {
        let text = fs::read_to_string(file.unwrap().path()).unwrap();
        let bytes = hex::parse(&text);
        let json = shown(&rmpv::decode::read_value(&mut bytes.as_slice()).unwrap());
        let key = (
            json["type"].as_str().unwrap().to_owned(),
            json["schema"].as_u64().unwrap(),
        );
        payloads.entry(key).or_default().push(json);
    }
    payloads
}

/// The first block of JSON after a heading.
fn example_after(page: &str, heading: &str) -> Json {
    let (_, section) = page
        .split_once(heading)
        .unwrap_or_else(|| panic!("docs/events.md has no {heading:?}"));
    let (_, block) = section.split_once("```json\n").unwrap();
    let (block, _) = block.split_once("```").unwrap();
    serde_json::from_str(block).unwrap()
}

#[test]
fn the_page_shows_the_data_of_every_event_as_it_stands_in_the_log() {
    let (page, payloads) = (page(), golden_payloads());
    for event_type in Event::types() {
        let heading = format!("#### {}, schema {}\n", event_type.name, event_type.schema);
        let example = example_after(&page, &heading);
        let known = &payloads[&(event_type.name.to_owned(), u64::from(event_type.schema))];
        assert!(
            known.iter().any(|payload| payload["data"] == example),
            "{heading} shows {example}, the log has {known:#?}"
        );
    }
}

#[test]
fn the_page_lists_the_fields_of_every_event() {
    let (page, payloads) = (page(), golden_payloads());
    for ((name, schema), known) in payloads {
        let (_, section) = page
            .split_once(&format!("#### {name}, schema {schema}\n"))
            .unwrap();
        let section = section.split("\n#### ").next().unwrap();
        for field in known[0]["data"].as_object().unwrap().keys() {
            assert!(
                section.contains(&format!("| `{field}` |")),
                "{name}.{field}"
            );
        }
    }
}

#[test]
fn the_page_shows_one_payload_byte_by_byte() {
    let (page, payloads) = (page(), golden_payloads());
    let text = fs::read_to_string(golden().join("events/OrderPlaced.v1.hex")).unwrap();
    let bytes = hex::parse(&text);
    let dump: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    assert!(page.contains(&dump.join("\n")));
    assert!(page.contains(&format!("`OrderPlaced`, {} bytes", bytes.len())));
    let whole = example_after(&page, "The same as text");
    let known = &payloads[&("OrderPlaced".to_owned(), 1)];
    assert!(known.contains(&whole));
}
