//! What happened to an order, an entry for each event: who, when, why, and what it came to.
//!
//! Invariant: an entry is a pure function of an event and of the order after it, and is never changed.

use ordertrace_domain::{Actor, EventId, Order, RecordedEvent, Sequence, Timestamp, Version};
use ordertrace_http::{delivery_state, payment_state, trace_state};
use serde::{Deserialize, Serialize};

/// One event of an order, as its timeline shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Happening {
    /// The event's id.
    pub event_id: EventId,
    /// Where it stands in the log.
    pub sequence: Sequence,
    /// Which of the order's events it is.
    pub version: Version,
    /// Its name, such as `PaymentApproved`.
    pub event_type: String,
    /// When the log recorded it.
    pub recorded_at: Timestamp,
    /// Who gave the command behind it.
    pub actor: Actor,
    /// The event that led to it; none where somebody asked for it.
    pub causation_id: Option<EventId>,
    /// What the order, its payment and its delivery have come to by it, in the words of the API.
    pub changed: Changed,
}

/// The precise states of an order, its payment and its delivery, as far as an event has changed them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    /// The order's.
    pub order: Option<String>,
    /// The payment's.
    pub payment: Option<String>,
    /// The delivery's.
    pub delivery: Option<String>,
}

impl Happening {
    /// The entry of an event that has changed the order so.
    pub(crate) fn of(recorded: &RecordedEvent, before: Option<&Order>, after: &Order) -> Self {
        let envelope = &recorded.event.envelope;
        Self {
            event_id: envelope.event_id,
            sequence: recorded.event.sequence,
            version: envelope.version,
            event_type: envelope.event.event_type().name.to_owned(),
            recorded_at: recorded.recorded_at,
            actor: envelope.actor.clone(),
            causation_id: envelope.causation_id,
            changed: Changed::between(before, after),
        }
    }
}

impl Changed {
    fn between(before: Option<&Order>, after: &Order) -> Self {
        let changed = |state: fn(&Order) -> &'static str| {
            let is_new = before.is_none_or(|before| state(before) != state(after));
            is_new.then(|| state(after).to_owned())
        };
        Self {
            order: changed(trace_state),
            payment: changed(|order| payment_state(&order.payment)),
            delivery: changed(|order| delivery_state(&order.delivery)),
        }
    }
}
