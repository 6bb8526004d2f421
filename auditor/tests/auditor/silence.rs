//! A log that stops to answer: nobody waits for it for ever, and nobody takes a part of it for all of it.

use std::time::Duration;

use axum::{body::Body, http::Request, response::Response};
use futures::StreamExt;
use rstest::rstest;
use tokio::time::{Instant, timeout};
use tower::ServiceExt;

use crate::{
    http::get,
    site::{PATIENCE, Running, Site},
};

/// How long an answer may wait for a log that is gone: to ask it whether it is there, and for its answer.
const CUT_OFF_WITHIN: Duration = Duration::from_secs(15);

/// More than one piece of an answer has.
const ORDERS: usize = 20;

async fn ask(running: &Running, path: &str) -> Response {
    let request = Request::get(path).body(Body::empty()).unwrap();
    running.routes.clone().oneshot(request).await.unwrap()
}

#[rstest]
#[case("/audit/events")]
#[case("/audit/events?follow=true")]
#[case("/audit/events?customer=anonymous&fromPosition=3")]
#[case("/audit/export")]
#[case("/audit/export?type=OrderPlaced")]
#[tokio::test(start_paused = true)]
async fn an_answer_is_cut_off_when_the_log_is_gone(#[case] asked: &str) {
    let (site, _folder, running) = Site::with_signed(ORDERS).await;
    let mut pieces = ask(&running, asked).await.into_body().into_data_stream();
    pieces.next().await.unwrap().unwrap();
    site.log.unavailable(true);
    let began = Instant::now();
    let mut rest = Vec::new();
    while let Some(piece) = pieces.next().await {
        rest.push(piece.is_ok());
    }
    assert_eq!(rest.last(), Some(&false), "it ends as if it were whole");
    assert!(began.elapsed() < CUT_OFF_WITHIN, "{:?}", began.elapsed());
    running.stop().await;
}

#[rstest]
#[case("/audit/events")]
#[case("/audit/events?follow=true")]
#[case("/audit/export")]
#[case("/audit/export?toPosition=3")]
#[tokio::test(start_paused = true)]
async fn an_answer_does_not_begin_while_the_log_is_gone(#[case] asked: &str) {
    let (site, _folder, running) = Site::with_signed(ORDERS).await;
    site.log.unavailable(true);
    let refused = get(&running.routes, asked).await;
    assert_eq!(refused.problem(), "log-unavailable");
    assert!(refused.headers.contains_key("retry-after"));
    site.log.unavailable(false);
    let mut body = ask(&running, asked).await.into_body().into_data_stream();
    body.next().await.unwrap().unwrap();
    running.stop().await;
}

#[tokio::test(start_paused = true)]
async fn no_bundle_is_waited_for_while_the_log_is_gone() {
    let (site, _folder, running) = Site::with_signed(ORDERS).await;
    let order = site.write(1).await[0];
    site.sign(&running).await;
    site.log.unavailable(true);
    let asked = format!("/audit/orders/{order}/proof");
    let began = Instant::now();
    let refused = get(&running.routes, &asked).await;
    assert_eq!(refused.problem(), "log-unavailable");
    assert!(began.elapsed() < CUT_OFF_WITHIN, "{:?}", began.elapsed());
    site.log.unavailable(false);
    get(&running.routes, &asked).await.ok();
    running.stop().await;
}

/// In a log that answers, and to which nobody writes for an hour.
#[tokio::test(start_paused = true)]
async fn whoever_follows_waits_for_as_long_as_the_log_answers() {
    let (site, _folder, running) = Site::with_signed(ORDERS).await;
    let next = site.head().await.next();
    let asked = format!("/audit/events?follow=true&fromPosition={next}");
    let mut body = ask(&running, &asked).await.into_body().into_data_stream();
    let hour = Duration::from_secs(3_600);
    assert!(timeout(hour, body.next()).await.is_err(), "nothing came");
    site.write(1).await;
    timeout(PATIENCE, body.next())
        .await
        .unwrap()
        .unwrap()
        .unwrap();
    running.stop().await;
}

#[tokio::test]
async fn an_audit_that_does_not_reach_the_log_says_so_and_is_not_ready() {
    let (site, _folder, running) = Site::with_signed(ORDERS).await;
    running.until("ready", |status| status.is_ready()).await;
    let shown = get(&running.routes, "/audit/status").await.ok().json();
    assert_eq!(
        (&shown["isReady"], &shown["isLogReached"]),
        (&true.into(), &true.into())
    );
    site.log.unavailable(true);
    running
        .until("not ready", |status| !status.is_ready())
        .await;
    let shown = get(&running.routes, "/audit/status").await.ok().json();
    assert_eq!(
        (&shown["isReady"], &shown["isLogReached"]),
        (&false.into(), &false.into())
    );
    site.log.unavailable(false);
    running.until("ready", |status| status.is_ready()).await;
    running.stop().await;
}
