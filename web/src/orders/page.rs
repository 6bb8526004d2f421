//! The page: filters, what is where, the list.

use std::collections::BTreeMap;

use askama::Template;
use axum::{http::StatusCode, response::Response};
use ordertrace_http::Access;
use serde::Deserialize;

use super::{
    filter::Filter,
    row::{Row, Trace},
    summary::{self, Summary},
};
use crate::{
    api::{Answer, Api, ApiError, Caller},
    chrome::{self, Chrome, Section},
    failure,
    state::State,
};

/// `/orderTraces`
#[derive(Debug, Deserialize)]
struct List {
    #[serde(rename = "_embedded")]
    embedded: Embedded,
    #[serde(rename = "_links")]
    links: BTreeMap<String, Link>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Embedded {
    order_traces: Vec<Trace>,
}

#[derive(Debug, Deserialize)]
struct Link {
    href: String,
}

#[derive(Template)]
#[template(path = "orders/page.html")]
struct OrdersPage<'a> {
    chrome: Chrome,
    filter: &'a Filter,
    summary: Option<Summary>,
    list: &'a List,
    stream: Option<Stream>,
    next: Option<String>,
}

/// Where the page's changes come from.
struct Stream {
    path: String,
    position: String,
}

/// The page for a query.
pub(super) async fn page(api: &Api, caller: &Caller, query: &str) -> Response {
    let filter = Filter::read(query);
    let path = filter.api_list();
    let (list, summary) = futures::join!(
        api.get::<List>(caller, &path),
        summary::fetch(api, caller, &filter),
    );
    match list {
        Ok(list) => show(caller, &filter, list, summary),
        Err(error) => failure::failed(caller, Section::Orders, &error),
    }
}

fn show(
    caller: &Caller,
    filter: &Filter,
    list: Answer<List>,
    summary: Result<Summary, ApiError>,
) -> Response {
    let summary = summary
        .inspect_err(|error| tracing::warn!(error = error as &dyn std::error::Error, "no counts"))
        .ok();
    let stream = list.position.map(|position| Stream {
        path: filter.beside("/ui/orders/stream"),
        position,
    });
    let page = OrdersPage {
        chrome: Chrome::new(caller, Section::Orders, "Orders"),
        filter,
        summary,
        next: list
            .body
            .next_cursor()
            .map(|cursor| filter.at_cursor(&cursor)),
        list: &list.body,
        stream,
    };
    chrome::page(StatusCode::OK, &page)
}

impl List {
    /// The cursor in the link to the next page.
    fn next_cursor(&self) -> Option<String> {
        let (_, query) = self.links.get("next")?.href.split_once('?')?;
        let mut params = form_urlencoded::parse(query.as_bytes());
        let found = params.find(|(name, _)| name == "cursor");
        found.map(|(_, cursor)| cursor.into_owned())
    }
}

impl OrdersPage<'_> {
    /// Whether there are others' orders among those that can be looked for.
    fn sees_all(&self) -> bool {
        self.chrome.viewer().may_for_all(Access::READING)
    }

    fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.list.embedded.order_traces.iter().map(Row::of)
    }

    fn states(&self) -> impl Iterator<Item = State<'static>> {
        State::all()
    }

    /// The id on the page of the last row, behind which the next page goes on.
    fn last_row(&self) -> String {
        let last = self.list.embedded.order_traces.last();
        last.map(Trace::row_id).unwrap_or_default()
    }

    fn is_empty(&self) -> bool {
        self.list.embedded.order_traces.is_empty()
    }
}
