//! Orders as the API tells them: a trace, and its events.

use serde_json::{Map, Value, json};

pub(crate) const ID: &str = "0bff1311-4371-507b-bccd-aa96e86ad0f3";

/// An order that grows event by event.
pub(crate) struct Story {
    trace: Map<String, Value>,
    timeline: Vec<Value>,
    events: Vec<Value>,
}

/// An event: its type, the states after it (order, payment, delivery), and which event led to it.
pub(crate) type Step = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    Option<usize>,
);

/// Cash, up to the payment that was asked for.
pub(crate) const REQUESTED: [Step; 2] = [
    (
        "OrderPlaced",
        "placed",
        "payment_not_requested",
        "delivery_not_prepared",
        None,
    ),
    (
        "PaymentRequested",
        "payment_requested",
        "payment_requested",
        "delivery_not_prepared",
        Some(1),
    ),
];

/// The same, up to the goods on their way.
pub(crate) const STARTED: [Step; 5] = [
    REQUESTED[0],
    REQUESTED[1],
    (
        "PaymentApproved",
        "payment_approved",
        "payment_approved",
        "delivery_not_prepared",
        None,
    ),
    (
        "DeliveryPrepared",
        "delivery_prepared",
        "payment_approved",
        "delivery_prepared",
        Some(3),
    ),
    (
        "DeliveryStarted",
        "delivery_started",
        "payment_approved",
        "delivery_started",
        Some(4),
    ),
];

impl Story {
    pub(crate) fn of(payment_type: &str, steps: &[Step]) -> Self {
        let trace = json!({
            "orderId": ID, "productId": 1, "productName": "Coffee", "qty": 3, "cost": 1500,
            "currency": "EUR", "paymentType": payment_type, "customerId": "anonymous",
            "status": "Order END", "placedAt": at(1),
            "lines": [
                { "productId": 1, "productName": "Coffee", "qty": 2, "cost": 900 },
                { "productId": 2, "productName": "Cake", "qty": 1, "cost": 600 },
            ],
        });
        let Value::Object(trace) = trace else {
            unreachable!("an object")
        };
        let mut story = Self {
            trace,
            timeline: Vec::new(),
            events: Vec::new(),
        };
        for step in steps {
            story.happen(step);
        }
        story
    }

    /// Another field of the trace.
    pub(crate) fn with(mut self, field: &str, value: Value) -> Self {
        self.trace.insert(field.to_owned(), value);
        self
    }

    fn happen(&mut self, (name, state, payment, delivery, cause): &Step) {
        let version = self.timeline.len() + 1;
        let now = [
            ("state", state),
            ("paymentState", payment),
            ("deliveryState", delivery),
        ];
        let changed = now.into_iter().filter_map(|(field, word)| {
            let before = self.trace.insert(field.to_owned(), json!(word));
            (before != Some(json!(word))).then(|| (field.to_owned(), json!(word)))
        });
        let changed: Map<_, _> = changed.collect();
        self.trace.insert("version".to_owned(), json!(version));
        self.trace
            .insert("changedAt".to_owned(), json!(at(version)));
        let actor = if cause.is_some() {
            json!({ "kind": "system", "id": "saga" })
        } else {
            json!({ "kind": "anonymous", "id": "anonymous" })
        };
        let cause = cause
            .map(|cause| json!({ "version": cause, "type": self.timeline[cause - 1]["type"] }));
        self.timeline.push(json!({
            "version": version, "type": name, "recordedAt": at(version), "position": position(version),
            "actor": actor, "causedBy": cause, "changed": changed,
        }));
        self.events.push(json!({
            "version": version, "type": name, "recordedAt": at(version), "position": position(version),
            "eventId": format!("00000000-0000-5000-8000-{version:012}"),
            "commandId": "8c259453-8fd0-57ef-ad33-09c7dabfd464", "correlationId": "8c259453-8fd0-57ef-ad33-09c7dabfd464",
            "hash": format!("{version:064}"), "prevHash": format!("{:064}", version - 1),
            "data": { "step": version, "reason": if name.ends_with("Failed") { json!("nobody home") } else { json!(null) } },
        }));
    }

    /// `GET /orderTraces/{id}`
    pub(crate) fn trace(&self) -> Value {
        let mut trace = self.trace.clone();
        trace.insert("timeline".to_owned(), json!(self.timeline));
        Value::Object(trace)
    }

    /// `GET /orderTraces/{id}/events`
    pub(crate) fn events(&self) -> Value {
        json!({ "events": self.events })
    }
}

/// When the event of this version was recorded.
fn at(version: usize) -> String {
    format!("2026-11-23T12:04:{version:02}.320000Z")
}

/// Where it stands.
pub(crate) fn position(version: usize) -> String {
    format!("18c0a3f2b1e40000-{}", 41 + version)
}
