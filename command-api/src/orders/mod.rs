//! `/orders`: placing an order, and asking for its cancellation.

mod cancel;
mod goods;
mod new_order;
mod place;

use axum::{
    Router,
    routing::{delete, post},
};

use crate::CommandApi;

pub(super) fn routes() -> Router<CommandApi> {
    Router::new()
        .route(place::ROUTE, post(place::place))
        .route(cancel::ROUTE, delete(cancel::cancel))
}
