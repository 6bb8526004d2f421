//! Which moment of an order is asked for, and what the API says of it.

use futures::future::join3;
use ordertrace_domain::OrderId;
use ordertrace_http::Access;
use serde::Deserialize;

use super::model::{Case, Events, StoredEvent, Trace};
use crate::api::{Answer, Api, ApiError, Caller, path_with};

/// The parameters of the page.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Asked {
    /// The position that the view has to have come to.
    pub(super) after: String,
    /// A moment of the past: a position, or a time.
    pub(super) as_of: String,
    /// The same by the order's version, as a slider says it.
    pub(super) version: String,
}

impl Asked {
    /// The order as it is, once the view has come to this position.
    pub(super) fn after(position: &str) -> Self {
        Self {
            after: position.to_owned(),
            ..Self::default()
        }
    }
}

/// An order at one moment, as the API told it.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) trace: Trace,
    /// The moment of the past it is shown at, as the API takes it.
    pub(super) as_of: Option<String>,
    /// All its events to this day; nothing when the log could not be read.
    pub(super) events: Option<Vec<StoredEvent>>,
    /// What an operator should know of it.
    pub(super) case: Option<Case>,
    /// Where the view stood.
    pub(super) position: Option<String>,
    /// Whether it is older than was asked for.
    pub(super) is_behind: bool,
}

/// Looks at an order. A view that is behind is shown as it is: what the reader did is in the log, and comes.
///
/// # Errors
/// When there is no trace to show.
pub(super) async fn look(
    api: &Api,
    caller: &Caller,
    id: OrderId,
    asked: &Asked,
) -> Result<Seen, ApiError> {
    let asked = by_position(api, caller, id, asked).await?;
    match see(api, caller, id, &asked).await {
        Err(error) if is_behind(&error) && !asked.after.is_empty() => {
            let asked = Asked::default();
            let seen = see(api, caller, id, &asked).await?;
            Ok(Seen {
                is_behind: true,
                ..seen
            })
        }
        seen => seen,
    }
}

fn is_behind(error: &ApiError) -> bool {
    error
        .problem()
        .is_some_and(|problem| problem.kind == "view-behind")
}

/// A version is the position of its event; the last one is the present.
async fn by_position(
    api: &Api,
    caller: &Caller,
    id: OrderId,
    asked: &Asked,
) -> Result<Asked, ApiError> {
    let Ok(version) = asked.version.parse::<u64>() else {
        return Ok(asked.clone());
    };
    let events = events(api, caller, id).await?;
    let event = events.iter().find(|event| event.version == version);
    let is_last = events.last().is_none_or(|last| last.version <= version);
    Ok(match event {
        Some(event) if !is_last => Asked {
            as_of: event.position.clone(),
            ..Asked::default()
        },
        last => Asked::after(last.map_or("", |last| last.position.as_str())),
    })
}

async fn see(api: &Api, caller: &Caller, id: OrderId, asked: &Asked) -> Result<Seen, ApiError> {
    let params = [
        ("after", asked.after.as_str()),
        ("asOf", asked.as_of.as_str()),
    ];
    let path = path_with(&format!("/orderTraces/{id}"), params);
    let trace = api.get::<Trace>(caller, &path);
    let is_past = !asked.as_of.is_empty();
    let (trace, events, case) = join3(
        trace,
        events(api, caller, id),
        case(api, caller, id, is_past),
    )
    .await;
    let Answer { body, position, .. } = trace?;
    Ok(Seen {
        trace: body,
        as_of: is_past.then(|| asked.as_of.clone()),
        // Without the log the timeline still stands; only what is in the events is missing, and the way back.
        events: events.ok(),
        case,
        position,
        is_behind: false,
    })
}

async fn events(api: &Api, caller: &Caller, id: OrderId) -> Result<Vec<StoredEvent>, ApiError> {
    let path = format!("/orderTraces/{id}/events");
    let Answer { body, .. } = api.get::<Events>(caller, &path).await?;
    Ok(body.events)
}

/// Whether an operator should look at it. Nobody asks that of the past; and where the API does not say, nothing is shown.
async fn case(api: &Api, caller: &Caller, id: OrderId, is_past: bool) -> Option<Case> {
    if is_past || !caller.may(Access::OPERATIONS) {
        return None;
    }
    let answer = api.get::<Case>(caller, &format!("/ops/stuck/{id}")).await;
    answer.ok().map(|answer| answer.body)
}
