//! What an operator asks of the saga: the parked messages, stuck orders one by one, and how much work waits.
//!
//! Invariant: nothing here changes an order. What an operator decides is put on record, and the saga is woken by a durable
//! timer; what is due then, `react` says. So every call can simply be sent again. Who decides is who has logged in, whatever
//! the request says: nobody decides in another's name. The list of all stuck orders is no
//! business of this module, for the log has no such index: the view has.

mod failure;
mod openapi;
mod request;

mod consumers;
mod dlq;
mod stuck;

use std::sync::Arc;

use axum::Router;
use ordertrace_domain::{
    Backlogs, Clock, DeadLetters, EventLog, OrderId, TimerName, Timers, Version,
};
use ordertrace_http::{Problem, openapi::ApiRouter};

use crate::Policy;
use failure::not_confirmed;

/// What the operator's routes work with.
#[derive(Clone)]
pub struct Ops {
    /// The parked messages.
    pub dead_letters: Arc<dyn DeadLetters>,
    /// How much work waits.
    pub backlogs: Arc<dyn Backlogs>,
    /// Wakes the saga.
    pub timers: Arc<dyn Timers>,
    /// Where an order's history is read.
    pub log: Arc<dyn EventLog>,
    /// Says how long an order has been at rest.
    pub clock: Arc<dyn Clock>,
    /// The saga's own terms: they say when an order counts as stuck, and what a resume leads to.
    pub policy: Policy,
}

/// The operator's routes. Merge them with others first, and give the whole `ordertrace_http::with_fallbacks` last.
pub fn routes(ops: Ops) -> Router {
    api(ops).open()
}

/// The same with their descriptions.
pub fn api(ops: Ops) -> ApiRouter {
    ApiRouter::new()
        .merge(consumers::routes())
        .merge(dlq::routes())
        .merge(stuck::routes())
        .with_state(ops)
}

impl Ops {
    /// Wakes the saga for an order. `recorded` is what the operator may rely on if that fails.
    async fn wake(&self, order: OrderId, recorded: &str) -> Result<(), Problem> {
        let now = self.clock.now();
        let scheduled = self
            .timers
            .schedule(order, TimerName::Resume, now, Version::NONE)
            .await;
        scheduled.map_err(|error| {
            not_confirmed(
                &error,
                format!(
                    "{recorded}the log did not say whether the saga will be woken; send it again"
                ),
            )
        })
    }
}
