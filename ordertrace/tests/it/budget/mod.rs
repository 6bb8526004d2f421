//! What a command costs in counts: messages, waits for the disk, requests to the payment provider.
//!
//! Invariant: a count is the mean over many commands, one after the other, in whole numbers; what else goes on at the same
//! time is less than half of one a command. So a busy machine changes nothing here, and one more message for each command
//! does. How long anything takes is not measured.
//!
//! `budget.txt` has what was counted last. More than that fails, and so does much less: then the budget is lowered, so that what
//! was gained stays.

mod messages;
mod scene;
pub(crate) mod stored;

use messages::{Messages, Spent};
use scene::{Scene, Steps};
use stored::{Count, assert_within};

use crate::tamper::tracer::Tracer;

/// Commands of each kind, one after the other: so many strays as half of that in a few seconds would be a finding as well.
const COMMANDS: u64 = 200;

/// Orders whose whole way is counted.
const WHOLE_WAYS: u64 = 20;

/// What takes fewer than ten has no room, and that is each of these; one that takes more may be a message off.
const SLACK_PERCENT: u64 = 10;

/// Where the budget stands, from this crate's folder.
const BUDGET: &str = "tests/it/budget/budget.txt";

/// In the paths of the streams' messages.
const EVENTS: &str = "ORDERTRACE_EVENTS/msgs/";
const TIMERS: &str = "ORDERTRACE_TIMERS/msgs/";

#[tokio::test]
async fn a_command_costs_no_more_than_its_budget() {
    let mut counts = Vec::new();
    let scene = Scene::open().await;
    let steps = commands(&scene, &mut counts).await;
    query(&scene, &steps, &mut counts).await;
    whole_way(&scene, "in cash", Scene::in_cash, &mut counts).await;
    whole_way(&scene, "by card", Scene::by_card, &mut counts).await;
    assert_within(BUDGET, &counts, SLACK_PERCENT);
}

/// One command at a time, each on an order that waits for it. Nobody goes on with the orders while they are placed, so that
/// what the disk is asked for then is theirs.
async fn commands<'a>(scene: &'a Scene, counts: &mut Vec<Count>) -> Steps<'a> {
    let tracer = Tracer::attach(scene.site.nats.pid().unwrap()).await;
    let (orders, spent) = scene.of_commands(scene.place(COMMANDS)).await;
    let syncs = match tracer {
        Some(tracer) => Some(tracer.stop().await),
        None => None,
    };
    push(counts, "place an order", spent, COMMANDS);
    let syncs_of = |part| syncs.as_ref().map(|syncs| syncs.of(part));
    let events = "place an order: waits of the events for the disk";
    counts.push(Count::mean(events, syncs_of(EVENTS), COMMANDS));
    let all = "place an order: waits of the server for the disk";
    let of_all = syncs.as_ref().map(|syncs| syncs.all());
    counts.push(Count::mean(all, of_all, COMMANDS));

    let steps = Steps::of(scene, orders).await;
    let ((), spent) = scene.of_commands(steps.pay()).await;
    push(counts, "approve a payment", spent, COMMANDS);
    steps.all_at("delivery_started").await;
    let ((), spent) = scene.of_commands(steps.deliver()).await;
    push(counts, "complete a delivery", spent, COMMANDS);
    steps.all_at("completed").await;
    steps
}

/// A query is answered from the view: the log is not asked.
async fn query(scene: &Scene, steps: &Steps<'_>, counts: &mut Vec<Count>) {
    let before = scene.messages().await;
    steps.look_at_each().await;
    let spent = scene.messages().await.since(&before, "projections");
    push(counts, "look at an order", spent, COMMANDS);
}

/// What the log, the disk and the payment provider are asked for, until an order has ended.
async fn whole_way(scene: &Scene, how: &str, walk: impl AsyncFn(&Scene), counts: &mut Vec<Count>) {
    let tracer = Tracer::attach(scene.site.nats.pid().unwrap()).await;
    let (before, asked_before) = (scene.messages().await, scene.requests_to_the_provider());
    for _ in 0..WHOLE_WAYS {
        walk(scene).await;
    }
    let after = scene.messages().await;
    let asked = scene.requests_to_the_provider() - asked_before;
    let way = format!("an order's whole way, {how}");
    // The saga asks for work again and again while there is none, so its messages go by the time that an order takes. What it
    // does shows below: as events, timers and requests to the provider.
    for role in ["command-api", "projections"] {
        let spent = after.since(&before, role);
        push(counts, &format!("{way}: {role}"), spent, WHOLE_WAYS);
    }
    let asked_name = format!("{way}: requests to the provider");
    counts.push(Count::mean(asked_name, Some(asked), WHOLE_WAYS));
    let syncs = match tracer {
        Some(tracer) => Some(tracer.stop().await),
        None => None,
    };
    for (what, part) in [("events", EVENTS), ("timers", TIMERS)] {
        let name = format!("{way}: waits of the {what} for the disk");
        let of_part = syncs.as_ref().map(|syncs| syncs.of(part));
        counts.push(Count::mean(name, of_part, WHOLE_WAYS));
    }
}

fn push(counts: &mut Vec<Count>, what: &str, spent: Spent, times: u64) {
    let Spent { sent, received } = spent;
    let name = |rest| format!("{what}: messages {rest} the server");
    counts.push(Count::mean(name("to"), Some(sent), times));
    counts.push(Count::mean(name("from"), Some(received), times));
}
