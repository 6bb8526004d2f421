//! What follows from each answer of the payment provider, call by call.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::time::Duration;

use ordertrace_domain::{
    Attempt, CancellationCause, Command, Event, Order, PaymentCommand, PaymentMethod, PaymentToken,
    ProviderRef, Reason, TimerName, Timestamp, fold,
    testing::{
        ManualClock,
        fixtures::{
            amount, card,
            commands::{approve_payment, expire_payment, submit_payment, void_payment},
            euro,
            events::{cancellation_requested_for, payment_outcome_unknown, refund_requested},
            histories::{approved, requested, submitted},
            provider_ref, reason, refund_ref,
        },
    },
};
use ordertrace_saga::{
    Effect, Moment, Policy, ProviderAnswer, ProviderCall, SagaCommand, answered,
    provider::{Charge, Created, IntentStatus, NoAnswer, RefundOrder, Refunded},
};
use rstest::rstest;

const NOW: Timestamp = ManualClock::START;

fn order(history: Vec<Event>, more: impl IntoIterator<Item = Event>) -> Order {
    let events: Vec<Event> = history.into_iter().chain(more).collect();
    let state = fold(&events);
    state.order().expect("the order was placed").clone()
}

fn underway() -> Order {
    order(submitted(card()), [])
}

fn withdrawn(cause: CancellationCause) -> Order {
    order(submitted(card()), [cancellation_requested_for(cause)])
}

fn unknown(check: u16) -> Order {
    order(submitted(card()), [payment_outcome_unknown(check)])
}

fn follows(order: &Order, call: &ProviderCall, answer: ProviderAnswer) -> Vec<Effect> {
    let moment = Moment {
        now: NOW,
        since: NOW,
    };
    answered(order, &Policy::default(), call, answer, moment)
}

/// What follows from an answer on an intent.
fn follows_on_intent(
    order: &Order,
    call: &ProviderCall,
    answer: Result<IntentStatus, NoAnswer>,
) -> Vec<Effect> {
    follows(order, call, ProviderAnswer::Intent(answer))
}

fn gives(step: &'static str, attempt: u16, command: impl Into<Command>) -> Effect {
    Effect::Command(SagaCommand {
        command: command.into(),
        step,
        attempt: Attempt::new(attempt),
    })
}

fn declines(provider_ref: Option<ProviderRef>, reason: Reason) -> Effect {
    let command = PaymentCommand::DeclinePayment {
        provider_ref,
        reason,
    };
    gives("DeclinePayment", 1, command)
}

fn marks_unknown(check: u16, words: &str) -> Effect {
    let reason = reason(words);
    gives(
        "MarkPaymentUnknown",
        check,
        PaymentCommand::MarkPaymentUnknown { reason },
    )
}

fn silence() -> NoAnswer {
    NoAnswer::Unknown(reason("no answer"))
}

fn create() -> ProviderCall {
    ProviderCall::Create(Charge {
        attempt: Attempt::FIRST,
        amount: amount(1_000),
        currency: euro(),
        token: token(),
    })
}

fn token() -> PaymentToken {
    match card() {
        PaymentMethod::Card { token } => token,
        PaymentMethod::Cash => unreachable!("the fixture's card is a card"),
    }
}

fn confirm() -> ProviderCall {
    ProviderCall::Confirm(provider_ref())
}

fn look_up() -> ProviderCall {
    ProviderCall::LookUp(provider_ref())
}

fn cancel() -> ProviderCall {
    ProviderCall::Cancel(provider_ref())
}

fn refund(attempt: u16) -> ProviderCall {
    ProviderCall::Refund(RefundOrder {
        intent: provider_ref(),
        attempt: Attempt::new(attempt),
        amount: amount(1_000),
        currency: euro(),
    })
}

#[test]
fn an_intent_is_submitted_by_its_name() {
    let answer = ProviderAnswer::Created(Ok(Created::Intent(provider_ref())));
    let effects = follows(&order(requested(card()), []), &create(), answer);
    assert_eq!(effects, [gives("SubmitPayment", 1, submit_payment())]);
}

#[test]
fn a_refused_intent_declines_the_payment() {
    let answer = ProviderAnswer::Created(Ok(Created::Refused(reason("no such card"))));
    let effects = follows(&order(requested(card()), []), &create(), answer);
    assert_eq!(effects, [declines(None, reason("no such card"))]);
}

#[test]
fn an_intent_that_may_or_may_not_be_there_is_asked_for_again_later() {
    let answer = ProviderAnswer::Created(Err(silence()));
    let effects = follows(&order(requested(card()), []), &create(), answer);
    let at = NOW.after(Duration::from_secs(2));
    let timer = TimerName::PaymentSubmit;
    assert_eq!(effects, [Effect::Schedule { timer, at }]);
}

#[rstest]
#[case::confirmed(underway(), confirm())]
#[case::found(unknown(1), look_up())]
#[case::too_late_to_call_off(withdrawn(CancellationCause::Requested), cancel())]
#[case::too_late_to_expire(withdrawn(CancellationCause::PaymentOverdue), cancel())]
fn money_that_was_taken_approves_the_payment_whatever_was_asked(
    #[case] order: Order,
    #[case] call: ProviderCall,
) {
    let effects = follows_on_intent(&order, &call, Ok(IntentStatus::Succeeded));
    let approve = approve_payment(Some(provider_ref()));
    assert_eq!(effects, [gives("ApprovePayment", 1, approve)]);
}

#[rstest]
#[case::confirmed(underway(), confirm())]
#[case::found(unknown(1), look_up())]
#[case::called_off(withdrawn(CancellationCause::Requested), cancel())]
fn a_clear_no_declines_the_payment(#[case] order: Order, #[case] call: ProviderCall) {
    let no = IntentStatus::Declined(reason("no funds"));
    let effects = follows_on_intent(&order, &call, Ok(no));
    assert_eq!(
        effects,
        [declines(Some(provider_ref()), reason("no funds"))]
    );
}

#[rstest]
#[case(
    CancellationCause::Requested,
    gives("VoidPayment", 1, void_payment(Some(provider_ref())))
)]
#[case(
    CancellationCause::PaymentOverdue,
    gives("ExpirePayment", 1, expire_payment(Some(provider_ref())))
)]
fn a_payment_that_was_called_off_is_voided_or_has_expired(
    #[case] cause: CancellationCause,
    #[case] effect: Effect,
) {
    for call in [cancel(), confirm(), look_up()] {
        let effects = follows_on_intent(&withdrawn(cause), &call, Ok(IntentStatus::Cancelled));
        assert_eq!(effects, std::slice::from_ref(&effect), "{call:?}");
    }
}

#[rstest]
#[case(underway(), confirm())]
#[case(unknown(1), look_up())]
fn a_payment_that_the_provider_called_off_by_itself_is_declined(
    #[case] order: Order,
    #[case] call: ProviderCall,
) {
    let effects = follows_on_intent(&order, &call, Ok(IntentStatus::Cancelled));
    let words = reason("called off at the payment provider");
    assert_eq!(effects, [declines(Some(provider_ref()), words)]);
}

#[test]
fn a_payment_whose_confirmation_got_lost_is_confirmed_under_the_same_name() {
    let effects = follows_on_intent(&unknown(1), &look_up(), Ok(IntentStatus::Unconfirmed));
    assert_eq!(effects, [Effect::CallProvider(confirm())]);
}

#[rstest]
#[case::confirming(underway(), confirm())]
#[case::calling_off(withdrawn(CancellationCause::Requested), cancel())]
fn an_intent_that_stays_open_against_our_wish_is_unknown(
    #[case] order: Order,
    #[case] call: ProviderCall,
) {
    let effects = follows_on_intent(&order, &call, Ok(IntentStatus::Unconfirmed));
    assert_eq!(
        effects,
        [marks_unknown(1, "the payment provider did nothing yet")]
    );
}

#[rstest]
#[case::confirming(underway(), confirm(), 1)]
#[case::looking(unknown(1), look_up(), 2)]
#[case::looking_again(unknown(7), look_up(), 8)]
#[case::calling_off(withdrawn(CancellationCause::Requested), cancel(), 1)]
fn anything_unclear_is_unknown_and_never_a_refusal(
    #[case] order: Order,
    #[case] call: ProviderCall,
    #[case] check: u16,
) {
    let pending = Ok(IntentStatus::Pending(reason("requires_action")));
    let effects = follows_on_intent(&order, &call, pending);
    assert_eq!(effects, [marks_unknown(check, "requires_action")]);
    let effects = follows_on_intent(&order, &call, Err(silence()));
    assert_eq!(effects, [marks_unknown(check, "no answer")]);
}

fn refunding(attempt: u16) -> Order {
    let withdrawn = cancellation_requested_for(CancellationCause::Requested);
    order(approved(card()), [withdrawn, refund_requested(attempt)])
}

#[rstest]
#[case(1)]
#[case(3)]
fn money_that_went_back_confirms_the_refund(#[case] attempt: u16) {
    let answer = ProviderAnswer::Refunded(Ok(Refunded::Done(refund_ref())));
    let effects = follows(&refunding(attempt), &refund(attempt), answer);
    let refund_ref = Some(refund_ref());
    let confirm = PaymentCommand::ConfirmRefund { refund_ref };
    assert_eq!(effects, [gives("ConfirmRefund", attempt, confirm)]);
}

#[rstest]
#[case::refused(Ok(Refunded::Refused(reason("no balance"))), "no balance")]
#[case::unclear(Err(silence()), "no answer")]
fn money_that_did_not_surely_go_back_fails_the_attempt(
    #[case] answer: Result<Refunded, NoAnswer>,
    #[case] words: &str,
) {
    let effects = follows(&refunding(2), &refund(2), ProviderAnswer::Refunded(answer));
    let fail = PaymentCommand::FailRefund {
        reason: reason(words),
    };
    assert_eq!(effects, [gives("FailRefund", 2, fail)]);
}

fn not_asked(retry_after: Option<u64>) -> NoAnswer {
    NoAnswer::NotAsked {
        reason: reason("the circuit breaker is open"),
        retry_after: retry_after.map(Duration::from_secs),
    }
}

/// Every call in every state in which it is made, with the timer that brings the order back to it.
#[rstest]
#[case::create(order(requested(card()), []), create(), TimerName::PaymentSubmit)]
#[case::confirm(underway(), confirm(), TimerName::PaymentSubmit)]
#[case::call_off(
    withdrawn(CancellationCause::Requested),
    cancel(),
    TimerName::PaymentSubmit
)]
#[case::look_up(unknown(3), look_up(), TimerName::PaymentCheck)]
#[case::confirm_after_a_look(unknown(3), confirm(), TimerName::PaymentCheck)]
#[case::refund(refunding(2), refund(2), TimerName::RefundRetry)]
fn an_order_waits_by_a_timer_for_a_provider_that_was_not_asked(
    #[case] order: Order,
    #[case] call: ProviderCall,
    #[case] timer: TimerName,
) {
    let answer = |retry_after| {
        let none = not_asked(retry_after);
        match &call {
            ProviderCall::Create(_) => ProviderAnswer::Created(Err(none)),
            ProviderCall::Confirm(_) | ProviderCall::LookUp(_) | ProviderCall::Cancel(_) => {
                ProviderAnswer::Intent(Err(none))
            }
            ProviderCall::Refund(_) => ProviderAnswer::Refunded(Err(none)),
        }
    };
    for (asked_for, waits) in [(None, 2), (Some(1), 2), (Some(7), 7), (Some(86_400), 60)] {
        let at = NOW.after(Duration::from_secs(waits));
        let effects = follows(&order, &call, answer(asked_for));
        assert_eq!(effects, [Effect::Schedule { timer, at }], "{asked_for:?}");
    }
}

#[test]
fn an_order_that_has_waited_long_for_the_provider_waits_longer() {
    let waits = |waited| {
        let moment = Moment {
            now: NOW.after(Duration::from_secs(waited)),
            since: NOW,
        };
        let answer = ProviderAnswer::Intent(Err(not_asked(None)));
        let effects = answered(&underway(), &Policy::default(), &confirm(), answer, moment);
        let [Effect::Schedule { at, .. }] = effects.as_slice() else {
            unreachable!("it waits by a timer: {effects:?}");
        };
        at.since(moment.now).as_secs()
    };
    assert_eq!([0, 8, 20, 3_600].map(waits), [2, 4, 10, 15]);
}
