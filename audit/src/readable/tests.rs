//! What of a record is shown, and what never reaches a terminal.

use futures::{StreamExt as _, executor::block_on};
use ordertrace_domain::{
    EventLog as _, History, Records as _, Sequence, Span,
    testing::{
        MemoryLog,
        fixtures::{cash, drafts, events, order_id},
    },
};
use serde_json::{Value, json};

use super::*;

/// The first record of a log that holds one order, as `change` leaves it.
fn record(change: impl FnOnce(&mut Record)) -> (Record, Incarnation) {
    let log = MemoryLog::new();
    let base = History::empty(order_id());
    let placed = vec![events::order_placed(cash())];
    block_on(log.append(&base, drafts(&base, placed))).unwrap();
    log.tamper(Sequence::new(1), change);
    let span = Span {
        after: Sequence::START,
        upto: Some(Sequence::new(1)),
    };
    let record = block_on(log.scan(span, None).next());
    let incarnation = ordertrace_domain::Records::incarnation(&log);
    (record.unwrap().unwrap(), incarnation)
}

fn json_of(record: &Record, incarnation: Incarnation) -> (String, Value) {
    let reading = record.read();
    let mut line = Vec::new();
    Readable::of(record, &reading, incarnation).write_line(&mut line);
    let line = String::from_utf8(line).unwrap();
    let value = serde_json::from_str(&line).unwrap();
    (line, value)
}

#[test]
fn an_event_is_shown_whole_and_in_the_documented_order() {
    let (record, incarnation) = record(|_| {});
    let (line, value) = json_of(&record, incarnation);
    assert!(line.ends_with("}\n") && line.lines().count() == 1, "{line}");
    let keys = [
        "position",
        "sequence",
        "recordedAt",
        "orderId",
        "version",
        "type",
        "schema",
        "occurredAt",
        "eventId",
        "commandId",
        "causationId",
        "correlationId",
        "actor",
        "data",
    ];
    let places = keys.map(|key| line.find(&format!("\"{key}\":")).unwrap());
    assert!(places.is_sorted(), "{line}");
    assert_eq!(value.as_object().unwrap().len(), keys.len());
    assert_eq!(value["position"], json!(format!("{incarnation}-1")));
    assert_eq!(value["type"], "OrderPlaced");
    assert_eq!(value["schema"], 1);
    assert_eq!(value["causationId"], Value::Null);
    assert_eq!(value["recordedAt"], json!(record.recorded_at.to_string()));
    assert_eq!(
        value["actor"],
        json!({"kind": "operator", "id": "operator"})
    );
    assert_eq!(value["data"]["lines"][0]["product_name"], "Coffee");
}

#[test]
fn what_is_no_event_is_shown_as_such_with_its_bytes() {
    let (record, incarnation) = record(|record| record.payload = b"\x1b[31mgarbage"[..].into());
    let (line, value) = json_of(&record, incarnation);
    assert_eq!(value["sequence"], 1);
    assert!(
        value["unreadable"]
            .as_str()
            .unwrap()
            .contains("not an envelope"),
        "{line}"
    );
    assert_eq!(value["payload"], json!(STANDARD.encode(&record.payload)));
    assert!(value["orderId"].is_string());
    let reading = record.read();
    let readable = Readable::of(&record, &reading, incarnation);
    let cells = readable.cells();
    let cell = |name| &cells[COLUMNS.iter().position(|column| *column == name).unwrap()];
    assert_eq!(cell("payload").as_ref(), STANDARD.encode(&record.payload));
    assert_eq!(cell("subject").as_ref(), record.subject);
    assert_eq!(cell("type").as_ref(), "");
}

#[test]
fn cells_say_what_the_json_says() {
    let (record, incarnation) = record(|_| {});
    let (_, value) = json_of(&record, incarnation);
    let reading = record.read();
    let readable = Readable::of(&record, &reading, incarnation);
    for (name, cell) in COLUMNS.iter().zip(readable.cells()) {
        let expected = match *name {
            "actorKind" => value["actor"]["kind"].clone(),
            "actorId" => value["actor"]["id"].clone(),
            name => value[name].clone(),
        };
        let shown = match expected {
            Value::Null => String::new(),
            Value::String(text) => text,
            Value::Object(_) => {
                assert_eq!(serde_json::from_str::<Value>(&cell).unwrap(), value["data"]);
                continue;
            }
            other => other.to_string(),
        };
        assert_eq!(cell, shown, "{name}");
    }
}

#[test]
fn no_character_that_acts_on_a_terminal_is_printed_and_none_is_lost() {
    let hostile = "a\u{1b}[2J\u{9b}31m\u{7f}\u{202e}\u{200b}\u{e0041}\n\"é커피☕\\";
    let mut line = Vec::new();
    write_json(&json!({"key": hostile}), &mut line);
    let line = String::from_utf8(line).unwrap();
    assert!(!line.contains(super::escape::acts_on_terminal), "{line:?}");
    assert!(line.contains("é커피☕"));
    assert_eq!(
        serde_json::from_str::<Value>(&line).unwrap()["key"],
        hostile
    );

    let shown = escaped(hostile);
    assert!(
        !shown.contains(super::escape::acts_on_terminal),
        "{shown:?}"
    );
    assert!(
        shown.starts_with("a\\u{1b}[2J\\u{9b}31m\\u{7f}\\u{202e}"),
        "{shown}"
    );
    assert!(matches!(escaped("é커피☕"), Cow::Borrowed(_)));
}
