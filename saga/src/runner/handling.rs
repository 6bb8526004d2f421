//! One piece of work: look at the order, ask `react`, have done what it says, acknowledge.

use std::time::Duration;

use ordertrace_domain::{
    Cause, Freshness, History, LogError, OrderId, Parked, Sequence, Version, Work, WorkItem,
};
use tokio::time::{sleep, timeout};

use super::{Saga, effects::run_effects};
use crate::{Effect, Wake, react::react, stuck::stuck};

/// How long work is tried: below the queue's time for an acknowledgement (30 s), so that it is not handed out a second
/// time while it is still in hand. Then it is left to the queue, which does hand it out again.
const HANDLE_MAX: Duration = Duration::from_secs(25);

/// The first pause between two tries; doubled each time up to [`TRY_PAUSE_MAX`].
const TRY_PAUSE: Duration = Duration::from_millis(100);

/// A server that is back is noticed within this time.
const TRY_PAUSE_MAX: Duration = Duration::from_secs(2);

/// Who parks a message, in the message's subject.
const CONSUMER: &str = "saga";

/// Why a try did not come to an end.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// The log or the queue was out of reach: try again.
    #[error("the saga could not do what is due")]
    Unavailable(#[source] Cause),
    /// Only an operator can help: the message is parked.
    #[error("an operator has to look at {0:?}")]
    Hopeless(Hopeless),
}

/// What no further try will mend.
#[derive(Debug)]
pub(super) struct Hopeless {
    /// The message that can't be handled.
    pub(super) sequence: Sequence,
    /// Why.
    pub(super) reason: String,
}

impl From<Hopeless> for Failure {
    fn from(hopeless: Hopeless) -> Self {
        Self::Hopeless(hopeless)
    }
}

impl From<LogError> for Failure {
    fn from(error: LogError) -> Self {
        match error {
            LogError::Broken(broken) => Self::Hopeless(Hopeless {
                sequence: broken.sequence(),
                reason: broken.to_string(),
            }),
            LogError::Unavailable(_) | LogError::Recreated => Self::Unavailable(error.into()),
        }
    }
}

/// Handles a piece of work to the end: done and acknowledged, parked and acknowledged, or left to the queue.
pub(super) async fn handle(saga: &Saga, order: OrderId, work: Work) {
    let mut tries = 0;
    match timeout(HANDLE_MAX, until_done(saga, order, &work.item, &mut tries)).await {
        Ok(Ok(())) => acknowledge(order, work).await,
        Ok(Err(hopeless)) => park(saga, Some(order), work, hopeless, tries).await,
        Err(_) => {
            tracing::warn!(order.id = %order, tries, "work is left to the queue, which hands it out again");
        }
    }
}

async fn until_done(
    saga: &Saga,
    order: OrderId,
    item: &WorkItem,
    tries: &mut u32,
) -> Result<(), Hopeless> {
    let mut pause = TRY_PAUSE;
    loop {
        *tries += 1;
        match try_once(saga, order, item).await {
            Ok(()) => return Ok(()),
            Err(Failure::Hopeless(hopeless)) => return Err(hopeless),
            Err(error @ Failure::Unavailable(_)) => {
                if *tries == 1 {
                    tracing::warn!(order.id = %order, error = chain(&error), "the saga tries again");
                }
            }
        }
        sleep(pause).await;
        pause = (pause * 2).min(TRY_PAUSE_MAX);
    }
}

/// Parks a message of which not even the order is known.
pub(super) async fn park_nameless(saga: &Saga, work: Work) {
    if let WorkItem::Unreadable(unreadable) = &work.item {
        let hopeless = Hopeless {
            sequence: unreadable.sequence,
            reason: unreadable.error.to_string(),
        };
        park(saga, None, work, hopeless, 1).await;
    }
}

async fn acknowledge(order: OrderId, work: Work) {
    if let Err(error) = work.receipt.acknowledge().await {
        tracing::warn!(order.id = %order, error = chain(&error), "work was done, but not acknowledged: it comes again and changes nothing");
    }
}

async fn park(
    saga: &Saga,
    order_id: Option<OrderId>,
    work: Work,
    hopeless: Hopeless,
    attempts: u32,
) {
    let Hopeless { sequence, reason } = hopeless;
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
    if effects.is_empty()
        && let Some(reason) = stuck(&history.state(), &saga.policy)
    {
        tracing::error!(order.id = %order, ?reason, "the order is stuck: it needs an operator");
    }
    run_effects(saga, &history, effects).await
}

fn wake_of(item: &WorkItem) -> Result<Wake<'_>, Hopeless> {
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
        WorkItem::Unreadable(unreadable) => Err(Hopeless {
            sequence: unreadable.sequence,
            reason: unreadable.error.to_string(),
        }),
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
) -> Result<(History, Vec<Effect>), LogError> {
    if let Wake::Event { version, .. } = wake {
        let history = load_at_least(saga, order, version).await?;
        let effects = react(&history.state(), &saga.policy, wake);
        let is_call = |effect: &Effect| matches!(effect, Effect::CallProvider(_));
        if !effects.iter().any(is_call) {
            return Ok((history, effects));
        }
    }
    let history = saga.executor.log().load(order, Freshness::Current).await?;
    let effects = react(&history.state(), &saga.policy, wake);
    Ok((history, effects))
}

/// The order as it stands; at least up to the event that woke the saga, which a replica or a cache may not have yet.
async fn load_at_least(saga: &Saga, order: OrderId, version: Version) -> Result<History, LogError> {
    let log = saga.executor.log();
    let history = log.load(order, Freshness::MayBeStale).await?;
    if history.version() >= version {
        return Ok(history);
    }
    log.load(order, Freshness::Current).await
}

/// An error with all its causes, for the log.
fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
