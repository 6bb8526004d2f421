//! The bulkhead and the time-out, with the clock in the test's hand.

use std::{sync::Arc, time::Duration};

use ordertrace_domain::testing::fixtures::reason;
use ordertrace_saga::provider::{BreakerState, Created, GuardConfig, Guarded, NoAnswer};
use tokio::{task::JoinHandle, time::Instant};

use crate::provider::{Line, Provider, ask, fail, guarded, is_turned_away, open_for_long, small};

type Asking = JoinHandle<Result<Created, NoAnswer>>;

/// Takes up all places with calls that hang.
async fn fill(provider: &Provider, guarded: &Arc<Guarded>) -> Vec<Asking> {
    let before = provider.calls();
    let asking = (0..small().calls_at_once_max).map(|_| {
        let guarded = Arc::clone(guarded);
        tokio::spawn(async move { ask(&guarded).await })
    });
    let asking = asking.collect();
    while provider.calls() < before + small().calls_at_once_max {
        tokio::task::yield_now().await;
    }
    asking
}

#[tokio::test(start_paused = true)]
async fn a_slow_provider_takes_up_so_many_calls_and_no_more() {
    let provider = Provider::new(Line::Hanging);
    let guarded = guarded(&provider, &small());
    let hanging = fill(&provider, &guarded).await;
    let start = Instant::now();
    assert!(is_turned_away(&ask(&guarded).await));
    let waited = start.elapsed();
    let wait = small().permit_wait;
    assert!(waited >= wait && waited < 2 * wait, "{waited:?}");
    assert_eq!(provider.calls(), small().calls_at_once_max);
    assert_eq!(guarded.status().calls_in_flight, small().calls_at_once_max);

    provider.is_now(Line::Up);
    for call in hanging {
        call.await.expect("no panic").expect("an answer");
    }
    assert_eq!(guarded.status().calls_in_flight, 0);
    ask(&guarded).await.expect("an answer");
}

#[tokio::test(start_paused = true)]
async fn who_finds_a_place_in_time_goes_in() {
    let provider = Provider::new(Line::Hanging);
    let guarded = guarded(&provider, &small());
    let hanging = fill(&provider, &guarded).await;
    let waiting = {
        let guarded = Arc::clone(&guarded);
        tokio::spawn(async move { ask(&guarded).await })
    };
    tokio::task::yield_now().await;
    provider.is_now(Line::Up);
    waiting.await.expect("no panic").expect("an answer");
    for call in hanging {
        call.await.expect("no panic").expect("an answer");
    }
}

#[tokio::test(start_paused = true)]
async fn being_too_many_is_not_the_providers_failure() {
    let provider = Provider::new(Line::Hanging);
    let guarded = guarded(&provider, &open_for_long());
    let hanging = fill(&provider, &guarded).await;
    fail(&guarded, 20).await;
    assert_eq!(guarded.status().breaker, BreakerState::Closed);
    assert_eq!(guarded.status().last_failure, None);
    provider.is_now(Line::Up);
    for call in hanging {
        call.await.expect("no panic").expect("an answer");
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_hangs_is_cut_off_and_may_have_been_carried_out() {
    let provider = Provider::new(Line::Hanging);
    let guarded = guarded(&provider, &open_for_long());
    let start = Instant::now();
    let answer = ask(&guarded).await;
    let unknown = NoAnswer::Unknown(reason("no answer in time"));
    assert_eq!(answer, Err(unknown));
    let call_max = GuardConfig::default().call_max;
    let waited = start.elapsed();
    assert!(waited >= call_max && waited < call_max + Duration::from_secs(1));
    fail(&guarded, 2).await;
    assert_eq!(guarded.status().breaker, BreakerState::Open);
    assert_eq!(guarded.status().calls_in_flight, 0);
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_turns_away_gives_its_place_back() {
    let provider = Provider::new(Line::Hanging);
    let guarded = guarded(&provider, &small());
    for _ in 0..10 {
        for call in fill(&provider, &guarded).await {
            call.abort();
            call.await.expect_err("it was dropped");
        }
    }
    assert_eq!(guarded.status().calls_in_flight, 0);
    provider.is_now(Line::Up);
    ask(&guarded).await.expect("an answer");
}
