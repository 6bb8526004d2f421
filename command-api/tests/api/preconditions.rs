//! `If-Match`: a command on the version that its sender has seen.

use ordertrace_domain::testing::fixtures;
use rstest::rstest;

use crate::support::{Answer, Api, COFFEE};

async fn approve(api: &Api, if_match: &str) -> Answer {
    let id = api.requested().await;
    let call = api.call("POST", format!("/payments/{id}/approve"));
    call.header("If-Match", if_match).send().await
}

#[rstest]
#[case::the_version("\"2\"")]
#[case::any_version("*")]
#[tokio::test]
async fn a_command_on_the_version_that_was_seen_is_carried_out(#[case] if_match: &str) {
    assert_eq!(approve(&Api::new(), if_match).await.status, 200);
}

#[rstest]
#[case::older("\"1\"")]
#[case::newer("\"3\"")]
#[tokio::test]
async fn a_command_on_another_version_fails(#[case] if_match: &str) {
    let answer = approve(&Api::new(), if_match).await;
    answer.assert_problem(412, "precondition-failed");
    assert_eq!(answer.body["detail"], "the order is at version 2");
}

#[rstest]
#[case::bare("2")]
#[case::weak("W/\"2\"")]
#[case::several("\"1\", \"2\"")]
#[case::signed("\"+2\"")]
#[case::leading_zero("\"02\"")]
#[case::empty("")]
#[case::words("\"two\"")]
#[tokio::test]
async fn anything_but_one_etag_of_ours_is_refused(#[case] if_match: &str) {
    let answer = approve(&Api::new(), if_match).await;
    answer.assert_problem(400, "invalid-request");
}

#[tokio::test]
async fn two_of_the_header_are_refused() {
    let api = Api::new();
    let id = api.requested().await;
    let call = api.call("DELETE", format!("/orders/{id}"));
    let answer = call
        .header("If-Match", "\"2\"")
        .header("If-Match", "\"2\"")
        .send()
        .await;
    answer.assert_problem(400, "invalid-request");
}

#[tokio::test]
async fn an_etag_of_an_answer_is_taken_back() {
    let api = Api::new();
    let id = api.requested().await;
    let path = format!("/payments/{id}");
    let approved = api.call("POST", format!("{path}/approve")).send().await;
    let call = api.call("POST", format!("{path}/refund"));
    let answer = call.header("If-Match", approved.etag()).send().await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn a_repeat_is_answered_though_its_version_is_gone() {
    let api = Api::new();
    let id = api.requested().await;
    let approve = async || {
        let call = api.call("POST", format!("/payments/{id}/approve"));
        call.key("k-1").header("If-Match", "\"2\"").send().await
    };
    let first = approve().await;
    assert_eq!(first.status, 200);
    assert_eq!(approve().await, first);
}

#[tokio::test]
async fn a_new_order_has_no_version_to_match() {
    let call = Api::new()
        .httpie("POST", "/orders", &COFFEE)
        .header("If-Match", "*")
        .send()
        .await;
    call.assert_problem(400, "invalid-request");
}

#[tokio::test]
async fn a_missing_order_is_not_found_whatever_is_to_match() {
    let id = fixtures::order_id();
    let call = Api::new()
        .call("DELETE", format!("/orders/{id}"))
        .header("If-Match", "*")
        .send()
        .await;
    call.assert_problem(404, "not-found");
}
