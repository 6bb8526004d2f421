//! `GET /ops/consumers`.

use axum::http::StatusCode;
use ordertrace_domain::{
    Shard,
    testing::fixtures::{self, histories},
};

use crate::desk::Desk;

#[tokio::test]
async fn every_consumer_tells_how_much_waits() {
    let desk = Desk::new();
    let id = desk.order(histories::placed(fixtures::cash())).await;
    let answer = desk.get("/ops/consumers").await;
    assert_eq!(answer.status, StatusCode::OK);
    let consumers = answer.body["consumers"].as_array().unwrap();
    assert_eq!(consumers.len(), 32);
    let shard = Shard::of(id).number();
    for (index, consumer) in consumers.iter().enumerate() {
        let kind = if index < 16 { "events" } else { "timers" };
        assert_eq!(consumer["kind"], kind);
        assert_eq!(consumer["shard"], index % 16);
        assert_eq!(consumer["inHand"], 0);
        assert_eq!(consumer["isActive"], false);
        let waits = kind == "events" && consumer["shard"] == shard;
        assert_eq!(consumer["waiting"], u64::from(waits), "{consumer}");
    }
}

#[tokio::test]
async fn a_log_that_does_not_answer_is_said() {
    let desk = Desk::new();
    desk.log.unavailable(true);
    let answer = desk.get("/ops/consumers").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
}
