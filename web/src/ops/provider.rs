//! How the payment provider is doing.

use askama::Template;
use chrono::TimeDelta;

use super::{
    model::Provider,
    section::{Content, Mark},
};
use crate::{
    api::{Api, ApiError, Caller},
    format::{number, span},
};

#[derive(Template)]
#[template(path = "ops/provider.html")]
struct ProviderSection {
    meaning: &'static str,
    since: String,
    opened: String,
    last_failure: Option<String>,
    in_flight: String,
    at_once_max: String,
}

pub(super) async fn draw(api: &Api, caller: &Caller) -> Result<Content, ApiError> {
    let provider: Provider = api.get(caller, "/ops/provider").await?.body;
    let (mark, meaning) = match provider.breaker.as_str() {
        "closed" => (
            Mark::Word("done", "Closed"),
            "The circuit breaker lets every call through.",
        ),
        "half_open" => (
            Mark::Word("trouble", "Half open"),
            "The circuit breaker lets a few calls through on trial; it closes when they succeed.",
        ),
        "open" => (
            Mark::Word("danger", "Open"),
            "Too many calls had no answer, so none leaves for some seconds. Orders by card wait by a timer and go on by \
             themselves; cash orders and deliveries are not affected.",
        ),
        _ => (
            Mark::None,
            "The circuit breaker is in a state that this page does not know.",
        ),
    };
    let for_ms = i64::try_from(provider.breaker_for_ms).unwrap_or(i64::MAX);
    let section = ProviderSection {
        meaning,
        since: span(TimeDelta::try_milliseconds(for_ms).unwrap_or_default()),
        opened: number(provider.opened_total),
        last_failure: provider.last_failure,
        in_flight: number(provider.calls_in_flight),
        at_once_max: number(provider.calls_at_once_max),
    };
    Ok(Content::of(mark, &section))
}
