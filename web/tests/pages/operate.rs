//! What operators do from their page.

use axum::http::StatusCode;
use rstest::rstest;
use serde_json::json;

use crate::{operations::calm, peer::Peer, story::ID};

/// An API that carries out this call.
fn obliging(call: &str) -> Peer {
    let peer = calm();
    peer.with(call, StatusCode::ACCEPTED, &[], &json!({}));
    peer
}

#[rstest]
#[case(
    "compare",
    r#"{"dryRun":true,"switchDespiteDifferences":false}"#,
    "comparing"
)]
#[case(
    "rebuild",
    r#"{"dryRun":false,"switchDespiteDifferences":false}"#,
    "rebuilding"
)]
#[case(
    "switch",
    r#"{"dryRun":false,"switchDespiteDifferences":true}"#,
    "rebuilding"
)]
#[tokio::test]
async fn a_rebuild_is_asked_for_as_it_is_meant(
    #[case] mode: &str,
    #[case] body: &str,
    #[case] done: &str,
) {
    let peer = obliging("POST /ops/rebuild");
    let answer = peer.post("/ui/ops/rebuild", &format!("mode={mode}")).await;
    assert_eq!(
        answer.header("location"),
        format!("/ui/ops?done={done}#rebuild")
    );
    assert_eq!(peer.call("POST /ops/rebuild").body, body);
}

#[tokio::test]
async fn a_rebuild_in_no_known_way_is_none() {
    let peer = obliging("POST /ops/rebuild");
    assert_eq!(
        peer.post("/ui/ops/rebuild", "mode=explode").await.status,
        404
    );
    assert!(peer.calls().is_empty());
}

#[tokio::test]
async fn a_stuck_order_is_resumed() {
    let call = format!("POST /ops/stuck/{ID}/resume");
    let peer = obliging(&call);
    let answer = peer.post(&format!("/ui/ops/stuck/{ID}/resume"), "").await;
    assert_eq!(answer.header("location"), "/ui/ops?done=resumed#stuck");
    assert_eq!(peer.call(&call).body, "");
}

#[tokio::test]
async fn a_parked_message_is_retried() {
    let peer = obliging("POST /ops/dlq/saga.42/retry");
    let answer = peer.post("/ui/ops/dlq/saga.42/retry", "").await;
    assert_eq!(answer.header("location"), "/ui/ops?done=retried#letters");
}

#[tokio::test]
async fn a_parked_message_is_discarded_with_a_reason() {
    let peer = obliging("POST /ops/dlq/saga.42/discard");
    peer.post("/ui/ops/dlq/saga.42/discard", "reason=a+load+test")
        .await;
    assert_eq!(
        peer.call("POST /ops/dlq/saga.42/discard").body,
        r#"{"reason":"a load test"}"#
    );
}

#[rstest]
#[case("..%2f..")]
#[case("saga.42%2fretry")]
#[case("saga")]
#[tokio::test]
async fn what_names_no_message_is_not_asked_for(#[case] id: &str) {
    let peer = calm();
    assert_eq!(
        peer.post(&format!("/ui/ops/dlq/{id}/retry"), "")
            .await
            .status,
        404
    );
    assert!(peer.calls().is_empty());
}

#[tokio::test]
async fn a_refusal_is_told_on_the_page_in_the_words_of_the_api() {
    let peer = calm();
    let detail = "a rebuild is under way";
    peer.refuses("POST /ops/rebuild", 409, "rebuild-under-way", detail);
    let answer = peer.post("/ui/ops/rebuild", "mode=compare").await;
    assert_eq!(answer.status, 409);
    answer
        .has("Nothing was compared")
        .has(detail)
        .has("Every order goes on by itself.");
    assert_eq!(answer.header("hx-push-url"), "/ui/ops");
}

#[tokio::test]
async fn what_was_done_is_said_in_our_own_words_only() {
    let page = calm().get("/ui/ops?done=%3Cb%3Ehacked").await;
    page.has_no("hacked").has_no("banner-done");
    calm()
        .get("/ui/ops?done=retried")
        .await
        .has("The retry is on record");
}
