//! The log, readable and verifiable, as far as a client takes it.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use axum::{body::Body, http::Request};
use futures::{
    StreamExt,
    stream::{BoxStream, FuturesUnordered},
};
use ordertrace_audit::{SignedCheckpoint, Trust, VerifyError, verify_export};
use ordertrace_auditor::{AuditRoutes, Settings, api};
use ordertrace_domain::{
    Extent, FeedError, Incarnation, LogError, OrderId, Record, Records, Sequence, Span, Timestamp,
    testing::MemoryLog,
};
use rstest::rstest;
use serde_json::Value;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::{
    http::get,
    site::{PATIENCE, Running, Site, folder, hurried, key},
};

/// A log of twenty orders under a checkpoint, one of which has a record that is no event.
async fn signed() -> (Site, tempfile::TempDir, Running) {
    let (site, folder) = (Site::new(), folder());
    let running = site.signer(&folder);
    let orders = site.write(10).await;
    site.log.write_foreign(orders[3], b"garbage");
    site.clock.advance(Duration::from_secs(3600));
    site.write(10).await;
    site.sign(&running).await;
    (site, folder, running)
}

fn lines(text: &str) -> Vec<Value> {
    assert!(text.is_empty() || text.ends_with('\n'));
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn sequences(lines: &[Value]) -> Vec<u64> {
    lines
        .iter()
        .map(|line| line["sequence"].as_u64().unwrap())
        .collect()
}

#[tokio::test]
async fn the_log_is_shown_event_by_event() {
    let (site, _folder, running) = signed().await;
    let answer = get(&running.routes, "/audit/events").await.ok();
    assert_eq!(answer.content_type(), "application/x-ndjson");
    let shown = lines(answer.text());
    assert_eq!(
        sequences(&shown),
        Vec::from_iter(1..=site.head().await.get())
    );
    assert_eq!(shown[0]["type"], "OrderPlaced");
    assert_eq!(shown[0]["version"], 1);
    assert!(shown[70]["unreadable"].is_string(), "{}", shown[70]);
    running.stop().await;
}

#[rstest]
#[case("type=OrderPlaced", 21)]
#[case("type=OrderPlaced,OrderCompleted", 41)]
#[case("fromPosition=101&toPosition=110", 10)]
#[case("fromPosition=1000", 0)]
#[case("from=2023-11-14T23:00:00Z", 70)]
#[case("to=2023-11-14T23:00:00Z", 71)]
#[case("customer=nobody", 0)]
#[tokio::test]
async fn a_filter_lets_through_what_is_asked_for_and_what_nobody_can_tell(
    #[case] filter: &str,
    #[case] expected: usize,
) {
    let (_site, _folder, running) = signed().await;
    let answer = get(&running.routes, &format!("/audit/events?{filter}"))
        .await
        .ok();
    assert_eq!(lines(answer.text()).len(), expected, "{filter}");
    running.stop().await;
}

#[rstest]
#[case("", true)]
#[case("?type=OrderPlaced", false)]
#[case("?fromPosition=101&toPosition=110", false)]
#[case("?fromPosition=1", true)]
#[case("?toPosition=9999", true)]
#[case("?customer=nobody", false)]
#[case("?from=2023-11-14T23:00:00Z", false)]
#[case("?type=PaymentVoided&fromPosition=72", false)]
#[tokio::test]
async fn an_export_verifies(#[case] filter: &str, #[case] is_complete: bool) {
    let (site, _folder, running) = signed().await;
    let answer = get(&running.routes, &format!("/audit/export{filter}"))
        .await
        .ok();
    assert_eq!(
        answer.text().contains("\"proof\""),
        !is_complete && answer.text().contains("\"payload\"")
    );
    let trust = Trust {
        keys: vec![key().public()],
        ..Trust::default()
    };
    let last = site.signed().await.pop();
    match verify_export(&*answer.bytes, &trust) {
        Ok(report) => assert_eq!(report.checkpoint, last),
        // The record that is no event is what it should find, and nothing else.
        Err(VerifyError::Refuted(refutation)) => {
            let positions: Vec<_> = refutation.findings().iter().map(|it| it.position).collect();
            assert_eq!(positions, [Some(Sequence::new(71))], "{refutation}");
            assert!(answer.text().contains("Z2FyYmFnZQ=="), "{refutation}");
        }
        Err(error) => panic!("{error}"),
    }
    running.stop().await;
}

#[tokio::test]
async fn an_export_ends_at_the_last_checkpoint() {
    let (site, _folder, running) = signed().await;
    let covered = site.head().await.get();
    site.write(1).await;
    running.until_at(site.head().await).await;
    let answer = get(&running.routes, "/audit/export").await.ok();
    let end = lines(answer.text()).into_iter().rev().nth(1).unwrap();
    assert_eq!(
        (&end["events"], &end["last"]),
        (&covered.into(), &covered.into())
    );
    let note = end["checkpoint"].as_str().unwrap();
    let signed = SignedCheckpoint::parse(note.as_bytes()).unwrap();
    assert_eq!(signed.checkpoint().size, Sequence::new(covered));
    running.stop().await;
}

/// An event that was changed after it was signed can't be proven: the answer has no end, so nobody takes it for whole.
#[tokio::test]
async fn an_answer_that_can_t_be_finished_is_cut_off() {
    let (site, _folder, running) = signed().await;
    site.log.lose(Sequence::new(100));
    site.log.tamper(Sequence::new(5), |record| {
        record.payload = b"other".as_slice().into()
    });
    for asked in ["/audit/events", "/audit/export?toPosition=10"] {
        let request = Request::get(asked).body(Body::empty()).unwrap();
        let response = running.routes.clone().oneshot(request).await.unwrap();
        let pieces: Vec<_> = response.into_body().into_data_stream().collect().await;
        assert!(pieces.last().unwrap().is_err(), "{asked}");
    }
    running.stop().await;
}

#[tokio::test]
async fn whoever_follows_gets_what_comes_until_the_process_stops() {
    let (site, _folder, running) = signed().await;
    let head = site.head().await;
    let asked = format!("/audit/events?follow=true&fromPosition={}", head.next());
    let request = Request::get(asked).body(Body::empty()).unwrap();
    let response = running.routes.clone().oneshot(request).await.unwrap();
    let mut body = response.into_body().into_data_stream();
    let mut text = String::new();
    site.write(2).await;
    while text.lines().count() < 14 {
        let piece = timeout(PATIENCE, body.next())
            .await
            .unwrap()
            .unwrap()
            .unwrap();
        text.push_str(str::from_utf8(&piece).unwrap());
    }
    assert_eq!(sequences(&lines(&text))[0], head.next().get());
    running.stop().await;
    let last = timeout(PATIENCE, body.next()).await.unwrap();
    assert!(last.unwrap().is_err());
}

/// Those who take nothing hold a place each, and no more of the log than one piece.
#[tokio::test]
async fn places_are_bounded_and_given_back() {
    let (_site, _folder, running) = signed().await;
    let mut open = Vec::new();
    for _ in 0..16 {
        let request = Request::get("/audit/events").body(Body::empty()).unwrap();
        open.push(running.routes.clone().oneshot(request).await.unwrap());
    }
    assert_eq!(
        get(&running.routes, "/audit/events").await.problem(),
        "no-stream-free"
    );
    assert_eq!(
        get(&running.routes, "/audit/export").await.problem(),
        "no-stream-free"
    );
    open.pop();
    get(&running.routes, "/audit/events").await.ok();
    drop(open);
    running.stop().await;
}

#[tokio::test]
async fn a_customer_s_orders_are_found_though_they_began_before() {
    let (_site, _folder, running) = signed().await;
    let shown = get(
        &running.routes,
        "/audit/events?customer=anonymous&fromPosition=3&toPosition=9",
    )
    .await;
    assert_eq!(sequences(&lines(shown.ok().text())), Vec::from_iter(3..=9));
    running.stop().await;
}

/// A log whose connection is closed on purpose after five records: its scans end there without an error.
struct Closed(MemoryLog);

#[async_trait]
impl Records for Closed {
    fn incarnation(&self) -> Incarnation {
        Records::incarnation(&self.0)
    }

    async fn extent(&self) -> Result<Extent, LogError> {
        self.0.extent().await
    }

    fn scan(
        &self,
        span: Span,
        of: Option<OrderId>,
    ) -> BoxStream<'static, Result<Record, FeedError>> {
        self.0.scan(span, of).take(5).boxed()
    }

    async fn first_since(&self, time: Timestamp) -> Result<Option<Sequence>, LogError> {
        self.0.first_since(time).await
    }
}

/// Else a part of the log would be taken for all of it, with a good last line.
#[rstest]
#[case("/audit/events", true)]
#[case("/audit/events?follow=true", true)]
#[case("/audit/events?type=OrderPlaced", true)]
#[case("/audit/export", true)]
#[case("/audit/export?type=OrderPlaced", true)]
#[case("/audit/export?toPosition=6", true)]
#[case("/audit/export?toPosition=5", false)]
#[case("/audit/events?fromPosition=138", false)]
#[tokio::test]
async fn a_log_that_is_not_read_to_its_end_makes_no_whole_answer(
    #[case] asked: &str,
    #[case] is_cut_off: bool,
) {
    let (site, _folder, running) = signed().await;
    let records = Arc::new(Closed(site.log.clone()));
    let settings = hurried(Settings::signer(key()));
    let shutdown = CancellationToken::new();
    let routes = AuditRoutes::new(running.audit.clone(), records, &settings, shutdown);
    let request = Request::get(asked).body(Body::empty()).unwrap();
    let response = api(routes).open().oneshot(request).await.unwrap();
    let pieces: Vec<_> = response.into_body().into_data_stream().collect().await;
    assert_eq!(pieces.last().unwrap().is_err(), is_cut_off);
    running.stop().await;
}

/// While the log does not answer, as many bundles wait for it as there are places.
#[tokio::test]
async fn bundles_are_bounded_and_their_places_are_given_back() {
    let (site, _folder, running) = signed().await;
    let order = site.write(1).await[0];
    site.sign(&running).await;
    site.log.unavailable(true);
    let asked = format!("/audit/orders/{order}/proof");
    let mut asking: FuturesUnordered<_> = (0..5).map(|_| get(&running.routes, &asked)).collect();
    let refused = timeout(PATIENCE, asking.next()).await.unwrap().unwrap();
    assert_eq!(refused.problem(), "no-stream-free");
    site.log.unavailable(false);
    for _ in 0..4 {
        let made = timeout(PATIENCE, asking.next()).await.unwrap().unwrap();
        made.ok();
    }
    drop(asking);
    get(&running.routes, &asked).await.ok();
    running.stop().await;
}
