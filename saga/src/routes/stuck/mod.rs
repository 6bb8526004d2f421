//! `/ops/stuck/{orderId}`: one order that may not go on by itself, and how it is tried again.
//!
//! Invariant: an order is judged by its history as the log's leader has it, with the very terms the saga goes by.

mod advice;
mod resource;
mod resume;
mod show;

use std::time::Duration;

use axum::{
    Router,
    routing::{get, post},
};
use ordertrace_domain::{Freshness, History, Order, OrderId, StuckReason, Timestamp, stuck};
use ordertrace_http::Problem;

use super::{Ops, failure::not_read};
use crate::{Effect, Wake, react::react};

pub(super) fn routes() -> Router<Ops> {
    Router::new()
        .route("/ops/stuck/{id}", get(show::show))
        .route("/ops/stuck/{id}/resume", post(resume::resume))
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
