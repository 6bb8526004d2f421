//! A rebuild, as the API shows it.

use std::collections::BTreeMap;

use ordertrace_http::{
    Link,
    openapi::{hash, or_null, order_id, position_token, reference, time, word},
};
use serde::Serialize;
use utoipa::{
    ToSchema,
    openapi::{Schema, schema::Object},
};

use super::PATH;
use crate::{Comparison, Difference, Rebuild, RebuildReason, RebuildState, Side};

/// The state where there was no rebuild.
const NONE: &str = "none";

/// A rebuild, or that there was none since the start of the process.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = Rebuild)]
pub(in crate::routes) enum RebuildResource {
    None(NoRebuild),
    One(Box<OneRebuild>),
}

/// There was none.
#[derive(Serialize, ToSchema)]
pub(in crate::routes) struct NoRebuild {
    #[schema(schema_with = no_state)]
    state: &'static str,
    #[serde(rename = "_links")]
    links: BTreeMap<&'static str, Link>,
}

/// How one stands.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::routes) struct OneRebuild {
    /// How far it is.
    #[schema(schema_with = states)]
    state: &'static str,
    /// Whether both views are only compared.
    dry_run: bool,
    /// Why it was begun.
    #[schema(schema_with = reasons)]
    reason: &'static str,
    #[schema(schema_with = time)]
    started_at: String,
    #[schema(schema_with = time_or_null)]
    ended_at: Option<String>,
    /// How far in the log the new view is.
    #[schema(schema_with = position_token)]
    position: String,
    /// Where the view stood when this began.
    #[schema(schema_with = position_token)]
    target: String,
    /// How many events the new view has taken in, of those up to the target.
    events_done: u64,
    /// How many there are up to the target.
    events_total: u64,
    /// How many it took in a second, on average.
    events_per_second: f64,
    /// How long it takes until the target is reached, at that rate.
    eta_seconds: Option<u64>,
    /// How many entries of both views were compared so far.
    entries_compared: u64,
    /// What the comparison has come to.
    #[schema(schema_with = comparison_or_null)]
    comparison: Option<ComparisonResource>,
    /// Why it failed.
    failure: Option<String>,
    #[serde(rename = "_links")]
    links: BTreeMap<&'static str, Link>,
}

/// Both views, compared at one position.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Comparison)]
pub(super) struct ComparisonResource {
    /// Where both views stood at its end.
    #[schema(schema_with = position_token)]
    position: String,
    /// The view that answered.
    live: SideResource,
    /// The one that was built beside it.
    rebuilt: SideResource,
    is_equal: bool,
    /// How many keys are not in both, or not with the same value.
    differences_found: u64,
    /// The first of them.
    differences: Vec<DifferenceResource>,
}

/// One of two views that were compared.
#[derive(Serialize, ToSchema)]
#[schema(as = ComparedView)]
struct SideResource {
    /// Which revision of the program made it.
    revision: u32,
    /// How many orders were placed.
    orders: u64,
    /// How many of its entries were compared: rows, timelines, indexes, counts.
    entries: u64,
    /// The digest of its rows.
    #[schema(schema_with = hash)]
    digest: String,
}

/// A key at which they differ.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Difference)]
struct DifferenceResource {
    /// The key, in words.
    key: String,
    /// Whose it is, if it is an order's.
    #[schema(schema_with = order_id_or_null)]
    order_id: Option<String>,
    /// What the view has there, as far as it differs; nothing if it has no such key.
    live: Option<String>,
    /// What the rebuilt one has.
    rebuilt: Option<String>,
}

/// The words for how far one is.
fn states() -> Object {
    let states = RebuildState::ALL.iter().map(|state| state.name());
    word(&states.collect::<Vec<_>>())
}

fn no_state() -> Object {
    word(&[NONE])
}

fn links() -> BTreeMap<&'static str, Link> {
    BTreeMap::from([("self", Link::to(PATH))])
}

fn reasons() -> Object {
    let reasons = [RebuildReason::AskedFor, RebuildReason::NewRevision];
    word(&reasons.map(RebuildReason::name))
}

fn time_or_null() -> Schema {
    or_null(time())
}

fn order_id_or_null() -> Schema {
    or_null(order_id())
}

fn comparison_or_null() -> Schema {
    or_null(reference("Comparison"))
}

impl RebuildResource {
    pub(in crate::routes) fn of(rebuild: Option<&Rebuild>) -> Self {
        match rebuild {
            None => Self::None(NoRebuild {
                state: NONE,
                links: links(),
            }),
            Some(rebuild) => Self::One(Box::new(OneRebuild::of(rebuild))),
        }
    }
}

impl OneRebuild {
    fn of(rebuild: &Rebuild) -> Self {
        Self {
            state: rebuild.state.name(),
            dry_run: rebuild.dry_run,
            reason: rebuild.reason.name(),
            started_at: rebuild.started_at.to_string(),
            ended_at: rebuild.ended_at.map(|at| at.to_string()),
            position: rebuild.position.to_string(),
            target: rebuild.target.to_string(),
            events_done: rebuild.events_done,
            events_total: rebuild.events_total,
            events_per_second: rebuild.events_per_second.round(),
            eta_seconds: rebuild.eta_seconds,
            entries_compared: rebuild.entries_compared,
            comparison: rebuild.comparison.as_ref().map(ComparisonResource::of),
            failure: rebuild.failure.clone(),
            links: links(),
        }
    }
}

impl ComparisonResource {
    fn of(comparison: &Comparison) -> Self {
        let differences = comparison.differences.iter();
        Self {
            position: comparison.position.to_string(),
            live: SideResource::of(&comparison.live),
            rebuilt: SideResource::of(&comparison.rebuilt),
            is_equal: comparison.is_equal(),
            differences_found: comparison.differences_found,
            differences: differences.map(DifferenceResource::of).collect(),
        }
    }
}

impl SideResource {
    fn of(side: &Side) -> Self {
        Self {
            revision: side.revision,
            orders: side.orders,
            entries: side.entries,
            digest: side.digest.to_string(),
        }
    }
}

impl DifferenceResource {
    fn of(difference: &Difference) -> Self {
        Self {
            key: difference.key.clone(),
            order_id: difference.order_id.map(|order| order.to_string()),
            live: difference.live.clone(),
            rebuilt: difference.rebuilt.clone(),
        }
    }
}
