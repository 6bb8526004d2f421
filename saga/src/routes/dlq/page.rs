//! Which page of the parked messages is asked for, and the page itself.

use std::collections::BTreeMap;

use axum::http::{StatusCode, Uri};
use ordertrace_domain::{DeadLetter, Incarnation, Position, Sequence};
use ordertrace_http::{
    Link, Params, Problem, ProblemKind,
    openapi::{Answer, Described, collection, integer, position_token, query, word},
};
use serde::Serialize;

use super::letter::{LetterResource, Status};
use crate::routes::openapi::call;

pub(super) const PATH: &str = "/ops/dlq";

const STATUS: &str = "status";

const LIMIT: &str = "limit";

const CURSOR: &str = "cursor";

/// All of them, whatever has become of them.
const ANY_STATUS: &str = "all";

/// How many messages a page has unless the client says otherwise.
const LIMIT_DEFAULT: usize = 50;

/// The most messages of a page, and of one read of the log.
pub(super) const LIMIT_MAX: usize = 200;

/// The list, described.
pub(super) fn described() -> Described {
    let mut limit = integer(1, LIMIT_MAX as u64);
    limit.default = Some(LIMIT_DEFAULT.into());
    let names = Status::ALL
        .map(Status::name)
        .into_iter()
        .chain([ANY_STATUS]);
    let status = word(&names.collect::<Vec<_>>());
    call("listDeadLetters", "The messages that could not be handled")
        .takes([
            query(
                STATUS,
                status,
                "What has become of them; those that wait unless you say otherwise.",
            ),
            query(LIMIT, limit, "How many messages a page has."),
            query(
                CURSOR,
                position_token(),
                "Where the page begins: from the `next` link of the one before.",
            ),
        ])
        .problems([ProblemKind::InvalidRequest])
        .answers(|schemas| {
            let letter = schemas.of::<LetterResource>();
            let page = collection(schemas, "deadLetters", letter, false);
            let page = schemas.named("PageOfDeadLetter", page);
            Answer::json(
                StatusCode::OK,
                page,
                "A page; it may be short, or empty, though there is a next one.",
            )
        })
}

/// What is asked for.
pub(super) struct Wanted {
    /// `None` for all.
    status: Option<Status>,
    pub(super) limit: usize,
    pub(super) after: Sequence,
    /// The parameters as they came, for the links.
    given: Vec<String>,
    cursor: Option<String>,
}

/// A page of parked messages.
#[derive(Serialize)]
pub(super) struct Letters {
    #[serde(rename = "_embedded")]
    embedded: Embedded,
    #[serde(rename = "_links")]
    links: BTreeMap<&'static str, Link>,
}

#[derive(Serialize)]
struct Embedded {
    #[serde(rename = "deadLetters")]
    dead_letters: Vec<LetterResource>,
}

impl Wanted {
    pub(super) fn read(uri: &Uri, incarnation: Incarnation) -> Result<Self, Problem> {
        let params = Params::read(uri, &[STATUS, LIMIT, CURSOR])?;
        let status = params.get(STATUS).map(read_status).transpose()?;
        let limit = params.get(LIMIT).map(read_limit).transpose()?;
        let cursor = params.get(CURSOR).map(str::to_owned);
        let after = cursor.as_deref();
        let after = after.map(|token| read_cursor(token, incarnation));
        let names = [STATUS, LIMIT].into_iter();
        Ok(Self {
            status: status.unwrap_or(Some(Status::Waiting)),
            limit: limit.unwrap_or(LIMIT_DEFAULT),
            after: after.transpose()?.unwrap_or(Sequence::START),
            given: names
                .filter_map(|name| Some(format!("{name}={}", params.get(name)?)))
                .collect(),
            cursor,
        })
    }

    pub(super) fn is_met_by(&self, letter: &DeadLetter) -> bool {
        self.status
            .is_none_or(|status| status == Status::of(letter))
    }

    pub(super) fn show(
        &self,
        letters: &[DeadLetter],
        next: Option<Sequence>,
        incarnation: Incarnation,
    ) -> Letters {
        let next = next.map(|sequence| Position {
            incarnation,
            sequence,
        });
        let next = next.map(|position| self.link(Some(&position.to_string())));
        let links = [
            ("self", Some(self.link(self.cursor.as_deref()))),
            ("next", next),
        ];
        Letters {
            embedded: Embedded {
                dead_letters: letters
                    .iter()
                    .map(|letter| LetterResource::of(letter, incarnation))
                    .collect(),
            },
            links: links
                .into_iter()
                .filter_map(|(name, link)| Some((name, link?)))
                .collect(),
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

fn read_status(text: &str) -> Result<Option<Status>, Problem> {
    if text == ANY_STATUS {
        return Ok(None);
    }
    let found = Status::ALL.into_iter().find(|it| it.name() == text);
    found.map(Some).ok_or_else(|| {
        let names = Status::ALL.map(Status::name).join(", ");
        Problem::invalid_request(format!("{STATUS} is one of {names}, {ANY_STATUS}"))
    })
}

fn read_limit(text: &str) -> Result<usize, Problem> {
    let limit = text.parse().ok().filter(|limit: &usize| {
        // Only the plain spelling: neither `+1` nor `01`.
        (1..=LIMIT_MAX).contains(limit) && limit.to_string() == text
    });
    limit.ok_or_else(|| {
        Problem::invalid_request(format!("{LIMIT} is a whole number from 1 to {LIMIT_MAX}"))
    })
}

/// A cursor is a position as any other to look at, but in the list of parked messages, not in the log.
fn read_cursor(token: &str, incarnation: Incarnation) -> Result<Sequence, Problem> {
    let position = Position::parse(token).ok();
    let position = position.filter(|position| position.incarnation == incarnation);
    position
        .map(|position| position.sequence)
        .ok_or_else(|| Problem::invalid_request("cursor is not one of this list"))
}
