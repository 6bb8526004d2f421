//! A record as people and programs read it: decoded, in JSON or in columns.
//!
//! Invariant: a record that can't be read is shown as such, with its bytes; none is left out. What is shown is what this
//! program makes of the stored bytes: they are proven, it is not.

mod escape;
mod json;

use std::borrow::Cow;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ordertrace_domain::{
    ActorKind, Event, Incarnation, Position, Record, message, order_of_subject,
};
use serde::{Serialize, Serializer};

use crate::Reading;

pub use escape::escaped;
use json::shown;
pub use json::write_json;

/// A record, ready to be shown.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Readable<'a> {
    /// An event.
    Event(ReadableEvent<'a>),
    /// What is none.
    Unreadable(UnreadableRecord<'a>),
}

/// An event, ready to be shown.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReadableEvent<'a> {
    #[serde(serialize_with = "shown")]
    position: Position,
    sequence: u64,
    recorded_at: String,
    order_id: String,
    version: u64,
    r#type: &'static str,
    schema: u16,
    occurred_at: String,
    event_id: String,
    command_id: String,
    causation_id: Option<String>,
    correlation_id: String,
    actor: ReadableActor<'a>,
    data: &'a Event,
}

/// Who did it.
#[derive(Debug, Serialize)]
struct ReadableActor<'a> {
    #[serde(serialize_with = "kind")]
    kind: ActorKind,
    id: &'a str,
}

/// A record that is no event, ready to be shown.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UnreadableRecord<'a> {
    #[serde(serialize_with = "shown")]
    position: Position,
    sequence: u64,
    recorded_at: String,
    /// By its subject.
    #[serde(skip_serializing_if = "Option::is_none")]
    order_id: Option<String>,
    subject: &'a str,
    unreadable: String,
    payload: String,
}

/// The columns of a record, by the names that its fields have in JSON.
pub const COLUMNS: [&str; 18] = [
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
    "actorKind",
    "actorId",
    "data",
    "subject",
    "unreadable",
    "payload",
];

impl<'a> Readable<'a> {
    /// What a record was read as, in this log.
    pub fn of(record: &'a Record, reading: &'a Reading, incarnation: Incarnation) -> Self {
        let position = Position {
            incarnation,
            sequence: record.sequence,
        };
        let recorded_at = record.recorded_at.to_string();
        let recorded = match reading {
            Ok(recorded) => recorded,
            Err(error) => {
                return Self::Unreadable(UnreadableRecord {
                    position,
                    sequence: record.sequence.get(),
                    recorded_at,
                    order_id: order_of_subject(&record.subject).map(|id| id.to_string()),
                    subject: &record.subject,
                    unreadable: error.to_string(),
                    payload: STANDARD.encode(&record.payload),
                });
            }
        };
        let envelope = &recorded.event.envelope;
        let event_type = envelope.event.event_type();
        Self::Event(ReadableEvent {
            position,
            sequence: record.sequence.get(),
            recorded_at,
            order_id: envelope.order_id.to_string(),
            version: envelope.version.get(),
            r#type: event_type.name,
            schema: stored_schema(record).unwrap_or(event_type.schema),
            occurred_at: envelope.occurred_at.to_string(),
            event_id: envelope.event_id.to_string(),
            command_id: envelope.command_id.to_string(),
            causation_id: envelope.causation_id.map(|id| id.to_string()),
            correlation_id: envelope.correlation_id.to_string(),
            actor: ReadableActor {
                kind: envelope.actor.kind,
                id: envelope.actor.id.as_str(),
            },
            data: &envelope.event,
        })
    }

    /// Adds it to a buffer as one JSON object on one line, with the line's end. No character in it acts on a terminal.
    pub fn write_line(&self, out: &mut Vec<u8>) {
        write_json(self, out);
        out.push(b'\n');
    }

    /// Where it stands.
    pub const fn position(&self) -> Position {
        match self {
            Self::Event(event) => event.position,
            Self::Unreadable(record) => record.position,
        }
    }

    /// Its cells, in the order of [`COLUMNS`]; empty where there is nothing to say.
    pub fn cells(&self) -> [Cow<'_, str>; COLUMNS.len()] {
        match self {
            Self::Event(event) => event.cells(),
            Self::Unreadable(record) => record.cells(),
        }
    }
}

impl ReadableEvent<'_> {
    fn cells(&self) -> [Cow<'_, str>; COLUMNS.len()] {
        let mut data = Vec::new();
        write_json(self.data, &mut data);
        [
            self.position.to_string().into(),
            self.sequence.to_string().into(),
            self.recorded_at.as_str().into(),
            self.order_id.as_str().into(),
            self.version.to_string().into(),
            self.r#type.into(),
            self.schema.to_string().into(),
            self.occurred_at.as_str().into(),
            self.event_id.as_str().into(),
            self.command_id.as_str().into(),
            self.causation_id.as_deref().unwrap_or_default().into(),
            self.correlation_id.as_str().into(),
            self.actor.kind.name().into(),
            self.actor.id.into(),
            String::from_utf8_lossy(&data).into_owned().into(),
            Cow::default(),
            Cow::default(),
            Cow::default(),
        ]
    }
}

impl UnreadableRecord<'_> {
    fn cells(&self) -> [Cow<'_, str>; COLUMNS.len()] {
        let mut cells = [const { Cow::Borrowed("") }; COLUMNS.len()];
        let said: [(usize, Cow<'_, str>); 7] = [
            (0, self.position.to_string().into()),
            (1, self.sequence.to_string().into()),
            (2, self.recorded_at.as_str().into()),
            (3, self.order_id.as_deref().unwrap_or_default().into()),
            (15, self.subject.into()),
            (16, self.unreadable.as_str().into()),
            (17, self.payload.as_str().into()),
        ];
        for (column, cell) in said {
            cells[column] = cell;
        }
        cells
    }
}

/// The schema that the payload was written in: an event that was read has been lifted to the newest. A record that was read
/// has a header that says what its payload says.
fn stored_schema(record: &Record) -> Option<u16> {
    record.values_of(message::SCHEMA).next()?.parse().ok()
}

fn kind<S: Serializer>(kind: &ActorKind, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(kind.name())
}

#[cfg(test)]
mod tests;
