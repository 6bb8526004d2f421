//! A trace's timeline, as it is shown: what each event changed, and what led to it.

use ordertrace_domain::{Incarnation, Position};
use ordertrace_http::{Reach, openapi};
use serde::Serialize;
use utoipa::ToSchema;

use super::actor::ActorResource;
use crate::Happening;

/// An event in a timeline.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Moment {
    #[schema(schema_with = openapi::position_token)]
    position: String,
    #[schema(minimum = 1)]
    version: u64,
    #[serde(rename = "type")]
    event_type: String,
    #[schema(schema_with = openapi::time)]
    recorded_at: String,
    actor: ActorResource,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    caused_by: Option<Cause>,
    changed: Changed,
}

/// The event of the same order that led to it.
#[derive(Serialize, ToSchema)]
struct Cause {
    #[schema(minimum = 1)]
    version: u64,
    #[serde(rename = "type")]
    event_type: String,
}

/// What is different after the event.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Changed {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    state: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    payment_state: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    delivery_state: Option<String>,
}

/// The timeline of these entries, oldest first, for somebody with this reach.
pub(super) fn timeline(
    happenings: &[Happening],
    incarnation: Incarnation,
    reach: &Reach,
) -> Vec<Moment> {
    let moments = happenings.iter();
    moments
        .map(|happening| moment(happening, happenings, incarnation, reach))
        .collect()
}

fn moment(
    happening: &Happening,
    all: &[Happening],
    incarnation: Incarnation,
    reach: &Reach,
) -> Moment {
    let position = Position {
        incarnation,
        sequence: happening.sequence,
    };
    let cause = all
        .iter()
        .find(|earlier| Some(earlier.event_id) == happening.causation_id);
    Moment {
        position: position.to_string(),
        version: happening.version.get(),
        event_type: happening.event_type.clone(),
        recorded_at: happening.recorded_at.to_string(),
        actor: ActorResource::of(&happening.actor, reach),
        caused_by: cause.map(|cause| Cause {
            version: cause.version.get(),
            event_type: cause.event_type.clone(),
        }),
        changed: Changed {
            state: happening.changed.order.clone(),
            payment_state: happening.changed.payment.clone(),
            delivery_state: happening.changed.delivery.clone(),
        },
    }
}
