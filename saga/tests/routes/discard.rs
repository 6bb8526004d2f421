//! Putting on record that a parked message is not to be handled any more.

use ordertrace_domain::{Verdict, testing::fixtures::reason};
use rstest::rstest;
use serde_json::{Value, json};

use crate::{desk::Desk, meddled::Meddling};

const PATH: &str = "/ops/dlq/saga.7/discard";

async fn parked() -> Desk {
    let desk = Desk::new();
    desk.park(7, None).await;
    desk
}

#[tokio::test]
async fn a_discarded_message_stays_on_record_with_the_reason() {
    let desk = parked().await;
    let letter = desk
        .post_json(PATH, &json!({ "reason": "a forgery" }))
        .await;
    let letter = letter.ok();
    assert_eq!(letter["status"], "discarded");
    assert_eq!(letter["discardReason"], "a forgery");
    assert_eq!(letter["settledBy"], "anonymous");
    assert_eq!(desk.get("/ops/dlq/saga.7").await.ok(), letter);
    assert_eq!(desk.meddled.woken(), [], "nobody is to do anything");
}

#[tokio::test]
async fn the_same_discard_again_has_the_same_answer() {
    let desk = parked().await;
    let body = json!({ "reason": "a forgery" });
    let first = desk.post_json(PATH, &body).await;
    desk.later(std::time::Duration::from_secs(60));
    assert_eq!(desk.post_json(PATH, &body).await, first);
}

#[tokio::test]
async fn a_discard_for_another_reason_is_refused() {
    let desk = parked().await;
    let body = json!({ "reason": "a forgery" });
    let first = desk.post_json(PATH, &body).await.ok();
    let second = desk.post_json(PATH, &json!({ "reason": "a test" })).await;
    second.assert_problem(409, "illegal-transition");
    assert_eq!(second.body["code"], "LetterAlreadyDiscarded");
    assert_eq!(desk.get("/ops/dlq/saga.7").await.ok(), first);
}

#[rstest]
#[case(json!({}), "/reason")]
#[case(json!({ "reason": null }), "/reason")]
#[case(json!({ "reason": "" }), "/reason")]
#[case(json!({ "reason": " padded " }), "/reason")]
#[case(json!({ "reason": "x".repeat(201) }), "/reason")]
#[case(json!({ "reason": 7 }), "/reason")]
#[case(json!({ "reason": "a test", "by": "me" }), "/by")]
#[tokio::test]
async fn a_discard_wants_a_reason_and_nothing_else(#[case] body: Value, #[case] pointer: &str) {
    let desk = parked().await;
    let answer = desk.post_json(PATH, &body).await;
    answer.assert_problem(422, "validation");
    assert_eq!(answer.body["errors"][0]["pointer"], pointer);
    assert_eq!(desk.get("/ops/dlq/saga.7").await.ok()["status"], "waiting");
}

#[tokio::test]
async fn a_discard_without_a_body_is_refused() {
    let desk = parked().await;
    desk.post(PATH)
        .await
        .assert_problem(415, "unsupported-media-type");
}

#[tokio::test]
async fn of_two_operators_at_once_the_later_one_is_told_of_the_other() {
    let desk = parked().await;
    let reason = reason("no use");
    desk.meddled
        .meddle(Meddling::Settle(Verdict::Discarded { reason }));
    let answer = desk
        .post_json(PATH, &json!({ "reason": "a forgery" }))
        .await;
    answer.assert_problem(409, "illegal-transition");
    let letter = desk.get("/ops/dlq/saga.7").await.ok();
    assert_eq!(letter["discardReason"], "no use");
    assert_eq!(letter["settledBy"], "somebody else");
}
