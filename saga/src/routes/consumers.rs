//! `/ops/consumers`: how much work waits for the saga, shard by shard, and whether anybody takes it.

use std::collections::BTreeMap;

use axum::{Json, Router, extract::State, routing::get};
use ordertrace_domain::Backlog;
use ordertrace_http::{Link, Problem};
use serde::Serialize;

use super::{Ops, failure::not_read, request::TakesJson};

const PATH: &str = "/ops/consumers";

pub(super) fn routes() -> Router<Ops> {
    Router::new().route(PATH, get(list))
}

/// The saga's consumers.
#[derive(Serialize)]
struct Consumers {
    /// Those of events first, each by the number of its shard.
    consumers: Vec<ConsumerResource>,
    #[serde(rename = "_links")]
    links: BTreeMap<&'static str, Link>,
}

/// One durable consumer.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ConsumerResource {
    name: String,
    kind: &'static str,
    shard: u8,
    /// Messages that were not handed out yet.
    waiting: u64,
    /// Messages that were handed out and not acknowledged yet.
    in_hand: u64,
    /// Whether a process asks for its messages.
    is_active: bool,
}

async fn list(State(ops): State<Ops>, _: TakesJson) -> Result<Json<Consumers>, Problem> {
    let backlogs = ops.backlogs.backlogs().await;
    let backlogs = backlogs.map_err(|error| not_read(&error))?;
    Ok(Json(Consumers {
        consumers: backlogs.into_iter().map(ConsumerResource::of).collect(),
        links: BTreeMap::from([("self", Link::to(PATH))]),
    }))
}

impl ConsumerResource {
    fn of(backlog: Backlog) -> Self {
        Self {
            name: backlog.consumer,
            kind: backlog.kind.name(),
            shard: backlog.shard.number(),
            waiting: backlog.waiting,
            in_hand: backlog.in_hand,
            is_active: backlog.is_active,
        }
    }
}
