//! One piece of work: look at the order, ask `react`, have done what it says, acknowledge.

use std::{any::Any, panic::AssertUnwindSafe, time::Duration};

use futures::FutureExt;
use ordertrace_domain::{
    Freshness, History, OrderId, Parked, Sequence, TimerName, Timestamp, Version, Work, WorkItem,
    stuck,
};
use tokio::time::{Instant, sleep, timeout};
use tracing::{Instrument as _, Span};

use super::{
    Saga,
    effects::{Look, run_effects},
    failure::{Failure, Finding, Lasting, chain},
    meter::{self, End},
    upgrade::Upgrade,
};
use crate::{Effect, Wake, react::react};

/// How long work is tried before it is left to the queue, which hands it out again within seconds. While it is in hand
/// the queue is shown so, and hands it to nobody else for two minutes; this ends well before, whatever is under way.
const HANDLE_MAX: Duration = Duration::from_secs(45);

/// The first pause between two tries; doubled each time up to [`TRY_PAUSE_MAX`].
const TRY_PAUSE: Duration = Duration::from_millis(100);

/// A server that is back is noticed within this time.
const TRY_PAUSE_MAX: Duration = Duration::from_secs(2);

/// How long work stays on the queue that only a newer process can do: longer than a rolling upgrade takes. After that it is
/// parked, so that it does not hold up its shard.
const UPGRADE_WAIT_MAX: Duration = Duration::from_mins(15);

/// Who parks a message, in the message's subject.
const CONSUMER: &str = "saga";

/// Handles a piece of work to the end: done and acknowledged, parked and acknowledged, or left to the queue.
pub(super) async fn handle(saga: &Saga, upgrade: &Upgrade, order: OrderId, work: Work) {
    let began = Instant::now();
    let span = meter::span(order, &work.item);
    let handling = to_the_end(saga, upgrade, order, work);
    handling.instrument(span).await;
    meter::took(began);
}

async fn to_the_end(saga: &Saga, upgrade: &Upgrade, order: OrderId, work: Work) {
    let mut tries = 0;
    let handling = timeout(HANDLE_MAX, until_done(saga, order, &work.item, &mut tries));
    match AssertUnwindSafe(handling).catch_unwind().await {
        Ok(Ok(Ok(()))) => acknowledge(order, work).await,
        Ok(Ok(Err(lasting))) => settle(saga, upgrade, Some(order), work, lasting, tries).await,
        Err(panic) => {
            let reason = bug(panic.as_ref());
            if let Some(sequence) = place(saga, order, &work.item).await {
                park(saga, Some(order), work, Finding { sequence, reason }, tries).await;
            }
        }
        Ok(Err(_)) => {
            meter::ended(End::Left);
            tracing::warn!(order.id = %order, tries, "work is left to the queue, which hands it out again");
        }
    }
}

/// Handles a message of which not even the order is known.
pub(super) async fn handle_nameless(saga: &Saga, upgrade: &Upgrade, work: Work) {
    if let WorkItem::Unreadable(unreadable) = &work.item {
        let lasting = Lasting::of(unreadable);
        settle(saga, upgrade, None, work, lasting, 1).await;
    }
}

/// What will not be done by this process is parked, or left for a newer one as long as one may still come.
async fn settle(
    saga: &Saga,
    upgrade: &Upgrade,
    order: Option<OrderId>,
    work: Work,
    lasting: Lasting,
    tries: u32,
) {
    match lasting {
        Lasting::Hopeless(finding) => park(saga, order, work, finding, tries).await,
        Lasting::TooOld(finding) => {
            let waited = saga.clock.now().since(recorded_at(&work.item));
            if waited > UPGRADE_WAIT_MAX {
                park(saga, order, work, finding, tries).await;
            } else {
                meter::ended(End::Left);
                upgrade.is_due(order, &finding);
            }
        }
    }
}

/// A mistake in this program: the message would lead to it every time.
fn bug(panic: &(dyn Any + Send)) -> String {
    let words = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no message");
    format!("the saga has a bug: it panicked with {words:?}")
}

/// The message in the log that a pointer to this work can name: for a timer, the order's last. `None` if the log is out of
/// reach; then the work comes again.
async fn place(saga: &Saga, order: OrderId, item: &WorkItem) -> Option<Sequence> {
    match item {
        WorkItem::Event(recorded) => Some(recorded.event.sequence),
        WorkItem::Unreadable(unreadable) => Some(unreadable.sequence),
        WorkItem::Timer(_) => {
            let log = saga.executor.log();
            let history = log.load(order, Freshness::Current).await.ok()?;
            Some(history.last_sequence())
        }
    }
}

fn recorded_at(item: &WorkItem) -> Timestamp {
    match item {
        WorkItem::Event(recorded) => recorded.recorded_at,
        WorkItem::Timer(fired) => fired.recorded_at,
        WorkItem::Unreadable(unreadable) => unreadable.recorded_at,
    }
}

async fn until_done(
    saga: &Saga,
    order: OrderId,
    item: &WorkItem,
    tries: &mut u32,
) -> Result<(), Lasting> {
    let mut pause = TRY_PAUSE;
    let mut refused_at: Option<Sequence> = None;
    loop {
        *tries += 1;
        match try_once(saga, order, item).await {
            Ok(()) => return Ok(()),
            Err(Failure::Hopeless(finding)) => return Err(Lasting::Hopeless(finding)),
            Err(Failure::TooOld(finding)) => return Err(Lasting::TooOld(finding)),
            // Nothing has happened to the order since the last refusal, so the same step will be refused for ever.
            Err(Failure::Refused(finding)) if refused_at == Some(finding.sequence) => {
                return Err(Lasting::Hopeless(finding));
            }
            Err(Failure::Refused(finding)) => refused_at = Some(finding.sequence),
            Err(Failure::MovedOn(refusal)) => {
                tracing::debug!(order.id = %order, %refusal, "the saga looks again");
            }
            Err(error @ Failure::Unavailable(_)) => {
                if *tries == 1 {
                    tracing::debug!(order.id = %order, error = chain(&error), "the saga tries again");
                }
            }
        }
        sleep(pause).await;
        pause = (pause * 2).min(TRY_PAUSE_MAX);
    }
}

async fn acknowledge(order: OrderId, work: Work) {
    meter::ended(End::Done);
    if let Err(error) = work.receipt.acknowledge().await {
        tracing::warn!(order.id = %order, error = chain(&error), "work was done, but not acknowledged: it comes again and changes nothing");
    }
}

async fn park(saga: &Saga, order_id: Option<OrderId>, work: Work, finding: Finding, attempts: u32) {
    let Finding { sequence, reason } = finding;
    meter::ended(End::Parked);
    tracing::error!(order.id = order_id.map(display), log.sequence = %sequence, reason, "a message is parked for an operator");
    let parked = Parked {
        sequence,
        order_id,
        consumer: CONSUMER.to_owned(),
        reason,
        attempts,
    };
    let settled = match saga.parking.park(parked).await {
        Ok(()) => work.receipt.acknowledge().await,
        Err(error) => Err(error),
    };
    if let Err(error) = settled {
        tracing::warn!(log.sequence = %sequence, error = chain(&error), "a message could not be parked yet: it comes again");
    }
}

async fn try_once(saga: &Saga, order: OrderId, item: &WorkItem) -> Result<(), Failure> {
    let began = Instant::now();
    let wake = wake_of(item)?;
    let (history, effects) = due(saga, order, wake, version_of(item)).await?;
    if matches!(item, WorkItem::Timer(_)) {
        let last = history.events().last();
        let trace = last.and_then(|last| last.envelope.traceparent.as_ref());
        meter::joins(&Span::current(), trace);
    }
    let is_waiting = |effect: &Effect| matches!(effect, Effect::Schedule { .. });
    if effects.iter().all(is_waiting)
        && let Some(order) = history.state().order()
        && let Some(reason) = stuck(order, Duration::ZERO, &saga.policy.patience())
    {
        tracing::error!(order.id = %history.order_id(), reason = reason.name(), "the order is stuck: it needs an operator");
    }
    let look = Look {
        history: &history,
        is_by_timer: matches!(wake, Wake::Timer { .. } | Wake::Resume { .. }),
        woken_at: recorded_at(item),
        began,
    };
    run_effects(saga, look, effects).await
}

fn wake_of(item: &WorkItem) -> Result<Wake<'_>, Lasting> {
    match item {
        WorkItem::Event(recorded) => Ok(Wake::Event {
            event: &recorded.event.envelope.event,
            version: recorded.event.envelope.version,
            recorded_at: recorded.recorded_at,
        }),
        WorkItem::Timer(fired) if fired.timer == TimerName::Resume => Ok(Wake::Resume {
            recorded_at: fired.recorded_at,
        }),
        WorkItem::Timer(fired) => Ok(Wake::Timer {
            timer: fired.timer,
            recorded_at: fired.recorded_at,
        }),
        WorkItem::Unreadable(unreadable) => Err(Lasting::of(unreadable)),
    }
}

/// What is due for the order, and the history it is due on.
///
/// A command on a stale history is harmless: its append fails, or its id is known. A call to the payment provider is
/// not: a payment that was declined could be charged after all. So it is made on what the leader says, or not at all.
async fn due(
    saga: &Saga,
    order: OrderId,
    wake: Wake<'_>,
    at_least: Version,
) -> Result<(History, Vec<Effect>), Failure> {
    if matches!(wake, Wake::Event { .. }) {
        let history = saga
            .executor
            .log()
            .load(order, Freshness::MayBeStale)
            .await?;
        let effects = react(&history.state(), &saga.policy, wake);
        let is_call = |effect: &Effect| matches!(effect, Effect::CallProvider(_));
        if history.version() >= at_least && !effects.iter().any(is_call) {
            return Ok((history, effects));
        }
    }
    let history = load_at_least(saga, order, at_least).await?;
    let wake = match (wake, history.events().last()) {
        (Wake::Resume { .. }, Some(last)) => Wake::Resume {
            recorded_at: last.envelope.occurred_at,
        },
        (Wake::Event { .. } | Wake::Timer { .. } | Wake::Resume { .. }, _) => wake,
    };
    let effects = react(&history.state(), &saga.policy, wake);
    Ok((history, effects))
}

/// How far the order has come at least. A timer goes off once: on an older state it would be used up for nothing.
fn version_of(item: &WorkItem) -> Version {
    match item {
        WorkItem::Event(recorded) => recorded.event.envelope.version,
        WorkItem::Timer(fired) => fired.version,
        WorkItem::Unreadable(_) => Version::NONE,
    }
}

/// The order as its leader has it; at least up to what woke the saga. A leader that was just elected may still
/// lag behind, and what is due on an older state may be wrong, or nothing at all.
async fn load_at_least(saga: &Saga, order: OrderId, version: Version) -> Result<History, Failure> {
    let history = saga.executor.log().load(order, Freshness::Current).await?;
    if history.version() < version {
        let found = history.version();
        let cause = format!("the log shows version {found} of an order that is at {version}");
        return Err(Failure::Unavailable(cause.into()));
    }
    Ok(history)
}
