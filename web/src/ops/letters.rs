//! The messages that could not be handled, and wait for somebody to decide.

use askama::Template;

use super::{
    model::{Letter, Letters, Listed},
    section::{Content, Mark},
};
use crate::{
    api::{Api, ApiError, Caller},
    format::{Moment, number, short_id},
};

/// How many are shown. When they are dealt with, the next come up.
const SHOWN: usize = 20;

#[derive(Template)]
#[template(path = "ops/letters.html")]
struct LettersSection<'a> {
    /// What its forms send along.
    csrf: Option<String>,
    rows: Vec<Row<'a>>,
    has_more: bool,
}

struct Row<'a> {
    id: &'a str,
    /// The id as a part of names in HTML.
    name: String,
    consumer: &'a str,
    place: String,
    order_id: Option<&'a str>,
    short_id: &'a str,
    reason: &'a str,
    attempts: String,
    parked: Moment,
}

pub(super) async fn draw(api: &Api, caller: &Caller) -> Result<Content, ApiError> {
    let path = format!("/ops/dlq?limit={SHOWN}");
    let listed: Listed<Letters> = api.get(caller, &path).await?.body;
    let letters = &listed.embedded.dead_letters;
    let rows: Vec<_> = letters.iter().map(Row::of).collect();
    let has_more = listed.links.next.is_some();
    let mark = match rows.len() {
        0 => Mark::Word("done", "None"),
        shown if has_more => Mark::Count(format!("{shown}+")),
        shown => Mark::Count(shown.to_string()),
    };
    let csrf = caller.viewer.csrf().map(str::to_owned);
    Ok(Content::of(
        mark,
        &LettersSection {
            csrf,
            rows,
            has_more,
        },
    ))
}

impl<'a> Row<'a> {
    fn of(letter: &'a Letter) -> Self {
        let timer = letter
            .timer_sequence
            .map(|sequence| format!("timer {sequence}"));
        Self {
            id: &letter.id,
            name: letter.id.replace('.', "-"),
            consumer: &letter.consumer,
            place: letter.position.clone().or(timer).unwrap_or_default(),
            order_id: letter.order_id.as_deref(),
            short_id: letter.order_id.as_deref().map(short_id).unwrap_or_default(),
            reason: &letter.reason,
            attempts: number(letter.attempts),
            parked: Moment::of(&letter.parked_at),
        }
    }
}
