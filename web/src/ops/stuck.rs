//! The orders that may not go on by themselves, with what to do about each.

use askama::Template;
use chrono::TimeDelta;
use futures::future::join_all;
use ordertrace_http::Access;

use super::{
    model::{Case, Listed, StuckOrder, StuckOrders},
    section::{Content, Mark},
};
use crate::{
    api::{Api, ApiError, Caller},
    format::{short_id, span},
    state::State,
};

/// How many are shown: each is looked up in the log for its advice. When they are dealt with, the next come up.
const SHOWN: usize = 10;

#[derive(Template)]
#[template(path = "ops/stuck.html")]
struct StuckSection<'a> {
    /// What its forms send along.
    csrf: Option<String>,
    rows: Vec<Row<'a>>,
    has_more: bool,
}

struct Row<'a> {
    order_id: &'a str,
    short_id: &'a str,
    reason: &'a str,
    state: Option<State<'a>>,
    idle: Option<String>,
    advice: Option<String>,
    can_resume: bool,
}

pub(super) async fn draw(api: &Api, caller: &Caller) -> Result<Content, ApiError> {
    let path = format!("/ops/stuck?limit={SHOWN}");
    let listed: Listed<StuckOrders> = api.get(caller, &path).await?.body;
    let orders = &listed.embedded.stuck_orders;
    let rows = join_all(orders.iter().map(|order| row(api, caller, order))).await;
    let has_more = listed.links.next.is_some();
    let mark = match rows.len() {
        0 => Mark::Word("done", "None"),
        shown if has_more => Mark::Count(format!("{shown}+")),
        shown => Mark::Count(shown.to_string()),
    };
    let csrf = caller.viewer.csrf().map(str::to_owned);
    Ok(Content::of(
        mark,
        &StuckSection {
            csrf,
            rows,
            has_more,
        },
    ))
}

async fn row<'a>(api: &Api, caller: &Caller, order: &'a StuckOrder) -> Row<'a> {
    let may_act = caller.may(Access::OPERATIONS);
    let path = format!("/ops/stuck/{}", order.order_id);
    let case = if may_act {
        api.get::<Case>(caller, &path).await.ok()
    } else {
        None
    };
    let idle = order.idle_seconds.and_then(|secs| i64::try_from(secs).ok());
    Row {
        order_id: &order.order_id,
        short_id: short_id(&order.order_id),
        reason: reason_words(&order.reason),
        state: order.state.as_deref().map(State::of),
        idle: idle.map(|secs| span(TimeDelta::try_seconds(secs).unwrap_or_default())),
        // Without its advice the order is still to be seen.
        advice: case
            .map(|case| case.body.advice)
            .or_else(|| advice_without_a_look(&order.reason).map(str::to_owned)),
        can_resume: may_act && !matches!(order.reason.as_str(), "quarantined" | "too_many_events"),
    }
}

/// Why an order may not go on by itself, for people.
pub(crate) fn reason_words(reason: &str) -> &str {
    match reason {
        "payment_unknown" => "The provider did not say how the payment ended",
        "refund_failed" => "The money did not go back",
        "too_many_events" => "The order takes no more events",
        "idle" => "Nothing has happened for too long",
        "quarantined" => "Its history is damaged",
        other => other,
    }
}

/// What to do about an order that can't be looked up.
fn advice_without_a_look(reason: &str) -> Option<&'static str> {
    (reason == "quarantined").then_some(
        "Find out who wrote the event that does not fit; nothing is deleted from the log.",
    )
}
