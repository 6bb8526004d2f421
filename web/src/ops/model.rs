//! What the API says to operators, as far as the page shows it.

use serde::Deserialize;

/// `GET /ops/views`
#[derive(Debug, Deserialize)]
pub(super) struct ViewsAnswer {
    pub(super) views: Views,
}

/// How far the views have come.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Views {
    pub(super) position: String,
    pub(super) head: Option<String>,
    pub(super) behind: Option<u64>,
    pub(super) is_ready: bool,
    pub(super) halted: Option<String>,
    pub(super) orders: u64,
    pub(super) quarantined: u64,
    pub(super) strays: u64,
    pub(super) revision: u64,
    pub(super) digest: String,
}

/// `GET /ops/rebuild`; nothing but the state when none was made since the start.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Rebuild {
    pub(super) state: String,
    #[serde(default)]
    pub(super) dry_run: bool,
    pub(super) reason: Option<String>,
    pub(super) started_at: Option<String>,
    pub(super) ended_at: Option<String>,
    pub(super) events_done: Option<u64>,
    pub(super) events_total: Option<u64>,
    pub(super) events_per_second: Option<f64>,
    pub(super) eta_seconds: Option<u64>,
    #[serde(default)]
    pub(super) entries_compared: u64,
    pub(super) comparison: Option<Comparison>,
    pub(super) failure: Option<String>,
}

/// The live view and the rebuilt one, at one position.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Comparison {
    pub(super) position: String,
    pub(super) live: Side,
    pub(super) rebuilt: Side,
    pub(super) is_equal: bool,
    #[serde(default)]
    pub(super) differences_found: u64,
    #[serde(default)]
    pub(super) differences: Vec<Difference>,
}

/// One of the two.
#[derive(Debug, Deserialize)]
pub(super) struct Side {
    pub(super) revision: u64,
    pub(super) orders: u64,
    pub(super) entries: u64,
    pub(super) digest: String,
}

/// An entry that is not the same in both.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Difference {
    pub(super) key: String,
    pub(super) order_id: Option<String>,
    pub(super) live: Option<String>,
    pub(super) rebuilt: Option<String>,
}

/// `GET /ops/consumers`
#[derive(Debug, Deserialize)]
pub(super) struct Consumers {
    pub(super) consumers: Vec<Consumer>,
}

/// A consumer of the saga.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Consumer {
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) waiting: u64,
    pub(super) in_hand: u64,
    pub(super) is_active: bool,
}

/// `GET /ops/provider`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Provider {
    pub(super) breaker: String,
    pub(super) breaker_for_ms: u64,
    pub(super) opened_total: u64,
    pub(super) last_failure: Option<String>,
    pub(super) calls_in_flight: u64,
    pub(super) calls_at_once_max: u64,
}

/// A page of anything.
#[derive(Debug, Deserialize)]
pub(super) struct Listed<T> {
    #[serde(rename = "_embedded")]
    pub(super) embedded: T,
    #[serde(rename = "_links", default)]
    pub(super) links: Links,
}

/// Whether there is more.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Links {
    pub(super) next: Option<serde::de::IgnoredAny>,
}

/// `GET /ops/stuck`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StuckOrders {
    pub(super) stuck_orders: Vec<StuckOrder>,
}

/// An order that may not go on by itself. One that can't be read has an id and a reason, and no more.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StuckOrder {
    pub(super) order_id: String,
    pub(super) reason: String,
    pub(super) state: Option<String>,
    pub(super) idle_seconds: Option<u64>,
}

/// `GET /ops/stuck/{id}`
#[derive(Debug, Deserialize)]
pub(super) struct Case {
    pub(super) advice: String,
}

/// `GET /ops/dlq`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Letters {
    pub(super) dead_letters: Vec<Letter>,
}

/// A parked message.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Letter {
    pub(super) id: String,
    pub(super) consumer: String,
    pub(super) position: Option<String>,
    pub(super) timer_sequence: Option<u64>,
    pub(super) order_id: Option<String>,
    pub(super) reason: String,
    pub(super) attempts: u64,
    pub(super) parked_at: String,
}
