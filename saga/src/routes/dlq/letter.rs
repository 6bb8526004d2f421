//! A parked message as an operator sees it.

use std::collections::BTreeMap;

use ordertrace_domain::{DeadLetter, Incarnation, Parked, Position, Verdict};
use ordertrace_http::{Link, openapi};
use serde::Serialize;
use utoipa::{ToSchema, openapi::schema::Object};

use crate::routes::{
    openapi::{actor_id, letter_id as letter_name},
    request::letter_id,
};

/// What has become of a parked message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    /// Nobody has decided on it yet.
    Waiting,
    /// Its order was tried again.
    Retried,
    /// It is not to be handled any more.
    Discarded,
}

impl Status {
    pub(super) const ALL: [Self; 3] = [Self::Waiting, Self::Retried, Self::Discarded];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Retried => "retried",
            Self::Discarded => "discarded",
        }
    }

    pub(super) fn of(letter: &DeadLetter) -> Self {
        match letter.settled.as_ref().map(|settled| &settled.verdict) {
            None => Self::Waiting,
            Some(Verdict::Retried) => Self::Retried,
            Some(Verdict::Discarded { .. }) => Self::Discarded,
        }
    }
}

/// A parked message.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = DeadLetter)]
pub(super) struct LetterResource {
    #[schema(schema_with = letter_name)]
    id: String,
    consumer: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = openapi::position_token, required = false)]
    position: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    timer_sequence: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = openapi::order_id, required = false)]
    order_id: Option<String>,
    reason: String,
    attempts: u32,
    #[schema(schema_with = openapi::time)]
    parked_at: String,
    #[schema(schema_with = statuses)]
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = openapi::time, required = false)]
    settled_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = actor_id, required = false)]
    settled_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    discard_reason: Option<String>,
    #[serde(rename = "_links")]
    links: BTreeMap<&'static str, Link>,
}

impl LetterResource {
    /// A message parked from the log of this incarnation.
    pub(super) fn of(letter: &DeadLetter, incarnation: Incarnation) -> Self {
        let (parked, settled) = (&letter.parked, letter.settled.as_ref());
        let (position, timer_sequence) = place(parked, incarnation);
        let discard_reason = settled.and_then(|settled| match &settled.verdict {
            Verdict::Retried => None,
            Verdict::Discarded { reason } => Some(reason.to_string()),
        });
        Self {
            id: letter_id(&letter.id()),
            consumer: parked.consumer.clone(),
            position,
            timer_sequence,
            order_id: parked.order_id.map(|order| order.to_string()),
            reason: parked.reason.clone(),
            attempts: parked.attempts,
            parked_at: letter.parked_at.to_string(),
            status: Status::of(letter).name(),
            settled_at: settled.map(|settled| settled.at.to_string()),
            settled_by: settled.map(|settled| settled.by.to_string()),
            discard_reason,
            links: links(letter),
        }
    }
}

/// Where a message stands: a position in the log, or the number of a timer, which has no place there.
fn place(parked: &Parked, incarnation: Incarnation) -> (Option<String>, Option<u64>) {
    let sequence = parked.sequence;
    if parked.is_timer() {
        return (None, Some(sequence.get()));
    }
    let position = Position {
        incarnation,
        sequence,
    };
    (Some(position.to_string()), None)
}

/// A message of no order can't be retried: there is nobody to wake the saga for.
fn links(letter: &DeadLetter) -> BTreeMap<&'static str, Link> {
    let this = format!("/ops/dlq/{}", letter_id(&letter.id()));
    let mut links = BTreeMap::from([
        ("discard", Link::to(format!("{this}/discard"))),
        ("self", Link::to(&this)),
    ]);
    if let Some(order) = letter.parked.order_id {
        links.insert("orderTrace", Link::to(format!("/orderTraces/{order}")));
        links.insert("stuckOrder", Link::to(format!("/ops/stuck/{order}")));
        links.insert("retry", Link::to(format!("{this}/retry")));
    }
    links
}

fn statuses() -> Object {
    openapi::word(&Status::ALL.map(Status::name))
}
