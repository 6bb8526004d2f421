//! `/`: the orders for a browser, the API's index for everybody else.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, header},
    response::{IntoResponse, Redirect, Response},
};

use crate::{
    api::{Api, Caller},
    orders,
};

/// `GET /`
pub(crate) async fn get(State(api): State<Api>, caller: Caller, request: Request) -> Response {
    let mut response = if wants_a_page(request.headers()) {
        let query = request.uri().query().unwrap_or_default();
        orders::page_or_deliveries(&api, &caller, query).await
    } else {
        api.forward(request).await
    };
    let accept = header::HeaderValue::from_static("Accept");
    response.headers_mut().append(header::VARY, accept);
    response
}

/// `GET /ui`
pub(crate) async fn to_orders() -> Response {
    Redirect::temporary("/ui/orders").into_response()
}

/// Whether the client names HTML. Programs that take anything get the index.
pub(crate) fn wants_a_page(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|value| value.contains("text/html"))
}
