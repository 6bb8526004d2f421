//! An event as it is stored, in JSON; but for [names](ActorResource) that are not everybody's to know.

use ordertrace_domain::{Incarnation, Position, RecordedEvent};
use ordertrace_http::{Reach, openapi};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::routes::actor::ActorResource;

/// One event of an order, whole.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Event)]
pub(super) struct EventResource {
    #[schema(schema_with = openapi::position_token)]
    position: String,
    #[schema(minimum = 1)]
    version: u64,
    #[schema(schema_with = openapi::id)]
    event_id: String,
    #[serde(rename = "type")]
    event_type: &'static str,
    #[schema(schema_with = openapi::time)]
    recorded_at: String,
    #[schema(schema_with = openapi::time)]
    occurred_at: String,
    actor: ActorResource,
    #[schema(schema_with = openapi::id)]
    command_id: String,
    #[schema(schema_with = openapi::id)]
    correlation_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = openapi::id, required = false)]
    causation_id: Option<String>,
    /// SHA-256 of the stored bytes, and of those of the order's event before.
    #[schema(schema_with = openapi::hash)]
    hash: String,
    #[schema(schema_with = openapi::hash)]
    prev_hash: String,
    /// The event itself, as `docs/events.md` lists them.
    #[schema(value_type = Object)]
    data: Value,
}

impl EventResource {
    pub(super) fn of(recorded: &RecordedEvent, incarnation: Incarnation, reach: &Reach) -> Self {
        let stored = &recorded.event;
        let envelope = &stored.envelope;
        let position = Position {
            incarnation,
            sequence: stored.sequence,
        };
        Self {
            position: position.to_string(),
            version: envelope.version.get(),
            event_id: envelope.event_id.to_string(),
            event_type: envelope.event.event_type().name,
            recorded_at: recorded.recorded_at.to_string(),
            occurred_at: envelope.occurred_at.to_string(),
            actor: ActorResource::of(&envelope.actor, reach),
            command_id: envelope.command_id.to_string(),
            correlation_id: envelope.correlation_id.to_string(),
            causation_id: envelope.causation_id.map(|id| id.to_string()),
            hash: stored.hash.to_string(),
            prev_hash: envelope.prev_hash.to_string(),
            // Every event is plain data with named fields: it has a JSON form.
            data: serde_json::to_value(&envelope.event).unwrap_or_default(),
        }
    }
}
