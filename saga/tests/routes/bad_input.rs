//! What is refused before anything is looked at.

use axum::{body::Body, http::Request};
use ordertrace_domain::testing::fixtures::{self, histories};
use rstest::rstest;

use crate::desk::Desk;

#[rstest]
#[case::an_unknown_parameter("/ops/dlq?colour=red", "invalid-request")]
#[case::a_repeated_parameter("/ops/dlq?limit=1&limit=1", "invalid-request")]
#[case::a_query_that_is_none("/ops/dlq?limit=%ff", "invalid-request")]
#[case::limit_zero("/ops/dlq?limit=0", "invalid-request")]
#[case::limit_above_the_most("/ops/dlq?limit=201", "invalid-request")]
#[case::limit_in_another_spelling("/ops/dlq?limit=%2B1", "invalid-request")]
#[case::a_status_that_is_none("/ops/dlq?status=lost", "invalid-request")]
#[case::a_cursor_that_is_none("/ops/dlq?cursor=00", "invalid-request")]
#[case::a_cursor_of_another_log("/ops/dlq?cursor=1-1", "invalid-request")]
#[case::a_message_without_a_name("/ops/dlq/17", "invalid-id")]
#[case::a_wildcard_for_a_name("/ops/dlq/*.17", "invalid-id")]
#[case::a_name_that_is_no_utf8("/ops/dlq/%ff", "invalid-id")]
#[case::an_order_id_that_is_none("/ops/stuck/17", "invalid-id")]
#[case::an_order_id_in_capitals("/ops/stuck/01890A5D-AC96-774B-BCCE-B302099A8057", "invalid-id")]
#[case::a_message_that_is_not_there("/ops/dlq/saga.17", "not-found")]
#[case::an_order_that_is_not_there("/ops/stuck/01890a5d-ac96-774b-bcce-b302099a8057", "not-found")]
#[tokio::test]
async fn what_can_not_be_answered_is_a_problem(#[case] path: &str, #[case] problem: &str) {
    let status = if problem == "not-found" { 404 } else { 400 };
    Desk::new().get(path).await.assert_problem(status, problem);
}

#[rstest]
#[case("/ops/dlq/saga.17/retry")]
#[case("/ops/stuck/01890a5d-ac96-774b-bcce-b302099a8057/resume")]
#[tokio::test]
async fn what_is_not_there_can_not_be_acted_on(#[case] path: &str) {
    Desk::new()
        .post(path)
        .await
        .assert_problem(404, "not-found");
}

#[tokio::test]
async fn a_client_that_takes_no_json_is_refused_before_anything_is_done() {
    let desk = Desk::new();
    let order = desk.order(histories::placed(fixtures::cash())).await;
    desk.park(1, Some(order)).await;
    for path in [
        "/ops/dlq/saga.1/retry".to_owned(),
        "/ops/dlq/saga.1/discard".to_owned(),
        format!("/ops/stuck/{order}/resume"),
    ] {
        let request = Request::post(path).header("accept", "text/html");
        let answer = desk.send(request, Body::empty()).await;
        answer.assert_problem(406, "not-acceptable");
    }
    assert_eq!(desk.meddled.woken(), []);
    assert_eq!(desk.get("/ops/dlq/saga.1").await.ok()["status"], "waiting");
}

#[tokio::test]
async fn a_decision_is_never_made_by_a_get() {
    let desk = Desk::new();
    desk.park(1, None).await;
    for path in ["/ops/dlq/saga.1/retry", "/ops/dlq/saga.1/discard"] {
        let answer = desk.get(path).await;
        answer.assert_problem(405, "method-not-allowed");
    }
}
