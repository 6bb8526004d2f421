//! Placing an order: a form, and what the API says to it.

mod api;
mod form;
mod page;
mod report;

use axum::{
    Router,
    extract::{DefaultBodyLimit, State},
    http::{HeaderName, StatusCode},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use ordertrace_http::Access;
use serde::Deserialize;

use crate::{
    api::{Api, Caller, path_with},
    chrome::Section,
    failure,
};

use self::{
    api::order_of,
    form::{Form, Step},
    report::Report,
};

/// The most a form may have: a hundred lines with long names, and some room.
const FORM_BYTES_MAX: usize = 128 * 1024;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The routes of the form.
pub(crate) fn routes() -> Router<Api> {
    let form = get(empty).post(send);
    Router::new().route(
        "/ui/orders/new",
        form.layer(DefaultBodyLimit::max(FORM_BYTES_MAX)),
    )
}

/// What the page needs of the order that was placed.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Placed {
    order_id: String,
}

/// `GET /ui/orders/new`
async fn empty(caller: Caller) -> Response {
    if !caller.may(Access::ORDERS) {
        return failure::forbidden(&caller, Section::NewOrder);
    }
    page::page(&caller, StatusCode::OK, &Form::empty(), &Report::default())
}

/// `POST /ui/orders/new`
async fn send(State(api): State<Api>, caller: Caller, body: String) -> Response {
    let mut form = Form::read(&body);
    match form.step() {
        Step::Place => place(&api, &caller, form).await,
        Step::AddLine => {
            form.add_line();
            page::page(&caller, StatusCode::OK, &form, &Report::default())
        }
        Step::RemoveLine(index) => {
            form.remove_line(index);
            page::page(&caller, StatusCode::OK, &form, &Report::default())
        }
    }
}

/// The key is minted when the form is drawn and stays with it: a form that is sent twice is one order. Only one that has
/// placed its order, and says something else now, gets another key: it can be a second order, if that is meant.
async fn place(api: &Api, caller: &Caller, mut form: Form) -> Response {
    let key = [(IDEMPOTENCY_KEY, form.key.as_str())];
    let order = order_of(&form);
    match api.post::<Placed>(caller, "/orders", &order, &key).await {
        Ok(placed) => {
            let path = format!("/ui/orders/{}", placed.body.order_id);
            let after = placed.position.unwrap_or_default();
            Redirect::to(&path_with(&path, [("after", after.as_str())])).into_response()
        }
        Err(error) => {
            let report = Report::of(&form, &error, caller);
            if report::is_used_up(&error) {
                form.renew_key();
            }
            page::page(caller, error.status(), &form, &report)
        }
    }
}
