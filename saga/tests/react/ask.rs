//! Asks `react` about an order that has come this far, and spells the effects it answers with.

use std::time::Duration;

use ordertrace_domain::{
    Attempt, Command, Event, PaymentMethod, TimerName, Timestamp, Version, fold,
    testing::{
        ManualClock,
        fixtures::{amount, card, euro, provider_ref},
    },
};
use ordertrace_saga::{
    Effect, Policy, ProviderCall, SagaCommand, Wake,
    provider::{Charge, RefundOrder},
    react,
};

/// When the log recorded whatever wakes the saga.
pub(crate) const NOW: Timestamp = ManualClock::START;

/// A history and what happened after it.
pub(crate) fn with(mut history: Vec<Event>, more: impl IntoIterator<Item = Event>) -> Vec<Event> {
    history.extend(more);
    history
}

/// Woken by the order's last event.
pub(crate) fn on_last(history: &[Event]) -> Vec<Effect> {
    on_event(history, history.len())
}

/// Woken by the event of this version.
pub(crate) fn on_event(history: &[Event], version: usize) -> Vec<Effect> {
    let wake = Wake::Event {
        event: &history[version - 1],
        version: Version::new(version as u64),
        recorded_at: NOW,
    };
    react(&fold(history), &Policy::default(), wake)
}

/// Woken by a timer.
pub(crate) fn on_timer(history: &[Event], timer: TimerName) -> Vec<Effect> {
    let recorded_at = NOW;
    let wake = Wake::Timer { timer, recorded_at };
    react(&fold(history), &Policy::default(), wake)
}

/// Woken by an operator.
pub(crate) fn on_resume(history: &[Event]) -> Vec<Effect> {
    let wake = Wake::Resume { recorded_at: NOW };
    react(&fold(history), &Policy::default(), wake)
}

/// A command that is given once in the life of an order.
pub(crate) fn gives(step: &'static str, command: impl Into<Command>) -> Effect {
    gives_again(step, 1, command)
}

/// The same step, for the `attempt`th time.
pub(crate) fn gives_again(step: &'static str, attempt: u16, command: impl Into<Command>) -> Effect {
    Effect::Command(SagaCommand {
        command: command.into(),
        step,
        attempt: Attempt::new(attempt),
    })
}

/// A timer that is set.
pub(crate) fn sets(timer: TimerName, wait: Duration) -> Effect {
    let at = NOW.after(wait);
    Effect::Schedule { timer, at }
}

/// A timer that is taken back.
pub(crate) fn cancels(timer: TimerName) -> Effect {
    Effect::CancelTimer(timer)
}

/// The wish for an intent over two coffees.
pub(crate) fn asks_to_create() -> Effect {
    Effect::CallProvider(ProviderCall::Create(charge()))
}

pub(crate) fn asks_to_confirm() -> Effect {
    Effect::CallProvider(ProviderCall::Confirm(provider_ref()))
}

pub(crate) fn asks_to_look_up() -> Effect {
    Effect::CallProvider(ProviderCall::LookUp(provider_ref()))
}

pub(crate) fn asks_to_cancel() -> Effect {
    Effect::CallProvider(ProviderCall::Cancel(provider_ref()))
}

/// The wish to give the price of two coffees back, for the `attempt`th time.
pub(crate) fn asks_to_refund(attempt: u16) -> Effect {
    Effect::CallProvider(ProviderCall::Refund(RefundOrder {
        intent: provider_ref(),
        attempt: Attempt::new(attempt),
        amount: amount(1_000),
        currency: euro(),
    }))
}

fn charge() -> Charge {
    let PaymentMethod::Card { token } = card() else {
        unreachable!("the fixture's card is a card")
    };
    Charge {
        attempt: Attempt::FIRST,
        amount: amount(1_000),
        currency: euro(),
        token,
    }
}
