//! The state diagram of an order: every state and every step there is, and the way that one order has taken.
//!
//! Invariant: a pure function of the states that were visited; its steps are exactly those that the domain allows. It
//! deliberately draws the API's states, in which all of an order's undoing is one: what is still to be undone then is in
//! the timeline.

mod line;
mod place;
mod step;

use std::fmt::Write as _;

use line::{head, middle, path};
use place::{BOX, PLACES, Place, SIZE};
use step::Step;

use crate::state::State;

pub use place::Kind;

/// The state after an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Visit<'a> {
    /// The API's word for it.
    pub state: &'a str,
    /// The event's version.
    pub version: u64,
}

/// A diagram, ready to be drawn: coordinates are CSS pixels at full size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagram {
    /// How wide it is.
    pub width: i32,
    /// How high it is.
    pub height: i32,
    /// The whole story in words, for whoever does not see it.
    pub description: String,
    /// The steps: those that were taken come last, so that they lie on top.
    pub lines: Vec<Line>,
    /// The states.
    pub boxes: Vec<StateBox>,
}

/// A step, as it is drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The state it leads from.
    pub from: &'static str,
    /// The state it leads to.
    pub to: &'static str,
    /// The `d` of its line.
    pub path: String,
    /// The `d` of its arrowhead.
    pub head: String,
    /// Where a mark on it goes.
    pub middle: (i32, i32),
    /// Whether the order went this way.
    pub is_taken: bool,
    /// Whether it leads into trouble.
    pub is_failure: bool,
}

/// A state, as it is drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateBox {
    /// The API's word for it.
    pub state: &'static str,
    /// The same for people.
    pub label: String,
    /// What kind of state it is.
    pub kind: Kind,
    /// The left of its box.
    pub x: i32,
    /// The top of its box.
    pub y: i32,
    /// The width of its box.
    pub width: i32,
    /// The height of its box.
    pub height: i32,
    /// Where its label's middle goes.
    pub middle: (i32, i32),
    /// Whether the order is in it.
    pub is_present: bool,
    /// The version at which the order last came to it.
    pub version: Option<u64>,
}

/// The diagram of an order that took this course, a visit an event, and is in the state `present`.
pub fn diagram(course: &[Visit<'_>], present: &str) -> Diagram {
    let mut lines: Vec<Line> = step::all().map(|step| line(step, course)).collect();
    lines.sort_by_key(|line| line.is_taken);
    Diagram {
        width: SIZE.0,
        height: SIZE.1,
        description: description(course, present),
        lines,
        boxes: PLACES
            .iter()
            .map(|place| state_box(place, course, present))
            .collect(),
    }
}

/// Every step in the diagram: from which state to which.
pub fn steps() -> impl Iterator<Item = (&'static str, &'static str)> {
    step::all().map(|step| (step.from, step.to))
}

/// A state's name for people, as everywhere on the page.
fn label(state: &str) -> String {
    State::of(state).label.into_owned()
}

fn line(step: &Step, course: &[Visit<'_>]) -> Line {
    let is_taken = course
        .windows(2)
        .any(|pair| matches!(pair, [before, after] if before.state == step.from && after.state == step.to));
    Line {
        from: step.from,
        to: step.to,
        path: path(step.way),
        head: head(step.way),
        middle: middle(step.way),
        is_taken,
        is_failure: kind_of(step.to) == Some(Kind::Trouble),
    }
}

fn state_box(place: &Place, course: &[Visit<'_>], present: &str) -> StateBox {
    StateBox {
        state: place.state,
        label: label(place.state),
        kind: place.kind,
        x: place.at.0 - BOX.0 / 2,
        y: place.at.1 - BOX.1 / 2,
        width: BOX.0,
        height: BOX.1,
        middle: place.at,
        is_present: place.state == present,
        version: arrival(place.state, course),
    }
}

/// The version at which the order last came to the state from another one.
fn arrival(state: &str, course: &[Visit<'_>]) -> Option<u64> {
    let from = |index: usize| index.checked_sub(1).and_then(|before| course.get(before));
    let mut arrivals = course.iter().enumerate().filter(|(index, visit)| {
        visit.state == state && from(*index).is_none_or(|before| before.state != state)
    });
    let last = arrivals.next_back();
    last.map(|(_, visit)| visit.version)
}

fn kind_of(state: &str) -> Option<Kind> {
    let place = PLACES.iter().find(|place| place.state == state);
    place.map(|place| place.kind)
}

fn description(course: &[Visit<'_>], present: &str) -> String {
    let mut text = format!("The order is in the state {}.", label(present));
    let mut before = None;
    for visit in course {
        if before == Some(visit.state) {
            continue;
        }
        let lead = if before.is_none() {
            " It went: "
        } else {
            ", then "
        };
        let _ = write!(
            text,
            "{lead}{} (version {})",
            label(visit.state),
            visit.version
        );
        before = Some(visit.state);
    }
    if before.is_some() {
        text.push('.');
    }
    let onward = steps().filter(|(from, to)| *from == present && to != from);
    let onward: Vec<String> = onward.map(|(_, to)| label(to)).collect();
    if onward.is_empty() {
        text.push_str(" That is the end.");
    } else {
        let _ = write!(text, " From here it may go to: {}.", onward.join(", "));
    }
    text
}
