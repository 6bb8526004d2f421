//! The page's words for states, wakes, effects and answers.

use ordertrace_domain::{Delivery, OrderState, Payment, Phase, TimerName};
use ordertrace_http::{delivery_state, payment_state, trace_state};
use ordertrace_saga::{
    Effect, ProviderAnswer, ProviderCall, Wake,
    provider::{Created, IntentStatus, MagicAmount, NoAnswer, Refunded},
};

/// A state, as the API names it; an order that is being undone, by what is still to be undone.
pub(crate) fn state(state: &OrderState) -> String {
    let Some(order) = state.order() else {
        return "[*]".to_owned();
    };
    if !matches!(order.phase, Phase::Cancelling(_)) {
        return trace_state(order).to_owned();
    }
    let left = match (&order.payment, &order.delivery) {
        (Payment::Approved { .. }, Delivery::NotPrepared) => payment_state(&order.payment),
        (Payment::Approved { .. }, delivery) => delivery_state(delivery),
        (payment, _) => payment_state(payment),
    };
    format!("undoing_{left}")
}

pub(crate) fn wake(wake: &Wake<'_>) -> String {
    match wake {
        Wake::Event { .. } => "its event".to_owned(),
        Wake::Timer { timer, .. } => format!("`{}`", timer.name()),
        Wake::Resume { .. } => "an operator".to_owned(),
    }
}

pub(crate) fn effect(effect: &Effect) -> String {
    let timer = |timer: &TimerName| format!("`{}`", timer.name());
    match effect {
        Effect::Command(command) => command.step.to_owned(),
        Effect::Schedule { timer: name, .. } => format!("set {}", timer(name)),
        Effect::CancelTimer(name) => format!("take back {}", timer(name)),
        Effect::CallProvider(name) => format!("provider: *{}*", call(name)),
    }
}

pub(crate) const fn call(call: &ProviderCall) -> &'static str {
    match call {
        ProviderCall::Create(_) => "create",
        ProviderCall::Confirm(_) => "confirm",
        ProviderCall::LookUp(_) => "look up",
        ProviderCall::Cancel(_) => "cancel",
        ProviderCall::Refund(_) => "refund",
    }
}

pub(crate) const fn answer(answer: &ProviderAnswer) -> &'static str {
    match answer {
        ProviderAnswer::Created(Ok(Created::Intent(_))) => "an intent",
        ProviderAnswer::Created(Ok(Created::Refused(_)))
        | ProviderAnswer::Refunded(Ok(Refunded::Refused(_))) => "refused",
        ProviderAnswer::Intent(Ok(status)) => intent(status),
        ProviderAnswer::Refunded(Ok(Refunded::Done(_))) => "done",
        ProviderAnswer::Refunded(Ok(Refunded::Pending(_))) => "pending",
        ProviderAnswer::Created(Err(none))
        | ProviderAnswer::Intent(Err(none))
        | ProviderAnswer::Refunded(Err(none)) => match none {
            NoAnswer::NotAsked { .. } => "not asked",
            NoAnswer::Unknown(_) | NoAnswer::Unclear(_) => "no clear answer",
        },
    }
}

const fn intent(status: &IntentStatus) -> &'static str {
    match status {
        IntentStatus::Unconfirmed => "unconfirmed",
        IntentStatus::Succeeded => "succeeded",
        IntentStatus::Declined(_) => "declined",
        IntentStatus::Cancelled => "canceled",
        IntentStatus::Pending(_) => "pending",
    }
}

pub(crate) const fn magic(amount: MagicAmount) -> &'static str {
    match amount {
        MagicAmount::Declined => "The card is declined.",
        MagicAmount::UnknownMethod => "There is no such payment method: no intent is made.",
        MagicAmount::Slow => {
            "The first confirmation is carried out, and answered after 12 s, when nobody waits for it any more."
        }
        MagicAmount::RateLimited => {
            "The first request for the intent, its confirmation and its refund are each put off: 429 with `Retry-After`."
        }
        MagicAmount::Error => {
            "The first request for the intent fails (500); the first confirmation and the first refund are carried out, but answered by a 500."
        }
        MagicAmount::LostRequest => {
            "The first request for the intent, its confirmation and its refund each get lost, and do nothing."
        }
        MagicAmount::LostAnswer => {
            "The first confirmation and the first refund are carried out, but their answers get lost."
        }
    }
}
