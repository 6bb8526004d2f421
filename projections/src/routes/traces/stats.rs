//! `GET /orderTraces/stats`: how many orders are in which state, and how many of them were placed in which hour.

use std::{collections::BTreeMap, time::Duration};

use axum::{
    Json,
    extract::State,
    http::request::Parts,
    response::{IntoResponse, Response},
};
use ordertrace_domain::Timestamp;
use ordertrace_http::{
    Access, Link, Params, Problem, TRACE_STATES,
    openapi::{self, Described, query, time, word},
};
use serde::Serialize;
use utoipa::{ToSchema, openapi::schema::Object};

use crate::{
    Facet, HourCounts, StoreError, ViewStore,
    routes::{
        Queries,
        answer::unreadable,
        collection::{Collected as _, Traces},
        openapi::{answer, asking},
        params::time_in,
    },
};

const FROM: &str = "from";
const TO: &str = "to";

/// How far back the hours go unless the client says otherwise.
const SPAN_DEFAULT: Duration = Duration::from_hours(24);

/// The longest time whose hours are told at once: a month of them.
const SPAN_MAX: Duration = Duration::from_hours(31 * 24);

/// Counts, ready for a chart.
#[derive(Serialize, ToSchema)]
struct Stats {
    /// Every state there is, also those of no order, in the order in which they are come to.
    states: Vec<StateCount>,
    /// The hours in which an order was placed, earliest first.
    hours: Vec<Hour>,
    #[schema(schema_with = openapi::time)]
    from: String,
    #[schema(schema_with = openapi::time)]
    to: String,
    #[serde(rename = "_links")]
    links: BTreeMap<&'static str, Link>,
}

#[derive(Serialize, ToSchema)]
struct StateCount {
    #[schema(schema_with = states)]
    state: &'static str,
    count: u64,
}

#[derive(Serialize, ToSchema)]
struct Hour {
    #[schema(schema_with = openapi::time)]
    begins: String,
    total: u64,
    states: BTreeMap<String, u64>,
}

/// `GET /orderTraces/stats`, described.
pub(super) fn described() -> Described {
    let hours = [
        query(
            FROM,
            time(),
            "The first hour: 24 hours before `to` unless you say otherwise, 31 days at most.",
        ),
        query(
            TO,
            time(),
            "The end of the last hour: now, unless you say otherwise.",
        ),
    ];
    asking(
        "countOrderTraces",
        Traces::NAME,
        Access::STAFF,
        "How many orders are in which state, and when they were placed",
    )
    .takes(hours)
    .answers(|schemas| answer(schemas.of::<Stats>(), "Counts, ready for a chart."))
}

fn states() -> Object {
    word(&TRACE_STATES)
}

/// `GET /orderTraces/stats`
pub(in crate::routes) async fn stats(State(queries): State<Queries>, request: Parts) -> Response {
    let clock = queries.clock.clone();
    queries
        .answer(&request, &[FROM, TO], move |store, params, _| {
            let (from, to) = span(params, clock.now())?;
            let stats = Stats::read(store, from, to).map_err(|error| unreadable(&error))?;
            Ok(Json(stats).into_response())
        })
        .await
}

fn span(params: &Params, now: Timestamp) -> Result<(Timestamp, Timestamp), Problem> {
    let to = time_in(params, TO)?.unwrap_or(now);
    let from = time_in(params, FROM)?.unwrap_or_else(|| to.before(SPAN_DEFAULT));
    if from > to {
        return Err(Problem::invalid_request(format!("{FROM} is after {TO}")));
    }
    if to.since(from) > SPAN_MAX {
        let days = SPAN_MAX.as_secs() / (24 * 3_600);
        return Err(Problem::invalid_request(format!(
            "{FROM} is at most {days} days before {TO}"
        )));
    }
    Ok((from, to))
}

impl Stats {
    fn read(store: &ViewStore, from: Timestamp, to: Timestamp) -> Result<Self, StoreError> {
        let count = |state| {
            let count = store.count(&Facet::state(state))?;
            Ok(StateCount { state, count })
        };
        let states = TRACE_STATES.into_iter().map(count);
        Ok(Self {
            states: states.collect::<Result<_, StoreError>>()?,
            hours: store.hours(from, to)?.into_iter().map(Hour::of).collect(),
            from: from.to_string(),
            to: to.to_string(),
            links: BTreeMap::from([("self", Link::to("/orderTraces/stats"))]),
        })
    }
}

impl Hour {
    fn of(hour: HourCounts) -> Self {
        Self {
            begins: hour.begins.to_string(),
            total: hour.states.values().sum(),
            states: hour.states,
        }
    }
}
