//! Money is asked for, and comes, or does not.

use ordertrace_domain::{
    Event, Rejection,
    testing::{
        fixtures::{
            card, cash,
            commands::{
                approve_payment, decline_payment, expire_payment, mark_payment_unknown,
                request_payment, submit_payment, void_payment,
            },
            events::{
                cancellation_requested, payment_approved, payment_declined, payment_expired,
                payment_outcome_unknown, payment_requested, payment_submitted, payment_voided,
            },
            histories::{approved, placed, requested, submitted},
            other_provider_ref, provider_ref,
        },
        given,
    },
};
use rstest::rstest;

#[test]
fn the_total_is_asked_for_once() {
    given(placed(cash()))
        .when(request_payment())
        .then([payment_requested(cash())]);
    given(requested(cash()))
        .when(request_payment())
        .then_nothing();
}

#[test]
fn a_card_payment_is_submitted_once() {
    given(requested(card()))
        .when(submit_payment())
        .then([payment_submitted()]);
    given(submitted(card()))
        .when(submit_payment())
        .then_nothing();
}

#[test]
fn cash_is_approved_by_somebodys_word() {
    given(requested(cash()))
        .when(approve_payment(None))
        .then([payment_approved(None)]);
}

#[test]
fn a_card_payment_is_approved_by_the_providers_word() {
    given(submitted(card()))
        .when(approve_payment(Some(provider_ref())))
        .then([payment_approved(Some(provider_ref()))]);
}

#[rstest]
#[case(cash(), None)]
#[case(card(), Some(provider_ref()))]
fn the_same_approval_again_changes_nothing(
    #[case] method: ordertrace_domain::PaymentMethod,
    #[case] word: Option<ordertrace_domain::ProviderRef>,
) {
    given(approved(method))
        .when(approve_payment(word))
        .then_nothing();
}

#[test]
fn an_approval_of_another_attempt_is_no_repeat() {
    given(approved(card()))
        .when(approve_payment(Some(other_provider_ref())))
        .then_rejected(Rejection::PaymentAlreadyApproved);
}

#[test]
fn a_payment_is_declined_once() {
    given(submitted(card()))
        .when(decline_payment(Some(provider_ref())))
        .then([payment_declined()]);
    given(submitted(card()))
        .and([payment_declined()])
        .when(decline_payment(Some(provider_ref())))
        .then_nothing();
}

#[test]
fn a_payment_that_was_not_submitted_may_be_declined_by_somebodys_word() {
    given(requested(card()))
        .when(decline_payment(None))
        .then([payment_declined()]);
}

#[test]
fn every_check_without_an_answer_is_counted() {
    given(submitted(card()))
        .when(mark_payment_unknown())
        .then([payment_outcome_unknown(1)]);
    given(submitted(card()))
        .and([payment_outcome_unknown(1), payment_outcome_unknown(2)])
        .when(mark_payment_unknown())
        .then([payment_outcome_unknown(3)]);
}

#[test]
fn a_payment_with_an_unknown_outcome_is_closed_by_the_provider_only() {
    let unknown = given(submitted(card())).and([payment_outcome_unknown(1)]);
    unknown
        .clone()
        .when(approve_payment(Some(provider_ref())))
        .then([payment_approved(Some(provider_ref()))]);
    unknown
        .when(decline_payment(None))
        .then_rejected(Rejection::PaymentHeldByProvider);
}

#[test]
fn a_payment_that_is_not_made_in_time_expires_once() {
    given(requested(cash()))
        .when(expire_payment(None))
        .then([payment_expired()]);
    given(requested(cash()))
        .and([payment_expired()])
        .when(expire_payment(None))
        .then_nothing();
}

#[test]
fn a_submitted_payment_expires_once_the_provider_has_cancelled_it() {
    given(submitted(card()))
        .when(expire_payment(Some(provider_ref())))
        .then([payment_expired()]);
}

#[test]
fn the_payment_of_an_order_being_cancelled_is_called_off_once() {
    given(requested(cash()))
        .and([cancellation_requested()])
        .when(void_payment(None))
        .then([payment_voided()]);
    given(requested(cash()))
        .and([cancellation_requested(), payment_voided()])
        .when(void_payment(None))
        .then_nothing();
}

/// The provider's answer was on its way when the customer changed their mind.
#[rstest]
#[case::approval(
    approve_payment(Some(provider_ref())),
    payment_approved(Some(provider_ref()))
)]
#[case::decline(decline_payment(Some(provider_ref())), payment_declined())]
#[case::no_answer(mark_payment_unknown(), payment_outcome_unknown(1))]
#[case::expiry(expire_payment(Some(provider_ref())), payment_expired())]
#[case::cancelled_there(void_payment(Some(provider_ref())), payment_voided())]
fn a_late_answer_of_the_provider_counts_while_the_order_is_cancelled(
    #[case] command: ordertrace_domain::Command,
    #[case] event: Event,
) {
    given(submitted(card()))
        .and([cancellation_requested()])
        .when(command)
        .then([event]);
}

#[test]
fn nobody_takes_cash_for_an_order_that_is_being_cancelled() {
    given(requested(cash()))
        .and([cancellation_requested()])
        .when(approve_payment(None))
        .then_rejected(Rejection::OrderBeingCancelled);
}

#[test]
fn nothing_is_submitted_for_an_order_that_is_being_cancelled() {
    given(requested(card()))
        .and([cancellation_requested()])
        .when(submit_payment())
        .then_rejected(Rejection::OrderBeingCancelled);
}
