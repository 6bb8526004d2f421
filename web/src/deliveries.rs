//! What is to be delivered, for those who see nothing else of an order: a list, and what a courier says of each.
//!
//! Invariant: what is offered is what an [`Action`] offers on the page of an order, and its form goes the same way.

use askama::Template;
use axum::{
    Router,
    extract::{Query, State as Routed, rejection::QueryRejection},
    http::StatusCode,
    response::Response,
    routing::get,
};
use serde::Deserialize;
use uuid::Uuid;

use crate::{
    api::{Api, Caller, path_with},
    chrome::{self, Chrome, Section},
    failure,
    format::short_id,
    order::Action,
    state::State,
};

/// Where the page is.
pub(crate) const PATH: &str = "/ui/deliveries";

/// `/deliveries`
#[derive(Debug, Deserialize)]
struct List {
    #[serde(rename = "_embedded")]
    embedded: Embedded,
    #[serde(rename = "_links")]
    links: Links,
}

#[derive(Debug, Deserialize)]
struct Embedded {
    deliveries: Vec<Delivery>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Delivery {
    order_id: String,
    product_name: String,
    qty: u64,
    state: String,
    version: u64,
}

#[derive(Debug, Deserialize)]
struct Links {
    next: Option<Link>,
}

#[derive(Debug, Deserialize)]
struct Link {
    href: String,
}

/// The parameters of the page.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    cursor: String,
    after: String,
}

#[derive(Template)]
#[template(path = "deliveries.html")]
struct DeliveriesPage<'a> {
    chrome: Chrome,
    rows: Vec<Row<'a>>,
    next: Option<String>,
    is_first: bool,
}

/// One delivery.
struct Row<'a> {
    delivery: &'a Delivery,
    state: State<'a>,
    actions: Vec<Action>,
    /// Whatever is sent of its forms, and however often, is one command.
    key: String,
}

/// The routes of the list.
pub(crate) fn routes() -> Router<Api> {
    Router::new().route(PATH, get(list))
}

/// `GET /ui/deliveries`
async fn list(
    Routed(api): Routed<Api>,
    caller: Caller,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Response {
    let asked = asked.map(|Query(asked)| asked).unwrap_or_default();
    let params = [("cursor", asked.cursor.as_str()), ("after", &asked.after)];
    match api
        .get::<List>(&caller, &path_with("/deliveries", params))
        .await
    {
        Ok(list) => draw(&caller, &list.body, asked.cursor.is_empty()),
        Err(error) => failure::failed(&caller, Section::Deliveries, &error),
    }
}

fn draw(caller: &Caller, list: &List, is_first: bool) -> Response {
    let rows = list.embedded.deliveries.iter();
    let page = DeliveriesPage {
        chrome: Chrome::new(caller, Section::Deliveries, "Deliveries"),
        rows: rows.map(|delivery| Row::of(delivery, caller)).collect(),
        next: list.next(),
        is_first,
    };
    chrome::page(StatusCode::OK, &page)
}

impl List {
    /// The page with what comes after.
    fn next(&self) -> Option<String> {
        let (_, query) = self.links.next.as_ref()?.href.split_once('?')?;
        let mut params = form_urlencoded::parse(query.as_bytes());
        let (_, cursor) = params.find(|(name, _)| name == "cursor")?;
        Some(path_with(PATH, [("cursor", cursor.as_ref())]))
    }
}

impl<'a> Row<'a> {
    fn of(delivery: &'a Delivery, caller: &Caller) -> Self {
        let offered = Action::offered(&delivery.state, "").into_iter();
        let theirs = offered.filter(|action| action.is_of_the_delivery());
        Self {
            delivery,
            state: State::of(&delivery.state),
            actions: theirs.filter(|it| caller.may(it.access())).collect(),
            key: Uuid::now_v7().to_string(),
        }
    }

    fn short_id(&self) -> &str {
        short_id(&self.delivery.order_id)
    }
}
