//! One piece of work: look at the order, ask `react`, do what it says, acknowledge.

use std::time::Duration;

use ordertrace_domain::{
    Actor, Cause, CommandRequest, ExecuteError, Freshness, History, LogError, OrderId, Parked,
    Sequence, Version, Work, WorkItem, saga_command_id,
};
use tokio::time::{sleep, timeout};

use super::Saga;
use crate::{
    Effect, SagaCommand, Wake,
    answer::{ProviderAnswer, answered},
    react::{ProviderCall, react, stuck},
};

/// How long work is tried: below the queue's time for an acknowledgement (30 s), so that it is not handed out a second
/// time while it is still in hand. Then it is left to the queue, which does hand it out again.
const HANDLE_MAX: Duration = Duration::from_secs(25);

/// The first pause between two tries; doubled each time up to [`TRY_PAUSE_MAX`].
const TRY_PAUSE: Duration = Duration::from_millis(100);

/// A server that is back is noticed within this time.
const TRY_PAUSE_MAX: Duration = Duration::from_secs(2);

/// Who parks a message, in the message's subject.
const CONSUMER: &str = "saga";

/// How many answers of the provider may follow from one another: a look, the confirmation it calls for, and their
/// commands.
const CALLS_MAX: u32 = 3;

/// Why a try did not come to an end.
#[derive(Debug, thiserror::Error)]
enum Failure {
    /// The log or the queue was out of reach: try again.
    #[error("the saga could not do what is due")]
    Unavailable(#[source] Cause),
    /// Only an operator can help: the message is parked.
    #[error("an operator has to look at {0:?}")]
    Hopeless(Hopeless),
}

#[derive(Debug)]
struct Hopeless {
    sequence: Sequence,
    reason: String,
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
    let (history, wake) = match item {
        WorkItem::Unreadable(unreadable) => {
            return Err(Failure::Hopeless(Hopeless {
                sequence: unreadable.sequence,
                reason: unreadable.error.to_string(),
            }));
        }
        WorkItem::Event(recorded) => {
            let envelope = &recorded.event.envelope;
            let wake = Wake::Event {
                event: &envelope.event,
                version: envelope.version,
                recorded_at: recorded.recorded_at,
            };
            (load_at_least(saga, order, envelope.version).await?, wake)
        }
        WorkItem::Timer(fired) => {
            let wake = Wake::Timer {
                timer: fired.timer,
                recorded_at: fired.recorded_at,
            };
            let log = saga.executor.log();
            (log.load(order, Freshness::Current).await?, wake)
        }
    };
    let effects = react(&history.state(), &saga.policy, wake);
    if effects.is_empty()
        && let Some(reason) = stuck(&history.state(), &saga.policy)
    {
        tracing::error!(order.id = %order, ?reason, "the order is stuck: it needs an operator");
    }
    run_effects(saga, &history, effects).await
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

async fn run_effects(saga: &Saga, history: &History, effects: Vec<Effect>) -> Result<(), Failure> {
    let order = history.order_id();
    let mut due = effects;
    for _ in 0..=CALLS_MAX {
        let mut following = Vec::new();
        for effect in due {
            match effect {
                Effect::Command(command) => run_command(saga, history, command).await?,
                Effect::Schedule { timer, at } => saga.timers.schedule(order, timer, at).await?,
                Effect::CancelTimer(timer) => saga.timers.cancel(order, timer).await?,
                Effect::CallProvider(call) => following.extend(ask(saga, history, &call).await),
            }
        }
        if following.is_empty() {
            return Ok(());
        }
        due = following;
    }
    Err(Failure::Unavailable(
        "the payment provider's answers follow from one another without an end".into(),
    ))
}

async fn ask(saga: &Saga, history: &History, call: &ProviderCall) -> Vec<Effect> {
    let order_id = history.order_id();
    let provider = &saga.provider;
    let answer = match call {
        ProviderCall::Create(charge) => {
            ProviderAnswer::Created(provider.create(order_id, charge).await)
        }
        ProviderCall::Confirm(intent) => ProviderAnswer::Intent(provider.confirm(intent).await),
        ProviderCall::LookUp(intent) => ProviderAnswer::Intent(provider.look_up(intent).await),
        ProviderCall::Cancel(intent) => ProviderAnswer::Intent(provider.cancel(intent).await),
        ProviderCall::Refund(refund) => {
            ProviderAnswer::Refunded(provider.refund(order_id, refund).await)
        }
    };
    match history.state().order() {
        Some(order) => answered(order, &saga.policy, call, answer, saga.clock.now()),
        None => vec![],
    }
}

/// Gives a command. A refusal means that the order has moved on since `react` looked: a later event is on the queue.
async fn run_command(saga: &Saga, history: &History, command: SagaCommand) -> Result<(), Failure> {
    let order = history.order_id();
    let Some(cause) = history.events().last().map(|last| &last.envelope) else {
        return Ok(());
    };
    let request = CommandRequest {
        order_id: order,
        command: command.command,
        command_id: saga_command_id(order, command.step, command.attempt.get()),
        actor: Actor::saga(),
        causation_id: Some(cause.event_id),
        correlation_id: cause.correlation_id,
        traceparent: cause.traceparent.clone(),
        expected_version: None,
    };
    match saga.executor.execute(&request).await {
        Ok(Ok(outcome)) => {
            tracing::debug!(order.id = %order, step = command.step, version = %outcome.version(), "the saga went on");
            Ok(())
        }
        Ok(Err(refusal)) => {
            tracing::debug!(order.id = %order, step = command.step, %refusal, "a step of the saga was overtaken");
            Ok(())
        }
        Err(ExecuteError::Log(error)) => Err(error.into()),
        Err(error @ ExecuteError::OrderFull) => Err(Failure::Hopeless(Hopeless {
            sequence: history.last_sequence(),
            reason: error.to_string(),
        })),
        Err(
            error @ (ExecuteError::NotStored(_)
            | ExecuteError::OutcomeUnknown(_)
            | ExecuteError::Contended),
        ) => Err(Failure::Unavailable(error.into())),
    }
}

/// An error with all its causes, for the log.
fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
