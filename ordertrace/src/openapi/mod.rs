//! The API as a document: `/openapi.json`, and `/docs` to read it in a browser.
//!
//! Invariant: the document is made of the routes that are served beside it, so each role describes exactly what it serves.
//! Pages for people (`/`, `/ui/…`, `/docs`) are no part of it.

mod document;
mod page;

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
};
pub(crate) use document::MACHINES;
use ordertrace_http::{
    Access,
    openapi::{Answer, ApiRouter, Described},
};
use utoipa::openapi::{HttpMethod::Get, schema::ObjectBuilder};

/// Where the document is.
const DOCUMENT: &str = "/openapi.json";

/// The document, ready to be sent.
#[derive(Clone)]
struct Document(Bytes);

/// These routes, and beside them what they are.
pub(crate) fn served(api: ApiRouter) -> Router {
    let (routes, mut endpoints) = api.split();
    let own = ApiRouter::new().route(Get, DOCUMENT, document, described());
    let (own_routes, own_endpoints) = own.split();
    endpoints.extend(own_endpoints);
    let document = Document(document::json(endpoints).into());
    routes
        .merge(own_routes.with_state(document))
        .merge(page::router())
}

fn described() -> Described {
    Described::new("getDocument", MACHINES, Access::PUBLIC, "This document").answers(|_| {
        let openapi = ObjectBuilder::new().build();
        Answer::json(StatusCode::OK, openapi, "The API, as OpenAPI 3.1.")
    })
}

async fn document(State(Document(json)): State<Document>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], json)
}
