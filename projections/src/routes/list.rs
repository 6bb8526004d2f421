//! A page of a collection, newest first: `GET /{collection}`.
//!
//! Invariant: what is shown is within reach of who asks, and so is what is counted. A customer's own orders are found by the
//! index of customers, so that a page costs what is theirs, however many others have ordered.

use axum::{
    Json,
    extract::State,
    http::{HeaderValue, header, request::Parts},
    response::{IntoResponse, Response},
};
use ordertrace_domain::{Position, Sequence};
use ordertrace_http::{Collection, Link, Page, Params, Problem, Reach};

use super::{
    Queries,
    answer::unreadable,
    collection::{Collected, show},
    cursor::{Cursor, scope},
};
use crate::{Direction, Entry, Facet, Listing, Search, StoreError, ViewStore};

pub(super) const LIMIT: &str = "limit";

pub(super) const CURSOR: &str = "cursor";

/// How many entries a page has unless the client says otherwise.
pub(super) const LIMIT_DEFAULT: usize = 50;

/// The most entries of a page: what is read and rendered in a few milliseconds.
pub(super) const LIMIT_MAX: usize = 200;

/// `GET /{collection}`
pub(super) async fn get<C: Collected>(
    State(queries): State<Queries>,
    reach: Reach,
    request: Parts,
) -> Response {
    let read = move |store: &ViewStore, params: &Params, position| {
        let wanted = Wanted::read::<C>(params, reach, position)?;
        let found = wanted.find(store, C::LISTING);
        let found = found.map_err(|error| unreadable(&error))?;
        Ok(wanted.show::<C>(&found, position))
    };
    queries.answer(&request, &[LIMIT, CURSOR], read).await
}

/// Which page is asked for.
struct Wanted {
    reach: Reach,
    limit: usize,
    /// Whether the client said how many entries: links then say so as well.
    has_limit: bool,
    cursor: Option<(String, Cursor)>,
}

/// What a page has.
struct Listed {
    entries: Vec<Entry>,
    /// The place behind which there is more.
    next: Option<Sequence>,
    /// How many there are in all, if that is counted.
    total: Option<u64>,
}

impl Wanted {
    fn read<C: Collected>(
        params: &Params,
        reach: Reach,
        position: Position,
    ) -> Result<Self, Problem> {
        let limit = params.get(LIMIT).map(read_limit).transpose()?;
        let cursor = params.get(CURSOR);
        let cursor = cursor.map(|token| read_cursor::<C>(token, &reach, position));
        Ok(Self {
            reach,
            limit: limit.unwrap_or(LIMIT_DEFAULT),
            has_limit: limit.is_some(),
            cursor: cursor.transpose()?,
        })
    }

    fn find(&self, store: &ViewStore, listing: Listing) -> Result<Listed, StoreError> {
        let Some(owner) = self.reach.owner() else {
            let page = store.page(listing, self.before(), self.limit)?;
            let last = page.entries.last().filter(|_| page.has_more);
            return Ok(Listed {
                next: last.map(|entry| entry.place),
                total: Some(page.total),
                entries: page.entries,
            });
        };
        let owned = Facet::customer(owner);
        // An index says how many orders a customer has, but not how many of them are in a listing that not all are in.
        let total = (listing == Listing::Placed).then(|| store.count(&owned));
        let found = store.find(&Search {
            listing,
            facets: vec![owned],
            from: None,
            to: None,
            direction: Direction::NewestFirst,
            after: self.before(),
            limit: self.limit,
        })?;
        Ok(Listed {
            entries: found.entries,
            next: found.next,
            total: total.transpose()?,
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

    fn show<C: Collected>(&self, found: &Listed, position: Position) -> Response {
        let (size, number) = (self.limit as u64, self.page_number());
        let entries = found.entries.iter();
        let shown = entries
            .filter_map(|entry| show::<C>(entry.order_id, &entry.record, position.incarnation));
        let this = self.path::<C>(self.cursor.as_ref().map(|(token, _)| token.as_str()));
        let next = found.next.map(|last| self.token::<C>(last, position));
        let next = next.map(|token| self.path::<C>(Some(&token)));
        let header = next
            .as_deref()
            .map(|path| format!("<{path}>; rel=\"next\""));
        let body = Collection::new(
            C::NAME,
            shown.collect(),
            found.total.map_or_else(
                || Page::uncounted(size, number),
                |total| Page::new(size, total, number),
            ),
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

    fn token<C: Collected>(&self, last: Sequence, position: Position) -> String {
        let cursor = Cursor {
            last,
            page_number: self.page_number().saturating_add(1),
        };
        cursor.token(&scope_of::<C>(&self.reach), position.incarnation)
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

fn scope_of<C: Collected>(reach: &Reach) -> Vec<u8> {
    scope(C::CURSOR_TAG, "", reach)
}

fn read_cursor<C: Collected>(
    token: &str,
    reach: &Reach,
    position: Position,
) -> Result<(String, Cursor), Problem> {
    let cursor = Cursor::read(token, &scope_of::<C>(reach), position.incarnation);
    let cursor =
        cursor.ok_or_else(|| Problem::invalid_request("cursor is not one of this collection"))?;
    Ok((token.to_owned(), cursor))
}
