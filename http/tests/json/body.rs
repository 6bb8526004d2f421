//! How a body comes in.

use std::time::Duration;

use axum::{
    body::{Body, Bytes},
    extract::{FromRequest, Request},
    http::header,
};
use futures::stream;
use ordertrace_http::{BODY_BYTES_MAX, BodyLimits, JsonBody};

use crate::probe::{Probe, refused, shown};

fn request(body: Body) -> Request {
    Request::post("/")
        .header(header::CONTENT_TYPE, "application/json")
        .body(body)
        .expect("a request")
}

/// A well-formed body of this many bytes.
fn padded(bytes: usize) -> String {
    let body = "{\"number\": 1}";
    format!("{body}{}", " ".repeat(bytes - body.len()))
}

#[tokio::test]
async fn a_body_has_at_most_64_kib() {
    let fits = request(Body::from(padded(BODY_BYTES_MAX)));
    assert!(JsonBody::<Probe>::from_request(fits, &()).await.is_ok());
    let exceeds = request(Body::from(padded(BODY_BYTES_MAX + 1)));
    let problem = shown(refused(JsonBody::<Probe>::from_request(exceeds, &()).await)).await;
    assert_eq!(problem["status"], 413);
    assert_eq!(problem["detail"], "a body has at most 65536 bytes");
}

#[tokio::test(start_paused = true)]
async fn whoever_serves_may_set_other_limits() {
    let limited = |body| {
        let mut request = request(body);
        request.extensions_mut().insert(BodyLimits {
            bytes_max: 100,
            arrives_max: Duration::from_millis(1_500),
        });
        request
    };
    let fits = limited(Body::from(padded(100)));
    assert!(JsonBody::<Probe>::from_request(fits, &()).await.is_ok());
    let exceeds = limited(Body::from(padded(101)));
    let problem = shown(refused(JsonBody::<Probe>::from_request(exceeds, &()).await)).await;
    assert_eq!(problem["detail"], "a body has at most 100 bytes");
    let silent = stream::pending::<Result<Bytes, std::io::Error>>();
    let slow = limited(Body::from_stream(silent));
    let problem = shown(refused(JsonBody::<Probe>::from_request(slow, &()).await)).await;
    assert_eq!(problem["detail"], "a body arrives within 1.5s");
}

#[tokio::test]
async fn chunks_without_end_are_cut_off() {
    let chunks = stream::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from_static(b"    ")));
    let request = request(Body::from_stream(chunks));
    let problem = shown(refused(JsonBody::<Probe>::from_request(request, &()).await)).await;
    assert_eq!(problem["type"], "urn:ordertrace:problem:too-large");
}

#[tokio::test(start_paused = true)]
async fn a_body_that_never_ends_is_waited_for_no_longer_than_10_s() {
    let request = request(Body::from_stream(stream::pending::<
        Result<Bytes, std::io::Error>,
    >()));
    let problem = shown(refused(JsonBody::<Probe>::from_request(request, &()).await)).await;
    assert_eq!(problem["status"], 408);
    assert_eq!(problem["type"], "urn:ordertrace:problem:timeout");
}

#[tokio::test]
async fn a_body_that_breaks_off_is_no_server_error() {
    let broken = stream::iter([Err::<Bytes, _>(std::io::Error::other("connection reset"))]);
    let request = request(Body::from_stream(broken));
    let problem = shown(refused(JsonBody::<Probe>::from_request(request, &()).await)).await;
    assert_eq!(problem["type"], "urn:ordertrace:problem:invalid-request");
    assert_eq!(problem["detail"], "the body broke off before its end");
}

#[tokio::test]
async fn an_optional_body_may_be_empty_but_not_anything() {
    let extract = async |body: &'static str| {
        let request = request(Body::from(body));
        Option::<JsonBody<Probe>>::from_request(request, &()).await
    };
    assert_eq!(extract("").await.expect("it is taken"), None);
    assert!(
        extract(r#"{"number": 1}"#)
            .await
            .expect("it is taken")
            .is_some()
    );
    assert_eq!(shown(refused(extract("{").await)).await["status"], 400);
}
