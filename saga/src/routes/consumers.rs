//! `/ops/consumers`: how much work waits for the saga, shard by shard, and whether anybody takes it.

use std::collections::BTreeMap;

use axum::{Json, extract::State, http::StatusCode};
use ordertrace_domain::{Backlog, BacklogKind};
use ordertrace_http::{
    Link, Problem,
    openapi::{Answer, ApiRouter, Described, word},
};
use serde::Serialize;
use utoipa::{
    ToSchema,
    openapi::{HttpMethod::Get, schema::Object},
};

use super::{Ops, failure::not_read, openapi::call, request::TakesJson};

const PATH: &str = "/ops/consumers";

pub(super) fn routes() -> ApiRouter<Ops> {
    ApiRouter::new().route(Get, PATH, list, described())
}

fn described() -> Described {
    call(
        "listConsumers",
        "How much work waits for the saga, shard by shard",
    )
    .answers(|schemas| {
        let consumers = schemas.of::<Consumers>();
        Answer::json(StatusCode::OK, consumers, "The saga's consumers.")
    })
}

fn kinds() -> Object {
    word(&[BacklogKind::Events.name(), BacklogKind::Timers.name()])
}

/// The saga's consumers.
#[derive(Serialize, ToSchema)]
struct Consumers {
    /// Those of events first, each by the number of its shard.
    consumers: Vec<ConsumerResource>,
    #[serde(rename = "_links")]
    links: BTreeMap<&'static str, Link>,
}

/// One durable consumer.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Consumer)]
struct ConsumerResource {
    name: String,
    #[schema(schema_with = kinds)]
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
