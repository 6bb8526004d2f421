//! `/payments`: the word of whoever takes the money. A card's payment is closed by its provider only, never from here.

mod approve;
mod decline;
mod refund;
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
            status::described("setPaymentStatus"),
        )
        .route(
            Patch,
            status::ROUTE,
            status::set_status,
            status::described("patchPaymentStatus"),
        )
        .route(Post, approve::ROUTE, approve::approve, approve::described())
        .route(Post, decline::ROUTE, decline::decline, decline::described())
        .route(Post, refund::ROUTE, refund::refund, refund::described())
}
