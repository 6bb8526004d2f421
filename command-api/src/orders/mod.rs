//! `/orders`: placing an order, and asking for its cancellation.

mod cancel;
mod goods;
mod new_order;
mod place;
mod schema;

use ordertrace_http::openapi::ApiRouter;
use utoipa::openapi::HttpMethod::{Delete, Post};

use crate::CommandApi;

pub(super) fn routes() -> ApiRouter<CommandApi> {
    ApiRouter::new()
        .route(Post, place::ROUTE, place::place, place::described())
        .route(Delete, cancel::ROUTE, cancel::cancel, cancel::described())
}
