//! From the order to the money.

use ordertrace_domain::{
    CancellationCause, Command, Event, OrderCommand, PaymentMethod, TimerName,
    testing::fixtures::{
        card, cash,
        commands::{expire_payment, prepare_delivery, reject_order, request_payment},
        events::{
            cancellation_requested_for, payment_declined, payment_expired, payment_outcome_unknown,
        },
        histories::{approved, placed, requested, submitted},
    },
};
use ordertrace_saga::{Effect, Policy};
use rstest::rstest;

use crate::ask::{
    asks_to_confirm, asks_to_create, asks_to_look_up, cancels, gives, on_last, on_resume, on_timer,
    sets, with,
};

fn unknown(check: u16) -> Vec<Event> {
    with(submitted(card()), [payment_outcome_unknown(check)])
}

/// The payment is overdue, and the provider has it in hand.
fn withdraw_overdue() -> Command {
    let cause = CancellationCause::PaymentOverdue;
    let reason = None;
    OrderCommand::RequestCancellation { cause, reason }.into()
}

#[rstest]
#[case(cash())]
#[case(card())]
fn a_placed_order_asks_for_its_payment_with_the_deadline_set_first(#[case] method: PaymentMethod) {
    let effects = [
        sets(
            TimerName::PaymentDeadline,
            Policy::default().payment_deadline,
        ),
        gives("RequestPayment", request_payment()),
    ];
    assert_eq!(on_last(&placed(method)), effects);
}

#[test]
fn cash_waits_for_somebodys_word() {
    assert_eq!(on_last(&requested(cash())), []);
}

/// Its timer may have got lost, and nothing else would ever wake the order.
#[test]
fn an_operator_sets_the_deadline_of_an_unpaid_order_anew() {
    assert_eq!(on_resume(&requested(cash())), [sets_the_deadline()]);
}

fn sets_the_deadline() -> Effect {
    let deadline = Policy::default().payment_deadline;
    sets(TimerName::PaymentDeadline, deadline)
}

#[rstest]
#[case(cash())]
#[case(card())]
fn a_payment_that_nobody_submitted_expires_at_its_deadline(#[case] method: PaymentMethod) {
    let effects = on_timer(&requested(method), TimerName::PaymentDeadline);
    assert_eq!(effects, [gives("ExpirePayment", expire_payment(None))]);
}

#[test]
fn a_card_payment_begins_with_an_unconfirmed_intent() {
    assert_eq!(on_last(&requested(card())), [asks_to_create()]);
}

#[test]
fn an_intent_is_asked_for_again_when_the_provider_did_not_answer() {
    let effects = on_timer(&requested(card()), TimerName::PaymentSubmit);
    assert_eq!(effects, [asks_to_create()]);
    let resumed = on_resume(&requested(card()));
    assert_eq!(resumed, [sets_the_deadline(), asks_to_create()]);
}

#[test]
fn a_submitted_payment_is_confirmed_by_its_name() {
    assert_eq!(on_last(&submitted(card())), [asks_to_confirm()]);
    let asked_again = on_timer(&submitted(card()), TimerName::PaymentSubmit);
    assert_eq!(asked_again, [asks_to_confirm()]);
    assert_eq!(on_resume(&submitted(card())), [asks_to_confirm()]);
}

#[rstest]
#[case::submitted(submitted(card()))]
#[case::unknown(unknown(1))]
#[case::stuck(unknown(20))]
fn an_overdue_payment_in_the_providers_hands_withdraws_the_order(#[case] history: Vec<Event>) {
    let effects = on_timer(&history, TimerName::PaymentDeadline);
    assert_eq!(
        effects,
        [gives("WithdrawOverduePayment", withdraw_overdue())]
    );
}

#[rstest]
#[case(1, 2)]
#[case(2, 4)]
#[case(3, 8)]
#[case(19, 600)]
fn an_unknown_outcome_waits_longer_each_time(#[case] check: u16, #[case] secs: u64) {
    let wait = std::time::Duration::from_secs(secs);
    assert_eq!(
        on_last(&unknown(check)),
        [sets(TimerName::PaymentCheck, wait)]
    );
}

#[test]
fn an_unknown_outcome_is_looked_up_and_never_confirmed_on_a_guess() {
    let effects = on_timer(&unknown(1), TimerName::PaymentCheck);
    assert_eq!(effects, [asks_to_look_up()]);
    assert_eq!(on_resume(&unknown(20)), [asks_to_look_up()]);
}

#[rstest]
#[case(cash())]
#[case(card())]
fn an_approved_payment_sets_its_deadline_aside_and_the_deliverys_before_the_goods_are_ready(
    #[case] method: PaymentMethod,
) {
    let effects = [
        cancels(TimerName::PaymentDeadline),
        sets(
            TimerName::DeliveryDeadline,
            Policy::default().delivery_deadline,
        ),
        gives("PrepareDelivery", prepare_delivery(3)),
    ];
    assert_eq!(on_last(&approved(method)), effects);
}

#[rstest]
#[case::declined(with(submitted(card()), [payment_declined()]))]
#[case::declined_in_cash(with(requested(cash()), [payment_declined()]))]
#[case::expired(with(requested(cash()), [payment_expired()]))]
#[case::overdue(with(submitted(card()), [
    cancellation_requested_for(CancellationCause::PaymentOverdue),
    payment_expired(),
]))]
fn an_order_that_is_not_paid_is_rejected(#[case] history: Vec<Event>) {
    let effects = [
        cancels(TimerName::PaymentDeadline),
        gives("RejectOrder", reject_order()),
    ];
    assert_eq!(on_last(&history), effects);
    assert_eq!(on_resume(&history), effects);
}
