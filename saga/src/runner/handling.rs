//! One piece of work: look at the order, ask `react`, have done what it says, acknowledge.

use std::time::Duration;

use ordertrace_domain::{Freshness, History, OrderId, Parked, Sequence, Version, Work, WorkItem};
use tokio::time::{sleep, timeout};

use super::{
    Saga,
    effects::{Look, run_effects},
    failure::{Failure, Finding, Lasting, chain},
    upgrade::Upgrade,
};
use crate::{Effect, Wake, react::react, stuck::stuck};

/// How long work is tried before it is left to the queue, which hands it out again within seconds. While it is in hand
/// the queue is shown so, and hands it to nobody else for two minutes; this ends well before, whatever is under way.
const HANDLE_MAX: Duration = Duration::from_secs(25);

/// The first pause between two tries; doubled each time up to [`TRY_PAUSE_MAX`].
const TRY_PAUSE: Duration = Duration::from_millis(100);

/// A server that is back is noticed within this time.
const TRY_PAUSE_MAX: Duration = Duration::from_secs(2);

/// Who parks a message, in the message's subject.
const CONSUMER: &str = "saga";

/// Handles a piece of work to the end: done and acknowledged, parked and acknowledged, or left to the queue.
pub(super) async fn handle(saga: &Saga, upgrade: &Upgrade, order: OrderId, work: Work) {
    let mut tries = 0;
    match timeout(HANDLE_MAX, until_done(saga, order, &work.item, &mut tries)).await {
        Ok(Ok(())) => acknowledge(order, work).await,
        Ok(Err(Lasting::Hopeless(finding))) => park(saga, Some(order), work, finding, tries).await,
        Ok(Err(Lasting::TooOld(finding))) => upgrade.is_due(Some(order), &finding),
        Err(_) => {
            tracing::warn!(order.id = %order, tries, "work is left to the queue, which hands it out again");
        }
    }
}

/// Handles a message of which not even the order is known.
pub(super) async fn handle_nameless(saga: &Saga, upgrade: &Upgrade, work: Work) {
    if let WorkItem::Unreadable(unreadable) = &work.item {
        match Lasting::of(unreadable) {
            Lasting::Hopeless(finding) => park(saga, None, work, finding, 1).await,
            Lasting::TooOld(finding) => upgrade.is_due(None, &finding),
        }
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
    if let Err(error) = work.receipt.acknowledge().await {
        tracing::warn!(order.id = %order, error = chain(&error), "work was done, but not acknowledged: it comes again and changes nothing");
    }
}

async fn park(saga: &Saga, order_id: Option<OrderId>, work: Work, finding: Finding, attempts: u32) {
    let Finding { sequence, reason } = finding;
    tracing::error!(order.id = ?order_id, log.sequence = %sequence, reason, "a message is parked for an operator");
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
    let wake = wake_of(item)?;
    let (history, effects) = due(saga, order, wake).await?;
    let is_waiting = |effect: &Effect| matches!(effect, Effect::Schedule { .. });
    if effects.iter().all(is_waiting)
        && let Some(reason) = stuck(&history.state(), &saga.policy)
    {
        tracing::error!(order.id = %order, ?reason, "the order is stuck: it needs an operator");
    }
    let look = Look {
        history: &history,
        is_by_timer: matches!(wake, Wake::Timer { .. }),
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
) -> Result<(History, Vec<Effect>), Failure> {
    let woken_at = match wake {
        Wake::Event { version, .. } => version,
        Wake::Timer { .. } | Wake::Resume { .. } => Version::NONE,
    };
    if matches!(wake, Wake::Event { .. }) {
        let history = saga
            .executor
            .log()
            .load(order, Freshness::MayBeStale)
            .await?;
        let effects = react(&history.state(), &saga.policy, wake);
        let is_call = |effect: &Effect| matches!(effect, Effect::CallProvider(_));
        if history.version() >= woken_at && !effects.iter().any(is_call) {
            return Ok((history, effects));
        }
    }
    let history = load_at_least(saga, order, woken_at).await?;
    let effects = react(&history.state(), &saga.policy, wake);
    Ok((history, effects))
}

/// The order as its leader has it; at least up to the event that woke the saga. A leader that was just elected may still
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
