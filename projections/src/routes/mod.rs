//! The query routes: orders, payments, deliveries and traces, each as a list and one by one; and the stuck orders.
//!
//! Invariant: every answer says at which position the view stood before it was read, so that it is never older than it
//! says. A query that asks for a position is answered at that position or later, or not at all. Routes read; none
//! writes. What is asked for as it is comes from the view alone; only what is asked for as it was comes from the log.

mod answer;
mod collection;
mod cursor;
mod item;
mod list;
mod params;
mod stuck;
mod timeline;
mod traces;

use std::{sync::Arc, time::Duration};

use axum::{Router, routing::get};
use ordertrace_domain::{Clock, EventArchive};

use crate::ViewStore;
use collection::{Deliveries, Orders, Payments, Traces};

pub use stuck::stuck_routes;

/// How long a query waits for the view to reach the position it asks for. A view is behind by milliseconds; one that
/// needs longer than this is being rebuilt or stuck, and the client's time is better spent elsewhere.
pub const AFTER_WAIT_MAX: Duration = Duration::from_secs(5);

/// What the query routes need.
#[derive(Clone)]
pub struct Queries {
    store: ViewStore,
    archive: Arc<dyn EventArchive>,
    clock: Arc<dyn Clock>,
    after_wait_max: Duration,
}

impl Queries {
    /// Queries on this view. The archive says what was, the clock what is recent and how long nothing has happened.
    pub const fn new(
        store: ViewStore,
        archive: Arc<dyn EventArchive>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            store,
            archive,
            clock,
            after_wait_max: AFTER_WAIT_MAX,
        }
    }

    /// With another bound than [`AFTER_WAIT_MAX`].
    #[must_use]
    pub fn with_after_wait_max(self, after_wait_max: Duration) -> Self {
        Self {
            after_wait_max,
            ..self
        }
    }
}

/// The routes. Answers to unknown paths and methods are whoever merges the routers' to give.
pub fn router(queries: Queries) -> Router {
    Router::new()
        .route("/orders", get(list::get::<Orders>))
        .route("/orders/{id}", get(item::get::<Orders>))
        .route("/payments", get(list::get::<Payments>))
        .route("/payments/{id}", get(item::get::<Payments>))
        .route("/deliveries", get(list::get::<Deliveries>))
        .route("/deliveries/{id}", get(item::get::<Deliveries>))
        .route("/orderTraces", get(traces::list))
        .route("/orderTraces/stats", get(traces::stats))
        .route("/orderTraces/{id}", get(traces::trace))
        .route("/orderTraces/{id}/events", get(traces::events))
        .route(
            "/orderTraces/search/findByOrderId",
            get(item::find_by_order_id::<Traces>),
        )
        .with_state(queries)
}
