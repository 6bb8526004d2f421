//! An order's case as an operator sees it.

use std::collections::BTreeMap;

use ordertrace_domain::{
    Attempt, CancellationCause, Delivery, Incarnation, Payment, Phase, Position, StoredEvent,
};
use ordertrace_http::{Link, delivery_state, openapi, payment_state, trace_state, trace_status};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Case,
    advice::advice,
    words::{causes, delivery_states, payment_states, phases, reasons, states, statuses},
};

/// How many events are shown, from the last one back: what led here, not the story of the order's life.
const TIMELINE_MAX: usize = 20;

/// An order's case.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Case)]
pub(super) struct CaseResource {
    #[schema(schema_with = openapi::order_id)]
    order_id: String,
    #[schema(schema_with = states)]
    state: &'static str,
    #[schema(schema_with = statuses)]
    status: &'static str,
    #[schema(schema_with = phases)]
    phase: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = causes, required = false)]
    cancellation_cause: Option<CancellationCause>,
    version: u64,
    stuck: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = reasons, required = false)]
    reason: Option<&'static str>,
    idle_seconds: u64,
    #[schema(schema_with = openapi::time)]
    since: String,
    payment: PaymentCase,
    delivery: DeliveryCase,
    advice: String,
    timeline: Vec<Happened>,
    #[serde(rename = "_links")]
    links: BTreeMap<&'static str, Link>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct PaymentCase {
    #[schema(schema_with = payment_states)]
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    provider_ref: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    check_attempt: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    refund_attempt: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    why: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct DeliveryCase {
    #[schema(schema_with = delivery_states)]
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    attempt: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    why: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Happened {
    version: u64,
    r#type: &'static str,
    #[schema(schema_with = openapi::time)]
    time: String,
    #[schema(schema_with = openapi::position_token)]
    position: String,
}

impl CaseResource {
    /// A case in the log of this incarnation.
    pub(super) fn of(case: &Case, incarnation: Incarnation) -> Self {
        let (order, id) = (&case.order, case.history.order_id());
        let events = case.history.events();
        let shown = &events[events.len().saturating_sub(TIMELINE_MAX)..];
        Self {
            order_id: id.to_string(),
            state: trace_state(order),
            status: trace_status(order),
            phase: phase_name(order.phase),
            cancellation_cause: cancellation_cause(order.phase),
            version: order.version.get(),
            stuck: case.reason.is_some(),
            reason: case.reason.map(|reason| reason.name()),
            idle_seconds: case.idle.as_secs(),
            since: case.since.to_string(),
            payment: PaymentCase::of(&order.payment),
            delivery: DeliveryCase::of(&order.delivery),
            advice: advice(order, case.reason, &case.due),
            timeline: shown
                .iter()
                .map(|event| Happened::of(event, incarnation))
                .collect(),
            links: BTreeMap::from([
                ("orderTrace", Link::to(format!("/orderTraces/{id}"))),
                ("resume", Link::to(format!("/ops/stuck/{id}/resume"))),
                ("self", Link::to(format!("/ops/stuck/{id}"))),
            ]),
        }
    }
}

impl PaymentCase {
    fn of(payment: &Payment) -> Self {
        let (check, refund, why) = match payment {
            Payment::Unknown { check, .. } => (Some(*check), None, None),
            Payment::RefundRequested { refund, .. } => (None, Some(*refund), None),
            Payment::RefundFailed { refund, reason, .. } => (None, Some(*refund), Some(reason)),
            Payment::Declined { reason } => (None, None, Some(reason)),
            Payment::NotRequested
            | Payment::Requested { .. }
            | Payment::Submitted { .. }
            | Payment::Approved { .. }
            | Payment::Expired
            | Payment::Voided
            | Payment::Refunded { .. } => (None, None, None),
        };
        Self {
            state: payment_state(payment),
            provider_ref: payment.provider_ref().map(ToString::to_string),
            check_attempt: check.map(Attempt::get),
            refund_attempt: refund.map(Attempt::get),
            why: why.map(ToString::to_string),
        }
    }
}

impl DeliveryCase {
    fn of(delivery: &Delivery) -> Self {
        let (attempt, why) = match delivery {
            Delivery::Started { attempt, .. } | Delivery::Completed { attempt } => {
                (Some(*attempt), None)
            }
            Delivery::Failed {
                attempt, reason, ..
            } => (Some(*attempt), Some(reason)),
            Delivery::NotPrepared | Delivery::Prepared { .. } | Delivery::Cancelled { .. } => {
                (None, None)
            }
        };
        Self {
            state: delivery_state(delivery),
            attempt: attempt.map(Attempt::get),
            why: why.map(ToString::to_string),
        }
    }
}

impl Happened {
    fn of(event: &StoredEvent, incarnation: Incarnation) -> Self {
        let position = Position {
            incarnation,
            sequence: event.sequence,
        };
        Self {
            version: event.envelope.version.get(),
            r#type: event.envelope.event.event_type().name,
            time: event.envelope.occurred_at.to_string(),
            position: position.to_string(),
        }
    }
}

const fn phase_name(phase: Phase) -> &'static str {
    match phase {
        Phase::Open => "open",
        Phase::Cancelling(_) => "cancelling",
        Phase::Cancelled(_) => "cancelled",
        Phase::Rejected(_) => "rejected",
        Phase::Completed => "completed",
    }
}

const fn cancellation_cause(phase: Phase) -> Option<CancellationCause> {
    match phase {
        Phase::Cancelling(cause) | Phase::Cancelled(cause) => Some(cause),
        Phase::Open | Phase::Rejected(_) | Phase::Completed => None,
    }
}
