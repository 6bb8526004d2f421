//! `GET /ops/views`: how the view of this process is doing.
//!
//! Invariant: it is answered whatever state view and log are in, for that is when it is asked.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Json, Router,
    extract::State,
    http::{StatusCode, request::Parts},
};
use ordertrace_domain::{EventFeed, Position};
use ordertrace_http::{
    Link, Problem, ProblemKind,
    openapi::{Answer, ApiRouter, Described, hash, or_null, position_token, reference},
};
use serde::Serialize;
use tokio::task::spawn_blocking;
use utoipa::{
    ToSchema,
    openapi::{HttpMethod::Get, Schema},
};

use super::{
    head::Head,
    rebuild::{self, RebuildResource, called, check},
};
use crate::{Rebuilds, ViewStore};

const PATH: &str = "/ops/views";

/// What the routes need.
#[derive(Clone)]
struct Operated {
    store: ViewStore,
    head: Head,
    rebuilds: Rebuilds,
}

/// How the view is doing, and its rebuilds. The feed says how far the view could be.
pub fn view_routes(store: ViewStore, feed: Arc<dyn EventFeed>, rebuilds: Rebuilds) -> Router {
    view_api(store, feed, rebuilds).open()
}

/// The same with their descriptions.
pub fn view_api(store: ViewStore, feed: Arc<dyn EventFeed>, rebuilds: Rebuilds) -> ApiRouter {
    let operated = Operated {
        store,
        head: Head::of(feed),
        rebuilds: rebuilds.clone(),
    };
    ApiRouter::new()
        .route(Get, PATH, show, described())
        .with_state(operated)
        .merge(rebuild::api(rebuilds))
}

fn described() -> Described {
    called("getViews", "How the view of this process is doing")
        .answers(|schemas| {
            rebuild::schema(schemas);
            let views = schemas.of::<Views>();
            Answer::json(
                StatusCode::OK,
                views,
                "Where it stands, and its last rebuild.",
            )
        })
        .problems([ProblemKind::Internal])
}

/// The view, and its last rebuild.
#[derive(Serialize, ToSchema)]
struct Views {
    views: ViewResource,
    /// The present one, or the last since the start of the process.
    #[schema(schema_with = rebuild_or_null)]
    rebuild: Option<RebuildResource>,
    #[serde(rename = "_links")]
    links: BTreeMap<&'static str, Link>,
}

/// The view of one process.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = View)]
struct ViewResource {
    /// How far it has come.
    #[schema(schema_with = position_token)]
    position: String,
    /// Where the log ended a second ago or later; nothing if it did not say so in time, or is another one by now.
    #[schema(schema_with = position_or_null)]
    head: Option<String>,
    /// How many messages the view is behind that.
    behind: Option<u64>,
    /// Whether it shows what the log held at the start of the process, or more.
    is_ready: bool,
    /// Why it has stopped for good, if it has.
    halted: Option<String>,
    /// How many orders were placed.
    orders: u64,
    /// How many of them are in quarantine.
    quarantined: u64,
    /// How many messages could not be read nor given to an order.
    strays: u64,
    /// Which revision of the program made it.
    revision: u32,
    /// The digest of its rows.
    #[schema(schema_with = hash)]
    digest: String,
}

fn position_or_null() -> Schema {
    or_null(position_token())
}

fn rebuild_or_null() -> Schema {
    or_null(reference("Rebuild"))
}

async fn show(State(operated): State<Operated>, request: Parts) -> Result<Json<Views>, Problem> {
    check(&request)?;
    let rebuild = operated.rebuilds.last();
    Ok(Json(Views {
        views: operated.view().await?,
        rebuild: rebuild
            .as_ref()
            .map(|rebuild| RebuildResource::of(Some(rebuild))),
        links: BTreeMap::from([
            ("rebuild", Link::to(rebuild::PATH)),
            ("self", Link::to(PATH)),
        ]),
    }))
}

impl Operated {
    async fn view(&self) -> Result<ViewResource, Problem> {
        // It waits for a batch that is being written.
        let store = self.store.clone();
        let summary = spawn_blocking(move || store.summary()).await;
        let summary = summary.map_err(|error| {
            tracing::error!(%error, "the view could not be summed up");
            Problem::new(ProblemKind::Internal, "the view could not be summed up")
        })?;
        let status = self.store.status();
        let at = summary.position.sequence;
        // The log goes at least as far as the view, which may have moved on since it was asked.
        let head = self.head.now().await.map(|head| head.max(at));
        Ok(ViewResource {
            position: summary.position.to_string(),
            head: head.map(|sequence| {
                let incarnation = summary.position.incarnation;
                let head = Position {
                    incarnation,
                    sequence,
                };
                head.to_string()
            }),
            behind: head.map(|head| head.get().saturating_sub(at.get())),
            is_ready: status.is_ready(),
            halted: status.halted.map(|halt| halt.to_string()),
            orders: summary.counts.placed,
            quarantined: summary.counts.quarantined,
            strays: summary.counts.strays,
            revision: summary.revision,
            digest: summary.digest.to_string(),
        })
    }
}
