//! The page of an order, and what its forms do.

use askama::Template;
use axum::{
    extract::{Path, Query, State, rejection::QueryRejection},
    http::{HeaderName, HeaderValue, StatusCode},
    response::{IntoResponse, Redirect, Response},
};
use ordertrace_domain::OrderId;
use ordertrace_http::Access;

use super::{
    action::{Action, Sent},
    look::{Asked, Seen, look},
    path_of,
    view::OrderView,
};
use crate::{
    api::{Api, ApiError, Caller, path_with},
    chrome::{self, Chrome, Section},
    deliveries, failure,
};

#[derive(Template)]
#[template(path = "order/page.html")]
struct OrderPage<'a> {
    chrome: Chrome,
    order: OrderView<'a>,
}

/// The parts of the page that change while somebody looks at it.
#[derive(Template)]
#[template(path = "order/live.html")]
struct OrderParts<'a> {
    order: OrderView<'a>,
}

/// `GET /ui/orders/{id}`
pub(super) async fn get(
    State(api): State<Api>,
    caller: Caller,
    Path(id): Path<String>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Response {
    let Ok(id) = OrderId::parse(&id) else {
        return failure::not_found(&caller);
    };
    let asked = asked.map(|Query(asked)| asked).unwrap_or_default();
    match look(&api, &caller, id, &asked).await {
        Ok(seen) => at_its_address(&caller, id, &asked, &seen),
        Err(error) => failure::failed(&caller, Section::Orders, &error),
    }
}

/// `POST /ui/orders/{id}/actions/{action}`
pub(super) async fn act(
    State(api): State<Api>,
    caller: Caller,
    Path((id, action)): Path<(String, String)>,
    body: String,
) -> Response {
    let (Ok(id), Some(action)) = (OrderId::parse(&id), Action::parse(&action)) else {
        return failure::not_found(&caller);
    };
    match action
        .carry_out(&api, &caller, id, &Sent::read(&body))
        .await
    {
        Ok(done) => {
            let position = done.position.unwrap_or_default();
            let page = if caller.may(Access::READING) {
                path_of(&id.to_string())
            } else {
                // A courier sees what is to be delivered, and no order.
                deliveries::PATH.to_owned()
            };
            Redirect::to(&path_with(&page, [("after", position.as_str())])).into_response()
        }
        Err(error) => refused(&api, &caller, id, &error).await,
    }
}

/// The order as it is, with the reason why nothing was done.
async fn refused(api: &Api, caller: &Caller, id: OrderId, error: &ApiError) -> Response {
    if !caller.may(Access::READING) {
        return failure::failed(caller, Section::Deliveries, error);
    }
    let seen = match look(api, caller, id, &Asked::default()).await {
        Ok(seen) => seen,
        Err(error) => return failure::failed(caller, Section::Orders, &error),
    };
    let order = OrderView::of(&seen, &caller.viewer).refused(error);
    let response = draw(caller, error.status(), order);
    pushed(response, &path_of(&id.to_string()))
}

/// The parts of the page that change, as they are once the view has come to a position.
pub(super) async fn parts(api: &Api, caller: &Caller, id: OrderId, after: &str) -> Option<String> {
    let seen = look(api, caller, id, &Asked::after(after)).await;
    let seen = seen
        .inspect_err(
            |error| tracing::debug!(order.id = %id, %error, "an order's news can't be shown"),
        )
        .ok()?;
    let order = OrderView::of(&seen, &caller.viewer);
    OrderParts { order }.render().ok()
}

/// A version that a slider asked for has an address of its own, which lasts.
fn at_its_address(caller: &Caller, id: OrderId, asked: &Asked, seen: &Seen) -> Response {
    let page = path_of(&id.to_string());
    let as_of = seen.as_of.as_deref().unwrap_or_default();
    let address = path_with(&page, [("asOf", as_of)]);
    if !asked.version.is_empty() && !caller.is_partial {
        return Redirect::to(&address).into_response();
    }
    let response = draw(caller, StatusCode::OK, OrderView::of(seen, &caller.viewer));
    if asked.version.is_empty() {
        response
    } else {
        pushed(response, &address)
    }
}

fn draw(caller: &Caller, status: StatusCode, order: OrderView<'_>) -> Response {
    let title = format!("{} · {}", order.title, order.short_id());
    let chrome = Chrome::new(caller, Section::Orders, title);
    chrome::page(status, &OrderPage { chrome, order })
}

/// Says which address a script is to show for this answer.
fn pushed(mut response: Response, address: &str) -> Response {
    if let Ok(address) = HeaderValue::try_from(address) {
        let name = HeaderName::from_static("hx-push-url");
        response.headers_mut().insert(name, address);
    }
    response
}

impl Sent {
    /// What a form says; fields that it does not have are empty.
    fn read(body: &str) -> Self {
        let mut sent = Self::default();
        for (name, value) in form_urlencoded::parse(body.as_bytes()) {
            match name.as_ref() {
                "key" => sent.key = value.into_owned(),
                "version" => sent.version = value.into_owned(),
                "reason" => sent.reason = value.trim().to_owned(),
                _ => {}
            }
        }
        sent
    }
}
