//! Carries out what `react` says: commands, timers, and questions to the payment provider with what follows from them.

use std::time::Duration;

use ordertrace_domain::{
    Actor, Command, CommandRequest, ExecuteError, History, PaymentCommand, Reason, Refusal,
    Rejection, saga_command_id,
};
use tokio::time::timeout;

use super::{
    Saga,
    handling::{Failure, Hopeless},
};
use crate::{
    Effect, ProviderCall, SagaCommand,
    answer::{ProviderAnswer, answered},
    provider::OutcomeUnknown,
};

/// How many answers of the provider may follow from one another: a look, the confirmation it calls for, and their
/// commands.
const CALLS_MAX: u32 = 3;

/// How long the provider may take over one call: two calls in a row end well before the work is left to the queue.
const CALL_MAX: Duration = Duration::from_secs(10);

pub(super) async fn run_effects(
    saga: &Saga,
    history: &History,
    effects: Vec<Effect>,
) -> Result<(), Failure> {
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

/// Asks the provider, and says what follows from its answer.
async fn ask(saga: &Saga, history: &History, call: &ProviderCall) -> Vec<Effect> {
    let order_id = history.order_id();
    let provider = &saga.provider;
    let answer = match call {
        ProviderCall::Create(charge) => {
            ProviderAnswer::Created(in_time(provider.create(order_id, charge)).await)
        }
        ProviderCall::Confirm(intent) => {
            ProviderAnswer::Intent(in_time(provider.confirm(intent)).await)
        }
        ProviderCall::LookUp(intent) => {
            ProviderAnswer::Intent(in_time(provider.look_up(intent)).await)
        }
        ProviderCall::Cancel(intent) => {
            ProviderAnswer::Intent(in_time(provider.cancel(intent)).await)
        }
        ProviderCall::Refund(refund) => {
            ProviderAnswer::Refunded(in_time(provider.refund(order_id, refund)).await)
        }
    };
    match history.state().order() {
        Some(order) => answered(order, &saga.policy, call, answer, saga.clock.now()),
        None => vec![],
    }
}

/// A provider that does not answer has given no clear answer: the order waits by a timer, not in memory.
async fn in_time<T>(
    call: impl Future<Output = Result<T, OutcomeUnknown>>,
) -> Result<T, OutcomeUnknown> {
    let no_answer = || OutcomeUnknown(Reason::lossy("no answer in time"));
    timeout(CALL_MAX, call)
        .await
        .unwrap_or_else(|_| Err(no_answer()))
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
        Ok(Err(refusal)) if is_stray_money(&request.command, refusal) => {
            Err(Failure::Hopeless(Hopeless {
                sequence: history.last_sequence(),
                reason: format!("the payment provider took the money, but {refusal}"),
            }))
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

/// Whether the provider charged a payment that the order no longer wants. It promises never to do so; should it break
/// its word, somebody has to give the money back.
fn is_stray_money(command: &Command, refusal: Refusal) -> bool {
    let is_charge = matches!(
        command,
        Command::Payment(PaymentCommand::ApprovePayment { .. })
    );
    let is_unwanted = matches!(
        refusal,
        Refusal::Rejected(Rejection::PaymentClosed | Rejection::ProviderReferenceMismatch)
    );
    is_charge && is_unwanted
}
