//! `/ops/stuck/{orderId}`: one order that may not go on by itself, and how it is tried again.
//!
//! Invariant: an order is judged by its history as the log's leader has it, with the very terms the saga goes by.

mod advice;
mod resource;
mod resume;
mod show;
mod words;

use std::time::Duration;

use ordertrace_domain::{Freshness, History, Order, OrderId, StuckReason, Timestamp, stuck};
use ordertrace_http::{Problem, openapi::ApiRouter};
use utoipa::openapi::HttpMethod::{Get, Post};

use super::{Ops, failure::not_read};
use crate::{Effect, Wake, react::react};

pub(super) fn routes() -> ApiRouter<Ops> {
    ApiRouter::new()
        .route(Get, show::ROUTE, show::show, show::described())
        .route(Post, resume::ROUTE, resume::resume, resume::described())
}

/// An order, and what there is to say about it.
struct Case {
    history: History,
    order: Order,
    /// When its last event was decided.
    since: Timestamp,
    idle: Duration,
    /// Why it is stuck, if it is.
    reason: Option<StuckReason>,
    /// What the saga would do if the order were resumed now.
    due: Vec<Effect>,
}

impl Ops {
    async fn case(&self, id: OrderId) -> Result<Case, Problem> {
        let loaded = self.log.load(id, Freshness::Current).await;
        let history = loaded.map_err(|error| not_read(&error))?;
        let state = history.state();
        let order = state.order().cloned().ok_or_else(Problem::not_found)?;
        let now = self.clock.now();
        let last = history.events().last();
        let since = last.map_or(now, |last| last.envelope.occurred_at);
        let idle = now.since(since);
        Ok(Case {
            reason: stuck(&order, idle, &self.policy.patience()),
            due: react(&state, &self.policy, Wake::Resume { recorded_at: since }),
            history,
            order,
            since,
            idle,
        })
    }
}
