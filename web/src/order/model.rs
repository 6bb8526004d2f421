//! What the API says of an order, as far as its page shows it.

use serde::Deserialize;
use serde_json::Value;

/// `GET /orderTraces/{id}`
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Trace {
    pub(super) order_id: String,
    pub(super) qty: u64,
    pub(super) cost: i64,
    pub(super) currency: String,
    pub(super) payment_type: String,
    pub(super) customer_id: String,
    pub(super) state: String,
    pub(super) payment_state: String,
    pub(super) delivery_state: String,
    pub(super) version: u64,
    pub(super) placed_at: String,
    pub(super) changed_at: String,
    pub(super) lines: Vec<Line>,
    #[serde(default)]
    pub(super) timeline: Vec<Entry>,
    pub(super) quarantined: Option<Quarantine>,
}

/// A line of the order.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Line {
    pub(super) product_id: u64,
    pub(super) product_name: String,
    pub(super) qty: u64,
    pub(super) cost: i64,
}

/// An event in the timeline.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Entry {
    pub(super) version: u64,
    pub(super) r#type: String,
    pub(super) recorded_at: String,
    pub(super) position: String,
    pub(super) actor: Actor,
    pub(super) caused_by: Option<Cause>,
    pub(super) changed: Changed,
}

/// Who gave the command.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Actor {
    pub(super) kind: String,
    /// Not told of whoever works for the shop to those who do not.
    pub(super) id: Option<String>,
}

/// The event that led to it.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Cause {
    pub(super) version: u64,
    pub(super) r#type: String,
}

/// The states that are different after it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Changed {
    pub(super) state: Option<String>,
    pub(super) payment_state: Option<String>,
    pub(super) delivery_state: Option<String>,
}

/// Why nothing more of the order is applied.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Quarantine {
    pub(super) position: String,
    pub(super) reason: String,
}

/// `GET /orderTraces/{id}/events`
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Events {
    pub(super) events: Vec<StoredEvent>,
}

/// An event as it is stored.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StoredEvent {
    pub(super) version: u64,
    pub(super) position: String,
    pub(super) event_id: String,
    pub(super) command_id: String,
    pub(super) correlation_id: String,
    pub(super) hash: String,
    pub(super) prev_hash: String,
    pub(super) data: Value,
}

/// `GET /ops/stuck/{id}`
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Case {
    pub(super) stuck: bool,
    pub(super) reason: Option<String>,
    pub(super) advice: String,
}
