//! `GET /orderTraces`: a page of the traces that meet a filter.

use axum::{
    Json,
    extract::State,
    http::{HeaderValue, header, request::Parts},
    response::{IntoResponse, Response},
};
use ordertrace_domain::{Position, Sequence};
use ordertrace_http::{Collection, Link, Page, Params, Problem, Reach, openapi::Described};

use super::filter::{self, Filter};
use crate::{
    Found, StoreError, ViewStore,
    routes::{
        Queries,
        answer::unreadable,
        collection::{Collected, Traces, show},
        cursor::{Cursor, scope},
        list::{CURSOR, LIMIT, LIMIT_DEFAULT, read_limit},
        openapi::{READERS, asking, page, paging},
    },
};

/// `GET /orderTraces`, described.
pub(super) fn described() -> Described {
    asking("listOrderTraces", Traces::NAME, READERS, "The traces that meet a filter")
        .explained("A trace has to meet all that is asked for. The newest first, unless `sort` says otherwise.")
        .takes(filter::conditions())
        .takes([filter::order()])
        .takes(paging())
        .answers(page::<Traces>)
}

/// `GET /orderTraces`
pub(in crate::routes) async fn list(
    State(queries): State<Queries>,
    reach: Reach,
    request: Parts,
) -> Response {
    let known = [&filter::PARAMS[..], &[LIMIT, CURSOR]].concat();
    queries
        .answer(&request, &known, move |store, params, position| {
            let wanted = Wanted::read(params, reach, position)?;
            let page = wanted.find(store).map_err(|error| unreadable(&error))?;
            Ok(wanted.show(page, position))
        })
        .await
}

/// Which page of what is asked for.
struct Wanted {
    filter: Filter,
    limit: usize,
    has_limit: bool,
    cursor: Option<(String, Cursor)>,
}

impl Wanted {
    fn read(params: &Params, reach: Reach, position: Position) -> Result<Self, Problem> {
        let filter = Filter::read(params, reach)?;
        let limit = params.get(LIMIT).map(read_limit).transpose()?;
        let cursor = params.get(CURSOR).map(|token| {
            let cursor = Cursor::read(token, &scope_of(&filter), position.incarnation);
            cursor.map(|cursor| (token.to_owned(), cursor))
        });
        if matches!(cursor, Some(None)) {
            return Err(Problem::invalid_request(
                "cursor is not one of this collection, looked for in this way",
            ));
        }
        Ok(Self {
            filter,
            limit: limit.unwrap_or(LIMIT_DEFAULT),
            has_limit: limit.is_some(),
            cursor: cursor.flatten(),
        })
    }

    /// The page, and how many traces meet the filter, if they are counted.
    fn find(&self, store: &ViewStore) -> Result<(Found, Option<u64>), StoreError> {
        if self.filter.is_beyond {
            return Ok((Found::default(), Some(0)));
        }
        let mut search = self.filter.search(self.limit);
        search.after = self.cursor.as_ref().map(|(_, cursor)| cursor.last);
        let found = store.find(&search)?;
        let total = match self.filter.only_facet() {
            Some(facet) => Some(store.count(facet)?),
            None if self.filter.is_empty() => Some(store.counts()?.of(Traces::LISTING)),
            None => None,
        };
        Ok((found, total))
    }

    fn show(&self, (found, total): (Found, Option<u64>), position: Position) -> Response {
        let (size, number) = (self.limit as u64, self.page_number());
        let entries = found.entries.iter();
        let shown = entries.filter_map(|entry| {
            show::<Traces>(entry.order_id, &entry.record, position.incarnation)
        });
        let this = self.path(self.cursor.as_ref().map(|(token, _)| token.as_str()));
        let next = found
            .next
            .map(|last| self.path(Some(&self.token(last, position))));
        let header = next
            .as_deref()
            .map(|path| format!("<{path}>; rel=\"next\""));
        let body = Collection::new(
            Traces::NAME,
            shown.collect(),
            total.map_or_else(
                || Page::uncounted(size, number),
                |total| Page::new(size, total, number),
            ),
            Link::to(this),
            next.map(Link::to),
        );
        let mut response = Json(body).into_response();
        // A path is ASCII: names of ours, digits, and what is encoded.
        if let Some(Ok(link)) = header.map(HeaderValue::try_from) {
            response.headers_mut().insert(header::LINK, link);
        }
        response
    }

    fn page_number(&self) -> u64 {
        let cursor = self.cursor.as_ref();
        cursor.map_or(0, |(_, cursor)| cursor.page_number)
    }

    fn token(&self, last: Sequence, position: Position) -> String {
        let cursor = Cursor {
            last,
            page_number: self.page_number().saturating_add(1),
        };
        cursor.token(&scope_of(&self.filter), position.incarnation)
    }

    fn path(&self, token: Option<&str>) -> String {
        let filter = Some(self.filter.query.clone()).filter(|query| !query.is_empty());
        let limit = self.has_limit.then(|| format!("{LIMIT}={}", self.limit));
        let cursor = token.map(|token| format!("{CURSOR}={token}"));
        let params: Vec<_> = filter.into_iter().chain(limit).chain(cursor).collect();
        match params.as_slice() {
            [] => Traces::PATH.to_owned(),
            params => format!("{}?{}", Traces::PATH, params.join("&")),
        }
    }
}

fn scope_of(filter: &Filter) -> Vec<u8> {
    scope(Traces::CURSOR_TAG, &filter.query, &filter.reach)
}
