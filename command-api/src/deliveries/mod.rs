//! `/deliveries`: the word of whoever carries the goods.

mod complete;
mod fail;
mod start;
mod status;

use ordertrace_http::openapi::ApiRouter;
use utoipa::openapi::HttpMethod::{Patch, Post, Put};

use crate::CommandApi;

pub(super) fn routes() -> ApiRouter<CommandApi> {
    ApiRouter::new()
        .route(
            Put,
            status::ROUTE,
            status::set_status,
            status::described("setDeliveryStatus"),
        )
        .route(
            Patch,
            status::ROUTE,
            status::set_status,
            status::described("patchDeliveryStatus"),
        )
        .route(Post, start::ROUTE, start::start, start::described())
        .route(
            Post,
            complete::ROUTE,
            complete::complete,
            complete::described(),
        )
        .route(Post, fail::ROUTE, fail::fail, fail::described())
}
