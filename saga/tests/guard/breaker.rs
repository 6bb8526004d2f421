//! The circuit breaker.
//!
//! The library measures its own waiting in real time, so these tests wait for what comes of it.

use std::{sync::Arc, time::Duration};

use ordertrace_domain::{
    Attempt,
    testing::fixtures::{amount, euro, order_id, provider_ref},
};
use ordertrace_saga::provider::{
    BreakerState, Created, Guarded, IntentStatus, NoAnswer, PaymentProvider, RefundOrder,
};
use rstest::rstest;

use crate::provider::{
    Line, Provider, ask, charge, fail, guarded, is_turned_away, open_for_long, small, until,
};

/// Asks until the open breaker lets a trial through, and says what that was answered.
async fn first_trial(guarded: &Guarded) -> Result<Created, NoAnswer> {
    until("a trial", async || {
        let answer = ask(guarded).await;
        (!is_breaker(&answer)).then_some(answer)
    })
    .await
}

/// Whether it was the breaker that turned a call away.
fn is_breaker<T>(answer: &Result<T, NoAnswer>) -> bool {
    let Err(NoAnswer::NotAsked { reason, .. }) = answer else {
        return false;
    };
    ["circuit breaker", "being tried"]
        .iter()
        .any(|words| reason.as_str().contains(words))
}

#[rstest]
#[case(Line::Silent)]
#[case(Line::Away)]
#[tokio::test]
async fn a_provider_without_answers_is_left_alone(#[case] line: Line) {
    let provider = Provider::new(line);
    let guarded = guarded(&provider, &open_for_long());
    fail(&guarded, 2).await;
    assert_eq!(guarded.status().breaker, BreakerState::Closed);
    fail(&guarded, 1).await;
    assert_eq!(guarded.status().breaker, BreakerState::Open);
    provider.is_now(Line::Up);
    for _ in 0..50 {
        assert!(is_breaker(&ask(&guarded).await));
    }
    assert_eq!(provider.calls(), 3, "a call went past the open breaker");
}

#[tokio::test]
async fn every_call_waits_while_the_breaker_is_open_and_none_is_refused() {
    let provider = Provider::new(Line::Silent);
    let guarded = guarded(&provider, &open_for_long());
    fail(&guarded, 3).await;
    let refund = RefundOrder {
        intent: provider_ref(),
        attempt: Attempt::FIRST,
        amount: amount(1_000),
        currency: euro(),
    };
    assert!(is_breaker(
        &guarded.create(order_id(), &charge(40_200)).await
    ));
    assert!(is_breaker(&guarded.confirm(&provider_ref()).await));
    assert!(is_breaker(&guarded.look_up(&provider_ref()).await));
    assert!(is_breaker(&guarded.cancel(&provider_ref()).await));
    assert!(is_breaker(&guarded.refund(order_id(), &refund).await));
    assert_eq!(provider.calls(), 3);
}

#[tokio::test]
async fn who_is_turned_away_hears_when_to_come_again() {
    let config = open_for_long();
    let guarded = guarded(&Provider::new(Line::Silent), &config);
    fail(&guarded, 3).await;
    let Err(NoAnswer::NotAsked { retry_after, .. }) = ask(&guarded).await else {
        unreachable!("the breaker is open");
    };
    let wait = retry_after.expect("a time to wait");
    assert!(wait <= config.open_for);
    assert!(wait > config.open_for - Duration::from_secs(60), "{wait:?}");
}

#[tokio::test]
async fn one_answer_in_between_keeps_it_closed() {
    let provider = Provider::new(Line::Silent);
    let guarded = guarded(&provider, &open_for_long());
    for _ in 0..5 {
        provider.is_now(Line::Silent);
        fail(&guarded, 2).await;
        provider.is_now(Line::Up);
        ask(&guarded).await.expect("an answer");
    }
    assert_eq!(guarded.status().opened_total, 0);
    assert_eq!(provider.calls(), 15);
}

#[tokio::test]
async fn a_long_run_of_answers_does_not_hide_an_outage() {
    let provider = Provider::new(Line::Up);
    let guarded = guarded(&provider, &open_for_long());
    for _ in 0..500 {
        ask(&guarded).await.expect("an answer");
    }
    provider.is_now(Line::Silent);
    fail(&guarded, 3).await;
    assert_eq!(guarded.status().breaker, BreakerState::Open);
}

#[tokio::test]
async fn a_clear_no_is_an_answer() {
    let provider = Provider::new(Line::Up);
    let guarded = guarded(&provider, &open_for_long());
    for _ in 0..10 {
        let refused = guarded.create(order_id(), &charge(40_400)).await;
        assert!(matches!(refused, Ok(Created::Refused(_))));
        let created = guarded.create(order_id(), &charge(40_200)).await;
        let Ok(Created::Intent(intent)) = created else {
            unreachable!("an intent is made");
        };
        let declined = guarded.confirm(&intent).await;
        assert!(matches!(declined, Ok(IntentStatus::Declined(_))));
    }
    assert_eq!(guarded.status().breaker, BreakerState::Closed);
}

#[tokio::test]
async fn an_answer_that_nobody_can_go_by_is_an_answer() {
    let provider = Provider::new(Line::Unclear);
    let guarded = guarded(&provider, &open_for_long());
    for _ in 0..10 {
        let answer = ask(&guarded).await;
        assert!(matches!(answer, Err(NoAnswer::Unclear(_))), "{answer:?}");
    }
    assert_eq!(provider.calls(), 10);
    let status = guarded.status();
    assert_eq!(status.breaker, BreakerState::Closed);
    assert_eq!(status.last_failure, None);
}

#[tokio::test]
async fn an_unclear_answer_in_between_keeps_it_closed() {
    let provider = Provider::new(Line::Silent);
    let guarded = guarded(&provider, &open_for_long());
    for _ in 0..5 {
        provider.is_now(Line::Silent);
        fail(&guarded, 2).await;
        provider.is_now(Line::Unclear);
        fail(&guarded, 1).await;
    }
    assert_eq!(guarded.status().opened_total, 0);
}

#[tokio::test]
async fn a_provider_that_is_back_is_noticed_by_trials() {
    let provider = Provider::new(Line::Silent);
    let guarded = guarded(&provider, &small());
    fail(&guarded, 3).await;
    provider.is_now(Line::Up);
    first_trial(&guarded).await.expect("an answer");
    assert_eq!(guarded.status().breaker, BreakerState::HalfOpen);
    ask(&guarded).await.expect("an answer");
    assert_eq!(guarded.status().breaker, BreakerState::Closed);
    assert_eq!(provider.calls(), 5);
    ask(&guarded).await.expect("an answer");
}

#[tokio::test]
async fn one_failed_trial_opens_it_again() {
    let provider = Provider::new(Line::Silent);
    let guarded = guarded(&provider, &small());
    fail(&guarded, 3).await;
    first_trial(&guarded).await.expect_err("no answer");
    assert_eq!(guarded.status().breaker, BreakerState::Open);
    assert_eq!(guarded.status().opened_total, 2);
    assert_eq!(provider.calls(), 4);
}

#[tokio::test]
async fn while_it_is_being_tried_the_others_wait() {
    let provider = Provider::new(Line::Silent);
    let guarded = guarded(&provider, &small());
    fail(&guarded, 3).await;
    provider.is_now(Line::Hanging);
    let mut trials = Vec::new();
    until("two trials", async || {
        let guarded = Arc::clone(&guarded);
        trials.push(tokio::spawn(async move { ask(&guarded).await }));
        (provider.calls() == 5).then_some(())
    })
    .await;
    assert_eq!(guarded.status().breaker, BreakerState::HalfOpen);
    for _ in 0..20 {
        assert!(is_turned_away(&ask(&guarded).await));
    }
    assert_eq!(provider.calls(), 5, "a third call went through");
    provider.is_now(Line::Up);
    let mut answered = 0;
    for trial in trials {
        answered += usize::from(trial.await.expect("no panic").is_ok());
    }
    assert_eq!(answered, 2);
    assert_eq!(guarded.status().breaker, BreakerState::Closed);
}

#[tokio::test]
async fn a_trial_that_is_dropped_does_not_take_the_place_of_another() {
    let provider = Provider::new(Line::Silent);
    let guarded = guarded(&provider, &small());
    fail(&guarded, 3).await;
    provider.is_now(Line::Hanging);
    for calls in 4..10 {
        let trial = until("a trial", async || {
            let asking = Arc::clone(&guarded);
            let trial = tokio::spawn(async move { ask(&asking).await });
            tokio::task::yield_now().await;
            if provider.calls() == calls {
                return Some(trial);
            }
            trial.abort();
            None
        })
        .await;
        trial.abort();
        trial.await.expect_err("it was dropped");
    }
    provider.is_now(Line::Up);
    ask(&guarded).await.expect("an answer");
    ask(&guarded).await.expect("an answer");
    assert_eq!(guarded.status().breaker, BreakerState::Closed);
}
