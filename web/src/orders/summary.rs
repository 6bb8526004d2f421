//! What the page says above the list: how many orders are where, and when they were placed.

use askama::Template;
use axum::{
    extract::{RawQuery, State as Routed},
    http::StatusCode,
    response::Response,
};

use super::{
    chart::Chart,
    counts::{Counts, StateCount, Stats},
    filter::Filter,
};
use crate::{
    api::{Api, ApiError, Caller},
    chrome::{self, Section},
    failure,
    format::{counted, number},
    state::{State, Tone},
};

/// From how many events on it is worth a warning that the view is behind: fewer are on their way at any moment.
const BEHIND_WARNED_MIN: u64 = 20;

/// The kinds of states, as they are shown together.
const GROUPS: [(&str, &[Tone]); 3] = [
    ("In flow", &[Tone::Flow]),
    ("Trouble", &[Tone::Trouble]),
    ("Ended", &[Tone::Done, Tone::Closed]),
];

/// All of it.
#[derive(Debug, Template)]
#[template(path = "orders/summary.html")]
pub(super) struct Summary {
    /// Where all orders are; nothing for those who see their own only.
    board: Option<Board>,
    /// How many orders are found, in words.
    extent: String,
    /// Whether the list has some of the orders that are counted by state and by hour.
    is_of_some: bool,
    behind: u64,
    /// Where it is fetched anew.
    path: String,
}

/// What is counted of all orders.
#[derive(Debug)]
struct Board {
    all: Chip,
    groups: Vec<Group>,
    chart: Chart,
}

/// A state to choose.
#[derive(Debug)]
struct Chip {
    id: String,
    href: String,
    label: String,
    tone: &'static str,
    count: String,
    is_chosen: bool,
}

/// States of a kind.
#[derive(Debug)]
struct Group {
    label: &'static str,
    chips: Vec<Chip>,
}

/// `GET /ui/orders/summary`
pub(super) async fn get(
    Routed(api): Routed<Api>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Response {
    let filter = Filter::read(&query.unwrap_or_default());
    match fetch(&api, &caller, &filter).await {
        Ok(summary) => chrome::page(StatusCode::OK, &summary),
        Err(error) => failure::failed(&caller, Section::Orders, &error),
    }
}

/// Asks the API for it.
pub(super) async fn fetch(
    api: &Api,
    caller: &Caller,
    filter: &Filter,
) -> Result<Summary, ApiError> {
    let counts = Counts::fetch(api, caller, filter).await?;
    Ok(Summary::of(&counts, filter))
}

impl Summary {
    fn of(counts: &Counts, filter: &Filter) -> Self {
        let board = counts.stats.as_ref().map(|stats| Board::of(stats, filter));
        Self {
            is_of_some: board.is_some() && filter.is_narrow_in_any_state(),
            board,
            extent: extent(counts.found),
            behind: counts.behind,
            path: filter.beside("/ui/orders/summary"),
        }
    }

    fn is_far_behind(&self) -> bool {
        self.behind >= BEHIND_WARNED_MIN
    }

    fn behind_words(&self) -> String {
        counted(self.behind, "event", "events")
    }
}

impl Board {
    fn of(stats: &Stats, filter: &Filter) -> Self {
        let groups = GROUPS.map(|(label, tones)| Group {
            label,
            chips: chips(stats, filter, tones),
        });
        let groups = groups.into_iter().filter(|group| !group.chips.is_empty());
        Self {
            all: all(stats, filter),
            groups: groups.collect(),
            chart: Chart::of(stats),
        }
    }
}

fn extent(found: Option<u64>) -> String {
    found.map_or_else(
        || "Orders found".to_owned(),
        |found| counted(found, "order", "orders"),
    )
}

fn all(stats: &Stats, filter: &Filter) -> Chip {
    let total: u64 = stats.states.iter().map(|state| state.count).sum();
    Chip {
        id: "chip-all".to_owned(),
        href: filter.in_state(""),
        label: "All".to_owned(),
        tone: "all",
        count: number(total),
        is_chosen: filter.state().is_empty(),
    }
}

/// The states of these kinds in which there are orders, and the one that is chosen.
fn chips(stats: &Stats, filter: &Filter, tones: &[Tone]) -> Vec<Chip> {
    let counts = stats.states.iter();
    let states = counts.map(|StateCount { state, count }| (State::of(state), *count));
    states
        .filter(|(state, count)| {
            tones.contains(&state.tone) && (*count > 0 || state.name == filter.state())
        })
        .map(|(state, count)| Chip {
            id: format!("chip-{}", state.name),
            href: filter.in_state(state.name),
            label: state.label.to_string(),
            tone: state.tone.name(),
            count: number(count),
            is_chosen: state.name == filter.state(),
        })
        .collect()
}
