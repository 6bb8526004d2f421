//! The timeline: what happened, when, by whom, because of what, and what it changed.

use serde_json::Value;

use super::model::{Cause, Entry, StoredEvent};
use crate::{
    api::path_with,
    diagram::Visit,
    format::{Moment, span},
    state::State,
};

/// How many characters of a hash are shown: enough to see two of them differ.
const HASH_CHARS: usize = 10;

/// An event, as it is shown.
#[derive(Debug)]
pub(super) struct Happening<'a> {
    pub(super) version: u64,
    pub(super) event: &'a str,
    pub(super) position: &'a str,
    pub(super) moment: Moment,
    /// How long after the event before.
    pub(super) delta: Option<String>,
    pub(super) actor: String,
    pub(super) cause: Option<&'a Cause>,
    /// The state that the order came to, if it came to another one.
    pub(super) state: Option<State<'a>>,
    /// What it changed of the payment and of the delivery.
    pub(super) changes: Vec<String>,
    /// The state after it.
    pub(super) tone: &'static str,
    pub(super) stored: Option<Stored<'a>>,
    /// The page of the order as it stood then.
    pub(super) past: String,
}

/// What only the log knows of an event.
#[derive(Debug)]
pub(super) struct Stored<'a> {
    pub(super) payload: String,
    /// Why it happened, in the words of whoever knew.
    pub(super) why: Option<String>,
    pub(super) event: &'a StoredEvent,
}

impl Stored<'_> {
    pub(super) fn hash(&self) -> &str {
        short(&self.event.hash)
    }

    pub(super) fn prev_hash(&self) -> &str {
        short(&self.event.prev_hash)
    }
}

fn short(hash: &str) -> &str {
    hash.get(..HASH_CHARS).unwrap_or(hash)
}

/// The timeline, oldest first.
pub(super) fn timeline<'a>(
    page: &str,
    entries: &'a [Entry],
    events: &'a [StoredEvent],
) -> Vec<Happening<'a>> {
    let mut state = "";
    let mut before: Option<Moment> = None;
    let happenings = entries.iter().map(|entry| {
        state = entry.changed.state.as_deref().unwrap_or(state);
        let moment = Moment::of(&entry.recorded_at);
        let delta = before.replace(moment.clone()).and_then(|before| {
            let since = moment.time()? - before.time()?;
            Some(format!("+{}", span(since)))
        });
        let stored = events.iter().find(|event| event.version == entry.version);
        Happening {
            version: entry.version,
            event: &entry.r#type,
            position: &entry.position,
            delta,
            moment,
            actor: actor(entry),
            cause: entry.caused_by.as_ref(),
            state: entry.changed.state.as_deref().map(State::of),
            changes: changes(entry),
            tone: State::of(state).tone.name(),
            stored: stored.map(stored_as),
            past: path_with(page, [("asOf", entry.position.as_str())]),
        }
    });
    happenings.collect()
}

/// The states that the order went through, a visit an event.
pub(super) fn course(entries: &[Entry]) -> Vec<Visit<'_>> {
    let mut state = "";
    let visits = entries.iter().map(|entry| {
        state = entry.changed.state.as_deref().unwrap_or(state);
        Visit {
            state,
            version: entry.version,
        }
    });
    visits.collect()
}

fn stored_as(event: &StoredEvent) -> Stored<'_> {
    Stored {
        // Plain JSON that was read a moment ago can be written.
        payload: serde_json::to_string_pretty(&event.data).unwrap_or_default(),
        why: why(&event.data),
        event,
    }
}

/// What stands in an event as its reason, else the name of its cause.
fn why(data: &Value) -> Option<String> {
    let text = |field: &str| data.get(field).and_then(Value::as_str);
    let cause = || text("cause").map(|cause| cause.replace('_', " "));
    text("reason").map(str::to_owned).or_else(cause)
}

fn actor(entry: &Entry) -> String {
    let actor = &entry.actor;
    match actor.id.as_deref() {
        Some(id) if id != actor.kind => format!("{} · {id}", actor.kind),
        _ => actor.kind.clone(),
    }
}

/// What the event changed of payment and delivery, where the order's own state does not say it already. How they begin
/// is no news.
fn changes(entry: &Entry) -> Vec<String> {
    let changed = &entry.changed;
    let parts = [
        ("payment", "payment_not_requested", &changed.payment_state),
        ("delivery", "delivery_not_prepared", &changed.delivery_state),
    ];
    let news = parts.into_iter().filter_map(|(part, beginning, state)| {
        let state = state.as_deref()?;
        let is_news = state != beginning && changed.state.as_deref() != Some(state);
        is_news.then(|| format!("{part} {}", word(part, state)))
    });
    news.collect()
}

/// A state of a part of the order: `payment_approved` is "approved".
pub(super) fn word(part: &str, state: &str) -> String {
    let without = state
        .strip_prefix(part)
        .and_then(|rest| rest.strip_prefix('_'));
    without.unwrap_or(state).replace('_', " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("payment", "payment_not_requested", "not requested")]
    #[case("payment", "refund_failed", "refund failed")]
    #[case("delivery", "delivered", "delivered")]
    fn a_part_is_not_named_twice(#[case] part: &str, #[case] state: &str, #[case] told: &str) {
        assert_eq!(word(part, state), told);
    }
}
