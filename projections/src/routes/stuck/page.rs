//! Which page of stuck orders is asked for, and the page itself.

use std::collections::BTreeMap;

use ordertrace_domain::{Incarnation, Position, Sequence, StuckReason};
use ordertrace_http::{
    Access, Link, Params, Problem,
    openapi::{Described, collection, query, word},
};
use serde::Serialize;
use utoipa::openapi::schema::Object;

use super::{
    PATH, REASON,
    judge::{QUARANTINED, StuckOrder},
    search::Found,
};
use crate::routes::{
    cursor::Cursor,
    list::{CURSOR, LIMIT, LIMIT_DEFAULT, read_limit},
    openapi::{OPERATORS, answer, asking, paging},
};

/// Tells its cursors from those of the collections.
const CURSOR_TAG: u8 = 5;

/// The list, described.
pub(super) fn described() -> Described {
    let reason = query(
        REASON,
        reasons(),
        "Only those that are stuck for this reason.",
    );
    asking(
        "listStuckOrders",
        OPERATORS,
        Access::STAFF,
        "The orders that may not go on by themselves, oldest first",
    )
    .takes([reason])
    .takes(paging())
    .answers(|schemas| {
        let order = schemas.of::<StuckOrder>();
        let page = collection(schemas, "stuckOrders", order, false);
        let page = schemas.named("PageOfStuckOrder", page);
        answer(
            page,
            "A page; it may be short, or empty, though there is a next one.",
        )
    })
}

/// Why an order may be stuck.
pub(super) fn reasons() -> Object {
    let names = StuckReason::ALL.iter().map(|reason| reason.name());
    word(&names.chain([QUARANTINED]).collect::<Vec<_>>())
}

/// What is asked for.
pub(super) struct Wanted {
    /// `None` for any reason.
    reason: Option<&'static str>,
    pub(super) limit: usize,
    cursor: Option<(String, Cursor)>,
    /// The other parameters as they came, for the links.
    given: Vec<String>,
}

/// A page of stuck orders.
#[derive(Serialize)]
pub(super) struct StuckOrders {
    #[serde(rename = "_embedded")]
    embedded: Embedded,
    #[serde(rename = "_links")]
    links: BTreeMap<&'static str, Link>,
}

#[derive(Serialize)]
struct Embedded {
    #[serde(rename = "stuckOrders")]
    stuck_orders: Vec<StuckOrder>,
}

impl Wanted {
    pub(super) fn read(params: &Params, position: Position) -> Result<Self, Problem> {
        let reason = params.get(REASON).map(read_reason).transpose()?;
        let limit = params.get(LIMIT).map(read_limit).transpose()?;
        let cursor = params.get(CURSOR);
        let cursor = cursor.map(|token| read_cursor(token, position.incarnation));
        let given = [REASON, LIMIT].into_iter();
        Ok(Self {
            reason,
            limit: limit.unwrap_or(LIMIT_DEFAULT),
            cursor: cursor.transpose()?,
            given: given
                .filter_map(|name| Some(format!("{name}={}", params.get(name)?)))
                .collect(),
        })
    }

    pub(super) fn after(&self) -> Sequence {
        let cursor = self.cursor.as_ref();
        cursor.map_or(Sequence::START, |(_, cursor)| cursor.last)
    }

    pub(super) fn is_met_by(&self, reason: &str) -> bool {
        self.reason.is_none_or(|wanted| wanted == reason)
    }

    pub(super) fn show(&self, found: Found, position: Position) -> StuckOrders {
        let token = self.cursor.as_ref().map(|(token, _)| token.as_str());
        let mut links = BTreeMap::from([("self", self.link(token))]);
        if let Some(last) = found.next {
            let page_number = self.cursor.as_ref().map_or(0, |(_, it)| it.page_number);
            let cursor = Cursor {
                last,
                page_number: page_number.saturating_add(1),
            };
            let token = cursor.token(&[CURSOR_TAG], position.incarnation);
            links.insert("next", self.link(Some(&token)));
        }
        StuckOrders {
            embedded: Embedded {
                stuck_orders: found.orders,
            },
            links,
        }
    }

    fn link(&self, cursor: Option<&str>) -> Link {
        let cursor = cursor.map(|token| format!("{CURSOR}={token}"));
        let params: Vec<_> = self.given.iter().cloned().chain(cursor).collect();
        match params.as_slice() {
            [] => Link::to(PATH),
            params => Link::to(format!("{PATH}?{}", params.join("&"))),
        }
    }
}

fn read_reason(text: &str) -> Result<&'static str, Problem> {
    let mut names = StuckReason::ALL.iter().map(|reason| reason.name());
    if let Some(name) = names.find(|name| *name == text) {
        return Ok(name);
    }
    if text == QUARANTINED {
        return Ok(QUARANTINED);
    }
    let names = StuckReason::ALL.map(StuckReason::name).join(", ");
    Err(Problem::invalid_request(format!(
        "{REASON} is one of {names}, {QUARANTINED}"
    )))
}

fn read_cursor(token: &str, incarnation: Incarnation) -> Result<(String, Cursor), Problem> {
    let cursor = Cursor::read(token, &[CURSOR_TAG], incarnation);
    let cursor =
        cursor.ok_or_else(|| Problem::invalid_request("cursor is not one of this list"))?;
    Ok((token.to_owned(), cursor))
}
