//! An order that is being cancelled, wherever it stands: what was begun is undone in reverse order.

use ordertrace_domain::{
    CancellationCause, Command, DeliveryCancellationCause, Event, PaymentMethod, TimerName,
    testing::fixtures::{
        card, cash,
        commands::{cancel_delivery, cancel_order, request_refund, void_payment},
        events::{
            cancellation_requested, cancellation_requested_for, delivery_cancelled,
            delivery_failed, payment_approved, payment_declined, payment_outcome_unknown,
            payment_refunded, payment_voided, refund_requested,
        },
        histories::{approved, placed, prepared, requested, started, submitted, word},
    },
};
use ordertrace_saga::Effect;
use rstest::rstest;

use crate::ask::{asks_to_cancel, cancels, gives, on_last, on_resume, on_timer, sets, with};

fn cancelling(history: Vec<Event>) -> Vec<Event> {
    with(history, [cancellation_requested()])
}

fn ends_by(command: Command, step: &'static str, timers: &[TimerName]) -> Vec<Effect> {
    let taken_back = timers.iter().map(|timer| cancels(*timer));
    taken_back.chain([gives(step, command)]).collect()
}

#[rstest]
#[case(cash())]
#[case(card())]
fn an_order_without_a_payment_is_cancelled_at_once(#[case] method: PaymentMethod) {
    let history = cancelling(placed(method));
    let effects = ends_by(cancel_order(), "CancelOrder", &[TimerName::PaymentDeadline]);
    assert_eq!(on_last(&history), effects);
    assert_eq!(on_resume(&history), effects);
}

#[rstest]
#[case(cash())]
#[case(card())]
fn a_payment_that_nobody_submitted_is_voided(#[case] method: PaymentMethod) {
    let history = cancelling(requested(method));
    let effects = [gives("VoidPayment", void_payment(None))];
    assert_eq!(on_last(&history), effects);
    assert_eq!(on_timer(&history, TimerName::PaymentDeadline), effects);
}

#[test]
fn a_submitted_payment_is_called_off_at_the_provider_first() {
    for cause in [
        CancellationCause::Requested,
        CancellationCause::PaymentOverdue,
    ] {
        let history = with(submitted(card()), [cancellation_requested_for(cause)]);
        assert_eq!(on_last(&history), [asks_to_cancel()]);
        assert_eq!(on_resume(&history), [asks_to_cancel()]);
    }
}

#[test]
fn an_unknown_payment_is_called_off_not_looked_up() {
    let unknown = with(submitted(card()), [payment_outcome_unknown(1)]);
    let history = cancelling(unknown);
    assert_eq!(on_last(&history), [asks_to_cancel()]);
    assert_eq!(
        on_timer(&history, TimerName::PaymentCheck),
        [asks_to_cancel()]
    );
    assert_eq!(on_resume(&history), [asks_to_cancel()]);
}

#[test]
fn an_unclear_answer_to_the_calling_off_waits_as_any_other() {
    let history = with(cancelling(submitted(card())), [payment_outcome_unknown(2)]);
    let wait = std::time::Duration::from_secs(4);
    assert_eq!(on_last(&history), [sets(TimerName::PaymentCheck, wait)]);
    assert_eq!(on_timer(&history, TimerName::PaymentDeadline), []);
}

#[rstest]
#[case::voided(payment_voided(), ends_by(cancel_order(), "CancelOrder", &[TimerName::PaymentDeadline]))]
#[case::declined(payment_declined(), ends_by(cancel_order(), "CancelOrder", &[TimerName::PaymentDeadline]))]
fn a_payment_that_was_never_made_ends_the_order_cancelled(
    #[case] word: Event,
    #[case] effects: Vec<Effect>,
) {
    let history = with(cancelling(submitted(card())), [word]);
    assert_eq!(on_last(&history), effects);
}

#[rstest]
#[case(cash())]
#[case(card())]
fn money_that_came_in_before_any_goods_goes_straight_back(#[case] method: PaymentMethod) {
    let history = cancelling(approved(method));
    let effects = ends_by(
        request_refund(),
        "RequestRefund",
        &[TimerName::PaymentDeadline],
    );
    assert_eq!(on_last(&history), effects);
}

#[test]
fn money_that_came_in_after_the_cancellation_goes_back_and_nothing_is_delivered() {
    for cause in [
        CancellationCause::Requested,
        CancellationCause::PaymentOverdue,
    ] {
        let late = [
            cancellation_requested_for(cause),
            payment_approved(word(&card())),
        ];
        let history = with(submitted(card()), late);
        let effects = ends_by(
            request_refund(),
            "RequestRefund",
            &[TimerName::PaymentDeadline],
        );
        assert_eq!(on_last(&history), effects);
    }
}

#[rstest]
#[case::ready(prepared(cash()))]
#[case::out(started(cash()))]
#[case::ready_by_card(prepared(card()))]
#[case::out_by_card(started(card()))]
#[case::not_taken(with(started(card()), [delivery_failed(1)]))]
#[case::not_taken_for_good(with(started(card()), [delivery_failed(2)]))]
fn goods_are_called_back_before_the_money_goes_back(#[case] history: Vec<Event>) {
    let history = cancelling(history);
    let effects = [gives("CancelDelivery", cancel_delivery())];
    assert_eq!(on_last(&history), effects);
    assert_eq!(on_timer(&history, TimerName::DeliveryDeadline), effects);
    assert_eq!(on_timer(&history, TimerName::DeliveryRetry), effects);
    assert_eq!(on_resume(&history), effects);
}

#[test]
fn an_order_whose_goods_are_back_gives_the_money_back() {
    let called_back = delivery_cancelled(DeliveryCancellationCause::OrderCancelled);
    let history = with(cancelling(started(card())), [called_back]);
    let timers = [TimerName::DeliveryDeadline, TimerName::DeliveryRetry];
    let effects = ends_by(request_refund(), "RequestRefund", &timers);
    assert_eq!(on_last(&history), effects);
}

#[rstest]
#[case(cash())]
#[case(card())]
fn an_order_whose_money_went_back_is_cancelled_with_no_deadline_left(
    #[case] method: PaymentMethod,
) {
    let history = cancelling(approved(method));
    let history = with(history, [refund_requested(1), payment_refunded(1)]);
    let timers = [
        TimerName::PaymentDeadline,
        TimerName::DeliveryDeadline,
        TimerName::DeliveryRetry,
    ];
    assert_eq!(
        on_last(&history),
        ends_by(cancel_order(), "CancelOrder", &timers)
    );
}
