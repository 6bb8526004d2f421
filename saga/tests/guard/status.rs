//! What operators see.

use std::sync::Arc;

use ordertrace_saga::provider::{GuardConfig, Guarded, InvalidGuard, PaymentProvider};
use rstest::rstest;
use serde_json::json;

use crate::provider::{Line, Provider, fail, guarded, open_for_long, small};

#[tokio::test]
async fn the_status_says_in_words_how_the_breaker_stands() {
    let guarded = guarded(&Provider::new(Line::Silent), &open_for_long());
    let mut status = json!(guarded.status());
    assert!(status["breakerForMs"].take().is_u64());
    let closed = json!({
        "breaker": "closed", "breakerForMs": null, "openedTotal": 0, "lastFailure": null,
        "callsInFlight": 0, "callsAtOnceMax": 4,
    });
    assert_eq!(status, closed);
    fail(&guarded, 3).await;
    let status = json!(guarded.status());
    assert_eq!(status["breaker"], "open");
    assert_eq!(status["openedTotal"], 1);
    assert_eq!(status["lastFailure"], "the connection broke");
}

#[rstest]
#[case(GuardConfig { calls_at_once_max: 0, ..small() })]
#[case(GuardConfig { failures_in_a_row: 0, ..small() })]
#[case(GuardConfig { trials: 0, ..small() })]
#[test]
fn bounds_that_let_no_call_through_are_refused(#[case] config: GuardConfig) {
    let provider: Arc<dyn PaymentProvider> = Provider::new(Line::Up);
    let refused = Guarded::new(provider, &config).err();
    let is_told = matches!(
        refused,
        Some(InvalidGuard::Zero(_) | InvalidGuard::Breaker(_))
    );
    assert!(is_told, "{refused:?}");
}

#[test]
fn the_usual_bounds_are_sound() {
    let provider: Arc<dyn PaymentProvider> = Provider::new(Line::Up);
    assert!(Guarded::new(provider, &GuardConfig::default()).is_ok());
}
