//! A log that answers: carried out, nothing to do, rejected, refused.

use std::time::Duration;

use ordertrace_domain::{
    AppendError, Clock, EventId, ExecuteError, LogError, Refusal, Rejection, TraceParent, Version,
    testing::{
        AppendFault,
        fixtures::{
            card, cash, command_id,
            commands::{
                approve_payment, place_order, request_cancellation, request_payment, request_refund,
            },
            events, histories, order_id, request,
        },
    },
};

use super::{Shop, tail};

#[tokio::test]
async fn a_command_is_answered_with_the_history_that_ends_with_its_events() {
    let shop = Shop::new();
    let outcome = shop.done(place_order(cash())).await;
    assert_eq!(outcome.version(), Version::new(1));
    assert_eq!(outcome.position.sequence, outcome.history.last_sequence());
    assert!(!outcome.is_repeat);
    assert_eq!(outcome.history.events(), shop.history().await.events());
    assert_eq!(outcome.state(), shop.history().await.state());
}

#[tokio::test]
async fn an_event_says_who_asked_for_it_when_and_why() {
    let shop = Shop::with(histories::placed(cash())).await;
    shop.clock.advance(Duration::from_secs(60));
    let traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let mut request = shop.request(request_payment());
    request.causation_id = Some(EventId::derive(command_id(), Version::new(1)));
    request.correlation_id = command_id().into();
    request.traceparent = Some(TraceParent::parse(traceparent).unwrap());
    let outcome = shop.execute(&request).await.unwrap();
    let envelope = &outcome.history.events()[1].envelope;
    assert_eq!(
        envelope.event_id,
        EventId::derive(request.command_id, Version::new(2))
    );
    assert_eq!(envelope.occurred_at, shop.clock.now());
    assert_eq!(envelope.command_id, request.command_id);
    assert_eq!(envelope.command_hash, request.command.hash());
    assert_eq!(envelope.causation_id, request.causation_id);
    assert_eq!(envelope.correlation_id, request.correlation_id);
    assert_eq!(envelope.traceparent, request.traceparent);
    assert_eq!(envelope.actor, request.actor);
}

#[tokio::test]
async fn the_events_of_one_decision_are_stored_together() {
    let shop = Shop::with(histories::started(card())).await;
    let base = shop.history().await;
    let outcome = shop.done(request_refund()).await;
    assert_eq!(outcome.version().get(), base.version().get() + 3);
    let (_, of_command) = outcome
        .history
        .of_command(outcome.history.events().last().unwrap().envelope.command_id)
        .unwrap();
    assert_eq!(of_command.len(), 3);
    assert_eq!(of_command[0].sequence, base.last_sequence().next());
}

#[tokio::test]
async fn a_command_whose_wish_is_fulfilled_appends_nothing() {
    let shop = Shop::with(histories::requested(cash())).await;
    let outcome = shop.done(request_payment()).await;
    assert!(!outcome.is_repeat);
    assert_eq!(outcome.version(), Version::new(2));
    assert_eq!(shop.version().await, Version::new(2));
}

#[tokio::test]
async fn a_rejection_is_an_answer_and_changes_nothing() {
    let shop = Shop::with(histories::placed(cash())).await;
    let refusal = shop.execute(&shop.request(approve_payment(None))).await;
    assert_eq!(
        refusal.unwrap_err(),
        Refusal::Rejected(Rejection::PaymentNotRequested)
    );
    assert_eq!(shop.version().await, Version::new(1));
}

#[tokio::test]
async fn a_rejection_is_evaluated_anew_when_the_command_is_given_again() {
    let shop = Shop::with(histories::placed(cash())).await;
    let approval = shop.request(approve_payment(None));
    assert!(shop.execute(&approval).await.is_err());
    shop.happened(vec![events::payment_requested(cash())]).await;
    let outcome = shop.execute(&approval).await.unwrap();
    assert!(!outcome.is_repeat);
    assert_eq!(outcome.version(), Version::new(3));
}

#[tokio::test]
async fn a_command_to_an_order_nobody_placed_is_rejected() {
    let shop = Shop::new();
    let refusal = shop.execute(&shop.request(request_cancellation())).await;
    assert_eq!(
        refusal.unwrap_err(),
        Refusal::Rejected(Rejection::OrderNotFound)
    );
}

#[tokio::test]
async fn an_order_is_placed_by_one_command_only() {
    let shop = Shop::with(histories::placed(cash())).await;
    let refusal = shop.execute(&shop.request(place_order(cash()))).await;
    assert_eq!(
        refusal.unwrap_err(),
        Refusal::Rejected(Rejection::OrderAlreadyPlaced)
    );
    assert_eq!(shop.version().await, Version::new(1));
}

#[tokio::test]
async fn a_command_for_another_version_is_refused() {
    let shop = Shop::with(histories::requested(cash())).await;
    let mut request = shop.request(approve_payment(None));
    request.expected_version = Some(Version::new(1));
    let refusal = shop.execute(&request).await.unwrap_err();
    let actual = Version::new(2);
    assert_eq!(refusal, Refusal::VersionMismatch { actual });
    assert_eq!(shop.version().await, actual);
    request.expected_version = Some(actual);
    let outcome = shop.execute(&request).await.unwrap();
    assert_eq!(tail(&outcome.history, 1), [events::payment_approved(None)]);
}

#[tokio::test]
async fn a_log_out_of_reach_is_an_error_and_no_answer() {
    let shop = Shop::with(histories::placed(cash())).await;
    shop.log.unavailable(true);
    let read = shop.try_execute(&shop.request(request_payment())).await;
    assert!(matches!(
        read,
        Err(ExecuteError::Log(LogError::Unavailable(_)))
    ));
    let written = shop
        .try_execute(&request(order_id(), place_order(cash())))
        .await;
    assert!(matches!(written, Err(ExecuteError::NotStored(_))));
}

#[tokio::test]
async fn what_was_certainly_not_stored_is_said_to_be_so() {
    let shop = Shop::with(histories::placed(cash())).await;
    shop.log.fail_next_append(AppendFault::NotStored);
    let answer = shop.try_execute(&shop.request(request_payment())).await;
    assert!(matches!(answer, Err(ExecuteError::NotStored(_))));
    assert_eq!(shop.version().await, Version::new(1));
}

#[tokio::test]
async fn nothing_is_carried_out_on_a_log_that_was_created_anew() {
    let shop = Shop::with(histories::placed(cash())).await;
    shop.log.recreate();
    for request in [
        shop.request(request_payment()),
        request(order_id(), place_order(cash())),
    ] {
        let answer = shop.try_execute(&request).await;
        assert!(matches!(
            answer,
            Err(ExecuteError::Log(LogError::Recreated))
        ));
    }
}

#[tokio::test]
async fn a_broken_history_stops_its_own_order_only() {
    let shop = Shop::with(histories::placed(cash())).await;
    shop.log.write_foreign(shop.order, b"not an event of ours");
    let answer = shop.try_execute(&shop.request(request_payment())).await;
    assert!(matches!(
        answer,
        Err(ExecuteError::Log(LogError::Broken(_)))
    ));
    let other = request(order_id(), place_order(cash()));
    assert!(shop.execute(&other).await.is_ok());
}

#[test]
fn a_message_for_the_client_names_no_cause() {
    let error = ExecuteError::OutcomeUnknown(AppendError::Conflict.into());
    assert!(!error.to_string().contains("moved on"), "{error}");
}
