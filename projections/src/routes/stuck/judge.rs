//! Whether an order is stuck, and how that is shown.

use std::collections::BTreeMap;

use ordertrace_domain::{Incarnation, Patience, StuckReason, Timestamp, stuck};
use ordertrace_http::{Link, TRACE_STATES, TRACE_STATUSES, openapi, trace_state, trace_status};
use serde::Serialize;
use utoipa::{ToSchema, openapi::schema::Object};

use super::{PATH, page::reasons};
use crate::{Entry, routes::collection::Quarantined};

/// The word for an order whose history is damaged.
pub(super) const QUARANTINED: &str = "quarantined";

/// Finds out whether an order is stuck.
pub(super) struct Judge {
    pub(super) now: Timestamp,
    pub(super) patience: Patience,
    pub(super) incarnation: Incarnation,
}

/// A stuck order. Of one whose first event can't be read nothing but that is known.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct StuckOrder {
    #[schema(schema_with = openapi::order_id)]
    order_id: String,
    #[schema(schema_with = reasons)]
    reason: &'static str,
    #[serde(flatten)]
    #[schema(value_type = Standing)]
    standing: Option<Standing>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    quarantined: Option<Quarantined>,
    #[serde(rename = "_links")]
    links: BTreeMap<&'static str, Link>,
}

/// How far an order has come.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Standing {
    #[schema(schema_with = states, required = false)]
    state: &'static str,
    #[schema(schema_with = statuses, required = false)]
    status: &'static str,
    #[schema(required = false)]
    version: u64,
    #[schema(required = false)]
    idle_seconds: u64,
    #[schema(schema_with = openapi::time, required = false)]
    changed_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    provider_ref: Option<String>,
}

impl Judge {
    /// Why an order is stuck; nothing if it is not.
    pub(super) fn reason(&self, entry: &Entry) -> Option<&'static str> {
        if entry.record.quarantine().is_some() {
            return Some(QUARANTINED);
        }
        let row = entry.row()?;
        let idle = self.now.since(row.changed_at);
        stuck(&row.order, idle, &self.patience).map(StuckReason::name)
    }

    pub(super) fn show(&self, entry: &Entry, reason: &'static str) -> StuckOrder {
        let id = entry.order_id;
        let quarantine = entry.record.quarantine();
        StuckOrder {
            order_id: id.to_string(),
            reason,
            standing: entry.row().map(|row| Standing {
                state: trace_state(&row.order),
                status: trace_status(&row.order),
                version: row.order.version.get(),
                idle_seconds: self.now.since(row.changed_at).as_secs(),
                changed_at: row.changed_at.to_string(),
                provider_ref: row.order.payment.provider_ref().map(ToString::to_string),
            }),
            quarantined: quarantine.map(|it| Quarantined::of(it, self.incarnation)),
            links: BTreeMap::from([
                ("orderTrace", Link::to(format!("/orderTraces/{id}"))),
                ("resume", Link::to(format!("{PATH}/{id}/resume"))),
                ("self", Link::to(format!("{PATH}/{id}"))),
            ]),
        }
    }
}

fn states() -> Object {
    openapi::word(&TRACE_STATES)
}

fn statuses() -> Object {
    openapi::word(&TRACE_STATUSES)
}
