//! Carries out what `react` says: commands, timers, and questions to the payment provider with what follows from them.

use std::time::Duration;

use ordertrace_domain::{
    Actor, Command, CommandRequest, ExecuteError, History, PaymentCommand, Reason, Refusal,
    Rejection, Timestamp, Version, saga_command_id,
};
use ordertrace_http::trace;
use tokio::time::{Instant, timeout};

use super::{
    Saga,
    failure::{Failure, Finding},
    meter,
};
use crate::{
    Effect, ProviderCall, SagaCommand,
    answer::{Moment, ProviderAnswer, answered},
    provider::NoAnswer,
};

/// How many answers of the provider may follow from one another: a look, the confirmation it calls for, and their
/// commands.
const CALLS_MAX: u32 = 3;

/// How long the provider may take over one call: two calls in a row end well before the work is left to the queue.
const CALL_MAX: Duration = Duration::from_secs(18);

/// What the saga saw when it decided what to do.
#[derive(Clone, Copy)]
pub(super) struct Look<'a> {
    /// The order at that time.
    pub(super) history: &'a History,
    /// Whether a timer or an operator made it look. A timer goes off once: if its step is overtaken, no later wake makes up for it.
    pub(super) is_by_timer: bool,
    /// When the log recorded what woke the saga.
    pub(super) woken_at: Timestamp,
    /// When it began to look.
    pub(super) began: Instant,
}

impl Look<'_> {
    /// The log's own time, as well as it is known here: this machine's clock may be off, and a timer that was set by it
    /// would fire at once, over and over, or much too late.
    fn now(&self) -> Timestamp {
        self.woken_at.after(self.began.elapsed())
    }
}

/// Does what is due.
///
/// What a timer leads to holds for the version it was decided on, and for no other. What the provider said is a fact, and
/// holds for whatever version the order is at by then.
pub(super) async fn run_effects(
    saga: &Saga,
    look: Look<'_>,
    effects: Vec<Effect>,
) -> Result<(), Failure> {
    let history = look.history;
    let order = history.order_id();
    let mut expected = look.is_by_timer.then(|| history.version());
    let mut due = effects;
    for _ in 0..=CALLS_MAX {
        let mut following = Vec::new();
        for effect in due {
            match effect {
                Effect::Command(command) => run_command(saga, look, command, expected).await?,
                Effect::Schedule { timer, at } => {
                    let version = history.version();
                    saga.timers.schedule(order, timer, at, version).await?;
                }
                Effect::CancelTimer(timer) => saga.timers.cancel(order, timer).await?,
                Effect::CallProvider(call) => following.extend(ask(saga, look, &call).await),
            }
        }
        if following.is_empty() {
            return Ok(());
        }
        due = following;
        expected = None;
    }
    Err(Failure::Unavailable(
        "the payment provider's answers follow from one another without an end".into(),
    ))
}

/// Asks the provider, and says what follows from its answer.
async fn ask(saga: &Saga, look: Look<'_>, call: &ProviderCall) -> Vec<Effect> {
    let history = look.history;
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
    let now = look.now();
    let last = history.events().last();
    let moment = Moment {
        now,
        since: last.map_or(now, |last| last.envelope.occurred_at),
    };
    match history.state().order() {
        Some(order) => answered(order, &saga.policy, call, answer, moment),
        None => vec![],
    }
}

/// A provider that does not answer has given no clear answer: the order waits by a timer, not in memory.
async fn in_time<T>(call: impl Future<Output = Result<T, NoAnswer>>) -> Result<T, NoAnswer> {
    let no_answer = || NoAnswer::Unknown(Reason::lossy("no answer in time"));
    timeout(CALL_MAX, call)
        .await
        .unwrap_or_else(|_| Err(no_answer()))
}

/// Gives a command.
async fn run_command(
    saga: &Saga,
    look: Look<'_>,
    command: SagaCommand,
    expected_version: Option<Version>,
) -> Result<(), Failure> {
    let history = look.history;
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
        traceparent: trace::current().or_else(|| cause.traceparent.clone()),
        expected_version,
        within: None,
    };
    let result = saga.executor.execute(&request).await;
    meter::commanded(&request.command, &result);
    match result {
        Ok(Ok(outcome)) => {
            tracing::debug!(order.id = %order, step = command.step, version = %outcome.version(), "the saga went on");
            Ok(())
        }
        Ok(Err(refusal)) => refused(look, &request.command, command.step, refusal),
        Err(ExecuteError::Log(error)) => Err(error.into()),
        Err(error @ ExecuteError::OrderFull) => Err(Failure::Hopeless(Finding {
            sequence: history.last_sequence(),
            reason: match moved_money(&request.command) {
                Some(moved) => format!("the payment provider {moved}, but {error}"),
                None => error.to_string(),
            },
        })),
        Err(
            error @ (ExecuteError::NotStored(_)
            | ExecuteError::OutcomeUnknown(_)
            | ExecuteError::Contended),
        ) => Err(Failure::Unavailable(error.into())),
    }
}

/// What the provider has done with the money, where the command says so: it must not be forgotten.
const fn moved_money(command: &Command) -> Option<&'static str> {
    match command {
        Command::Payment(PaymentCommand::ApprovePayment {
            provider_ref: Some(_),
        }) => Some("took the money"),
        Command::Payment(PaymentCommand::ConfirmRefund {
            refund_ref: Some(_),
        }) => Some("gave the money back"),
        Command::Payment(_) | Command::Order(_) | Command::Delivery(_) => None,
    }
}

/// A refusal means that the order has moved on since the saga looked. After an event that is all right: a later one is on
/// the queue. After a timer the saga has to look again.
fn refused(
    look: Look<'_>,
    command: &Command,
    step: &'static str,
    refusal: Refusal,
) -> Result<(), Failure> {
    let finding = |reason| Finding {
        sequence: look.history.last_sequence(),
        reason,
    };
    if is_stray_money(command, refusal) {
        let reason = format!("the payment provider took the money, but {refusal}");
        return Err(Failure::Hopeless(finding(reason)));
    }
    if !look.is_by_timer {
        tracing::debug!(order.id = %look.history.order_id(), step, %refusal, "a step of the saga was overtaken");
        return Ok(());
    }
    Err(match refusal {
        Refusal::VersionMismatch { .. } => Failure::MovedOn(refusal),
        Refusal::Rejected(_) | Refusal::CommandReused => {
            Failure::Refused(finding(format!("{step} is refused: {refusal}")))
        }
    })
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
