//! What is due is wrong, or is done wrongly.

use ordertrace_domain::{
    Attempt, OrderState, PaymentCommand, ProviderRef, TimerName,
    testing::{ManualClock, fixtures::provider_ref},
};
use ordertrace_saga::{Effect, Policy, ProviderCall, SagaCommand, Wake, react};

use crate::{
    check::is_found,
    properties::{
        LEFT_ALONE, NOT_STRANDED, OVERDUE_OPEN, PROGRESS, RIGHT_END, STEP_ONCE, TIMELY_LOOK,
    },
    rules::Rules,
    setup,
};

/// Calls a payment off by our own word.
fn void(intent: ProviderRef) -> Effect {
    let provider_ref = Some(intent);
    Effect::Command(SagaCommand {
        command: PaymentCommand::VoidPayment { provider_ref }.into(),
        step: "VoidPayment",
        attempt: Attempt::FIRST,
    })
}

#[test]
fn an_order_must_not_end_before_the_provider_was_asked() {
    let react = |state: &OrderState, policy: &Policy, wake: Wake<'_>| {
        let due = react(state, policy, wake).into_iter();
        due.map(|effect| match effect {
            Effect::CallProvider(ProviderCall::Cancel(intent)) => void(intent),
            other => other,
        })
        .collect()
    };
    let rules = Rules {
        react,
        ..Rules::sound()
    };
    is_found(
        "ended without asking",
        setup::a_crash_and_a_fault(rules),
        RIGHT_END,
    );
}

#[test]
fn the_commands_of_the_saga_must_have_derived_ids() {
    let derives_ids = false;
    let rules = Rules {
        derives_ids,
        ..Rules::sound()
    };
    is_found("ids not derived", setup::a_takeover(rules), STEP_ONCE);
}

#[test]
fn work_must_not_be_acknowledged_before_it_is_done() {
    let acknowledges_last = false;
    let rules = Rules {
        acknowledges_last,
        ..Rules::sound()
    };
    is_found(
        "acknowledged first",
        setup::two_cards_and_a_crash(rules),
        NOT_STRANDED,
    );
}

#[test]
fn what_a_timer_leads_to_must_hold_for_one_version_only() {
    let expects_versions = false;
    let rules = Rules {
        expects_versions,
        ..Rules::sound()
    };
    is_found(
        "version not expected",
        setup::a_takeover(rules),
        OVERDUE_OPEN,
    );
}

/// Money and ends would come right all the same, for what is due depends on what the order has come to, not on what woke
/// the saga. What breaks is the promise that a redelivery asks the provider nothing.
#[test]
fn an_event_that_was_overtaken_must_lead_to_nothing() {
    let react = |state: &OrderState, policy: &Policy, wake: Wake<'_>| {
        let wake = match wake {
            Wake::Event {
                event, recorded_at, ..
            } => Wake::Event {
                event,
                version: state.version(),
                recorded_at,
            },
            other => other,
        };
        react(state, policy, wake)
    };
    let rules = Rules {
        react,
        ..Rules::sound()
    };
    is_found(
        "reaction to the past",
        setup::a_crash_and_a_fault(rules),
        TIMELY_LOOK,
    );
}

#[test]
fn the_saga_must_not_wait_for_ever() {
    let react = |state: &OrderState, policy: &Policy, wake: Wake<'_>| {
        let due = react(state, policy, wake).into_iter();
        due.map(|effect| match effect {
            Effect::CallProvider(ProviderCall::LookUp(_)) => Effect::Schedule {
                timer: TimerName::PaymentCheck,
                at: ManualClock::START,
            },
            other => other,
        })
        .collect()
    };
    let rules = Rules {
        react,
        ..Rules::sound()
    };
    is_found(
        "waits for ever",
        setup::a_crash_and_a_fault(rules),
        PROGRESS,
    );
}

#[test]
fn an_order_that_has_ended_must_be_left_alone() {
    let react = |state: &OrderState, policy: &Policy, wake: Wake<'_>| {
        let due = react(state, policy, wake);
        let is_resumed = matches!(wake, Wake::Resume { .. });
        let intent = provider_ref();
        match state.order() {
            Some(order) if order.phase.has_ended() && is_resumed => {
                vec![Effect::CallProvider(ProviderCall::Cancel(intent))]
            }
            _ => due,
        }
    };
    let rules = Rules {
        react,
        ..Rules::sound()
    };
    is_found(
        "not left alone",
        setup::two_cards_and_a_crash(rules),
        LEFT_ALONE,
    );
}
