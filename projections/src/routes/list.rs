//! A page of a collection, newest first: `GET /{collection}`.

use axum::{
    Json,
    extract::State,
    http::{HeaderValue, header, request::Parts},
    response::{IntoResponse, Response},
};
use ordertrace_domain::{Position, Sequence};
use ordertrace_http::{Collection, Link, Page, Params, Problem};

use super::{
    Queries,
    answer::unreadable,
    collection::{Collected, show},
    cursor::Cursor,
};
use crate::ListingPage;

pub(super) const LIMIT: &str = "limit";

pub(super) const CURSOR: &str = "cursor";

/// How many entries a page has unless the client says otherwise.
pub(super) const LIMIT_DEFAULT: usize = 50;

/// The most entries of a page: what is read and rendered in a few milliseconds.
pub(super) const LIMIT_MAX: usize = 200;

/// `GET /{collection}`
pub(super) async fn get<C: Collected>(State(queries): State<Queries>, request: Parts) -> Response {
    queries
        .answer(&request, &[LIMIT, CURSOR], |store, params, position| {
            let wanted = Wanted::read::<C>(params, position)?;
            let page = store.page(C::LISTING, wanted.before(), wanted.limit);
            let page = page.map_err(|error| unreadable(&error))?;
            Ok(wanted.show::<C>(&page, position))
        })
        .await
}

/// Which page is asked for.
struct Wanted {
    limit: usize,
    /// Whether the client said how many entries: links then say so as well.
    has_limit: bool,
    cursor: Option<(String, Cursor)>,
}

impl Wanted {
    fn read<C: Collected>(params: &Params, position: Position) -> Result<Self, Problem> {
        let limit = params.get(LIMIT).map(read_limit).transpose()?;
        let cursor = params.get(CURSOR);
        let cursor = cursor.map(|token| read_cursor::<C>(token, position));
        Ok(Self {
            limit: limit.unwrap_or(LIMIT_DEFAULT),
            has_limit: limit.is_some(),
            cursor: cursor.transpose()?,
        })
    }

    fn before(&self) -> Option<Sequence> {
        self.cursor.as_ref().map(|(_, cursor)| cursor.last)
    }

    fn page_number(&self) -> u64 {
        self.cursor
            .as_ref()
            .map_or(0, |(_, cursor)| cursor.page_number)
    }

    fn show<C: Collected>(&self, page: &ListingPage, position: Position) -> Response {
        let entries = page.entries.iter();
        let shown = entries
            .filter_map(|entry| show::<C>(entry.order_id, &entry.record, position.incarnation));
        let this = self.path::<C>(self.cursor.as_ref().map(|(token, _)| token.as_str()));
        let next = self.next_token::<C>(page, position);
        let next = next.map(|token| self.path::<C>(Some(&token)));
        let header = next
            .as_deref()
            .map(|path| format!("<{path}>; rel=\"next\""));
        let body = Collection::new(
            C::NAME,
            shown.collect(),
            Page::new(self.limit as u64, page.total, self.page_number()),
            Link::to(this),
            next.map(Link::to),
        );
        let mut response = Json(body).into_response();
        // A path is ASCII: names of ours, digits.
        if let Some(Ok(link)) = header.map(HeaderValue::try_from) {
            response.headers_mut().insert(header::LINK, link);
        }
        response
    }

    fn next_token<C: Collected>(&self, page: &ListingPage, position: Position) -> Option<String> {
        let last = page.entries.last().filter(|_| page.has_more)?;
        let cursor = Cursor {
            last: last.place,
            page_number: self.page_number().saturating_add(1),
        };
        Some(cursor.token(&[C::CURSOR_TAG], position.incarnation))
    }

    fn path<C: Collected>(&self, token: Option<&str>) -> String {
        let limit = self.has_limit.then(|| format!("{LIMIT}={}", self.limit));
        let cursor = token.map(|token| format!("{CURSOR}={token}"));
        let params: Vec<_> = limit.into_iter().chain(cursor).collect();
        match params.as_slice() {
            [] => C::PATH.to_owned(),
            params => format!("{}?{}", C::PATH, params.join("&")),
        }
    }
}

pub(super) fn read_limit(text: &str) -> Result<usize, Problem> {
    let limit = text.parse().ok().filter(|limit: &usize| {
        // Only the plain spelling: neither `+1` nor `01`.
        (1..=LIMIT_MAX).contains(limit) && limit.to_string() == text
    });
    limit.ok_or_else(|| {
        Problem::invalid_request(format!("{LIMIT} is a whole number from 1 to {LIMIT_MAX}"))
    })
}

fn read_cursor<C: Collected>(token: &str, position: Position) -> Result<(String, Cursor), Problem> {
    let cursor = Cursor::read(token, &[C::CURSOR_TAG], position.incarnation);
    let cursor =
        cursor.ok_or_else(|| Problem::invalid_request("cursor is not one of this collection"))?;
    Ok((token.to_owned(), cursor))
}
