//! The query routes: orders, payments, deliveries and traces, each as a list and one by one; and the stuck orders.
//!
//! Invariant: every answer says at which position the view stood before it was read, so that it is never older than it
//! says. A query that asks for a position is answered at that position or later, or not at all. Routes read; none
//! writes. Nobody is shown an order beyond their [reach](ordertrace_http::Reach), nor that there is one. What is asked for
//! as it is comes from the view alone; only what is asked for as it was comes from the log.

mod actor;
mod answer;
mod collection;
mod cursor;
mod head;
mod item;
mod list;
mod live;
mod openapi;
mod params;
mod rebuild;
mod stuck;
mod timeline;
mod traces;
mod views;

use std::{sync::Arc, time::Duration};

use axum::Router;
use ordertrace_domain::{Clock, EventArchive};
use ordertrace_http::openapi::ApiRouter;
use utoipa::{ToSchema, openapi::HttpMethod::Get};

use crate::ViewStore;
use collection::{Collected, Deliveries, Orders, Payments};

pub use live::{StreamLimits, live_api, live_routes};
pub use stuck::{stuck_api, stuck_routes};
pub use views::{view_api, view_routes};

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
    api(queries).open()
}

/// The same with their descriptions.
pub fn api(queries: Queries) -> ApiRouter {
    ApiRouter::new()
        .merge(collection_of::<Orders>("listOrders", "getOrder", "order"))
        .merge(collection_of::<Payments>(
            "listPayments",
            "getPayment",
            "payment",
        ))
        .merge(collection_of::<Deliveries>(
            "listDeliveries",
            "getDelivery",
            "delivery",
        ))
        .merge(traces::routes())
        .with_state(queries)
}

/// A list, and its entries one by one. `list` and `get` name the two operations.
fn collection_of<C: Collected>(list: &str, get: &str, entry: &str) -> ApiRouter<Queries>
where
    C::Resource: ToSchema,
{
    let (path, name) = (C::PATH, C::NAME);
    let all = openapi::list::<C>(list, &format!("The {name}, newest first"));
    let one = openapi::item::<C>(get, &format!("One {entry}"));
    ApiRouter::new()
        .route(Get, path, list::get::<C>, all)
        .route(Get, &format!("{path}/{{id}}"), item::get::<C>, one)
}
