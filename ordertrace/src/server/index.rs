//! `/`: where to go from here.

use std::collections::BTreeMap;

use axum::{Json, Router, routing::get};
use ordertrace_http::Link;
use serde::Serialize;

#[derive(Serialize)]
struct Index {
    #[serde(rename = "_links")]
    links: BTreeMap<&'static str, Link>,
}

/// The index of the API, as links.
pub(crate) fn router() -> Router {
    Router::new().route(
        "/",
        get(|| async {
            let names = ["orders", "payments", "deliveries", "orderTraces"];
            let links = names.map(|name| (name, Link::to(format!("/{name}"))));
            Json(Index {
                links: links.into(),
            })
        }),
    )
}
