//! `GET /ops/dlq`: the parked messages, by the time of what was last recorded of each.
//!
//! Invariant: following `next` to its end shows every message that nobody decides on meanwhile, each once. What is
//! decided on, or parked again, moves to the end. A page may be short, or empty, though there is a next one: how much is
//! looked at for one page is bounded.

use axum::{Json, extract::State, http::Uri};
use ordertrace_domain::{DeadLetter, DeadLetterPage, Sequence};
use ordertrace_http::Problem;

use super::page::{LIMIT_MAX, Letters, Wanted};
use crate::routes::{Ops, failure::not_read, request::TakesJson};

/// The most reads behind one page: a thousand messages. As many in a row that are not asked for only pile up over years of
/// trouble, and then the page is short.
const READS_MAX: usize = 5;

pub(super) async fn list(
    State(ops): State<Ops>,
    _: TakesJson,
    uri: Uri,
) -> Result<Json<Letters>, Problem> {
    let incarnation = ops.log.incarnation();
    let wanted = Wanted::read(&uri, incarnation)?;
    let found = gather(&ops, &wanted).await?;
    Ok(Json(wanted.show(&found.letters, found.next, incarnation)))
}

/// What was found so far, and where to look on.
struct Found {
    letters: Vec<DeadLetter>,
    next: Option<Sequence>,
}

async fn gather(ops: &Ops, wanted: &Wanted) -> Result<Found, Problem> {
    let mut found = Found {
        letters: Vec::new(),
        next: Some(wanted.after),
    };
    for _ in 0..READS_MAX {
        let Some(after) = found.next.filter(|_| found.letters.len() < wanted.limit) else {
            break;
        };
        let page = ops.dead_letters.list(after, LIMIT_MAX).await;
        found.add(page.map_err(|error| not_read(&error))?, wanted);
    }
    Ok(found)
}

impl Found {
    /// Takes what fits of a page. What does not fit begins the next one.
    fn add(&mut self, page: DeadLetterPage, wanted: &Wanted) {
        self.next = page.next;
        let letters = page.letters.into_iter();
        for letter in letters.filter(|letter| wanted.is_met_by(letter)) {
            if self.letters.len() == wanted.limit {
                self.next = self.letters.last().map(|last| last.record);
                return;
            }
            self.letters.push(letter);
        }
    }
}
