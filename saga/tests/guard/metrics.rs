//! What the metrics are told.

use std::{collections::BTreeMap, sync::Arc};

use metrics::set_default_local_recorder;
use metrics_util::debugging::{DebugValue, DebuggingRecorder, Snapshotter};
use ordertrace_domain::testing::fixtures::provider_ref;
use ordertrace_saga::provider::PaymentProvider;

use crate::provider::{Line, Provider, ask, fail, guarded, open_for_long, small};

/// Everything recorded since the last look, by name and labels; of a histogram the number of its values.
fn recorded(snapshotter: &Snapshotter) -> BTreeMap<String, f64> {
    let snapshot = snapshotter.snapshot().into_vec();
    let named = snapshot.into_iter().map(|(key, _, description, value)| {
        assert!(description.is_some(), "{key:?} is not described");
        let labels = key.key().labels();
        let labels: Vec<String> = labels.map(|label| label.value().to_owned()).collect();
        let name = key
            .key()
            .name()
            .trim_start_matches("ordertrace_payment_provider_");
        let value = match value {
            DebugValue::Counter(count) => f64::from(u32::try_from(count).expect("a small count")),
            DebugValue::Gauge(value) => value.into_inner(),
            DebugValue::Histogram(values) => {
                f64::from(u32::try_from(values.len()).expect("a small number"))
            }
        };
        (format!("{name}[{}]", labels.join(",")), value)
    });
    named.collect()
}

#[tokio::test]
async fn calls_are_counted_by_kind_and_outcome_and_timed_if_they_went_through() {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    let _recorder = set_default_local_recorder(&recorder);
    let provider = Provider::new(Line::Up);
    let guarded = guarded(&provider, &open_for_long());
    ask(&guarded).await.expect("an answer");
    provider.is_now(Line::Unclear);
    fail(&guarded, 2).await;
    provider.is_now(Line::Silent);
    fail(&guarded, 3).await;
    guarded.look_up(&provider_ref()).await.expect_err("open");
    let seen = recorded(&snapshotter);
    assert_eq!(seen["calls_total[create,answered]"], 1.0);
    assert_eq!(seen["calls_total[create,unclear]"], 2.0);
    assert_eq!(seen["calls_total[create,unknown]"], 3.0);
    assert_eq!(seen["calls_total[look_up,not_asked]"], 1.0);
    assert_eq!(seen["call_seconds[create]"], 6.0);
    assert!(!seen.contains_key("call_seconds[look_up]"));
    assert_eq!(seen["calls_in_flight[]"], 0.0);
}

#[tokio::test]
async fn the_breakers_turns_are_shown_as_a_number() {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    let _recorder = set_default_local_recorder(&recorder);
    let state = || recorded(&snapshotter)["breaker_state[]"];
    let provider = Provider::new(Line::Silent);
    let guarded = guarded(&provider, &small());
    assert_eq!(state(), 0.0);
    fail(&guarded, 3).await;
    assert_eq!(state(), 2.0);
    provider.is_now(Line::Up);
    crate::provider::until("a trial", async || ask(&guarded).await.ok()).await;
    assert_eq!(state(), 1.0);
    ask(&guarded).await.expect("an answer");
    assert_eq!(state(), 0.0);
}

#[tokio::test(start_paused = true)]
async fn calls_under_way_and_turned_away_are_shown() {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    let _recorder = set_default_local_recorder(&recorder);
    let provider = Provider::new(Line::Hanging);
    let guarded = guarded(&provider, &small());
    let hanging = (0..small().calls_at_once_max).map(|_| {
        let guarded = Arc::clone(&guarded);
        tokio::spawn(async move { ask(&guarded).await })
    });
    let hanging: Vec<_> = hanging.collect();
    while provider.calls() < small().calls_at_once_max {
        tokio::task::yield_now().await;
    }
    fail(&guarded, 2).await;
    let seen = recorded(&snapshotter);
    assert_eq!(seen["calls_in_flight[]"], 4.0);
    assert_eq!(seen["bulkhead_rejections_total[]"], 2.0);
    assert_eq!(seen["calls_total[create,not_asked]"], 2.0);
    provider.is_now(Line::Up);
    for call in hanging {
        call.await.expect("no panic").expect("an answer");
    }
    // A look sets a gauge back to zero: four fewer than at the last look.
    assert_eq!(recorded(&snapshotter)["calls_in_flight[]"], -4.0);
}
