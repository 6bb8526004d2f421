//! `/ops/views` and `/ops/rebuild`, as an operator's tools ask them.

use std::sync::Arc;

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, StatusCode},
};
use ordertrace_projections::{ViewStore, view_routes};
use rstest::rstest;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::{
    feed::{Feed, order_id},
    folder::Folder,
    http::{get, send},
    rebuild_scene::{Rebuilding, a_small_feed, with_an_old_row},
    scene::Running,
};

fn routes(store: &ViewStore, feed: &Feed, rebuilding: &Rebuilding) -> Router {
    let feed = Arc::new(feed.clone());
    view_routes(store.clone(), feed, rebuilding.rebuilds.clone())
}

async fn post(routes: &Router, body: &'static str) -> (StatusCode, Value) {
    let request = Request::post("/ops/rebuild").header("content-type", "application/json");
    let request = request.body(Body::from(body)).unwrap();
    let answer = routes.clone().oneshot(request).await.unwrap();
    let status = answer.status();
    let bytes = to_bytes(answer.into_body(), 1 << 20).await.unwrap();
    (status, serde_json::from_slice(&bytes).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_view_is_shown_with_how_far_it_is_behind() {
    let feed = a_small_feed();
    let (_folder, store) = Folder::with(&feed);
    let position = feed.head_now().to_string();
    feed.write_stray();
    let rebuilding = Rebuilding::of(&store, &feed);
    let shown = get(&routes(&store, &feed, &rebuilding), "/ops/views")
        .await
        .ok();
    let expected = json!({
        "position": position,
        "head": feed.head_now().to_string(),
        "behind": 1,
        "isReady": true,
        "halted": null,
        "orders": 2,
        "quarantined": 0,
        "strays": 0,
        "revision": store.revision(),
        "digest": store.digest().1.to_string(),
    });
    assert_eq!(shown["views"], expected);
    assert_eq!(shown["rebuild"], Value::Null);
    assert_eq!(shown["_links"]["rebuild"]["href"], "/ops/rebuild");
    rebuilding.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_that_has_stopped_and_a_log_out_of_reach_are_shown_as_such() {
    let feed = a_small_feed();
    let (_folder, store) = Folder::with(&feed);
    let running = Running::start(&feed, &store);
    feed.log.recreate();
    running.ended().await.unwrap_err();
    let rebuilding = Rebuilding::of(&store, &feed);
    let routes = routes(&store, &feed, &rebuilding);
    let views = &get(&routes, "/ops/views").await.ok()["views"];
    assert_eq!(
        (&views["head"], &views["behind"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(views["isReady"], false);
    assert!(
        views["halted"].as_str().unwrap().contains("re-created"),
        "{views}"
    );
    let (status, problem) = post(&routes, "{}").await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(problem["type"], "urn:ordertrace:problem:view-behind");
    rebuilding.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_is_begun_shown_and_told_to_the_end() {
    let feed = a_small_feed();
    let folder = with_an_old_row(&feed, 1);
    let store = folder.open(feed.head_now());
    let rebuilding = Rebuilding::of(&store, &feed);
    let routes = routes(&store, &feed, &rebuilding);
    let none = get(&routes, "/ops/rebuild").await.ok();
    assert_eq!(
        none,
        json!({"state": "none", "_links": {"self": {"href": "/ops/rebuild"}}})
    );

    let (status, begun) = post(&routes, r#"{"dryRun": false}"#).await;
    assert_eq!(status, StatusCode::ACCEPTED);
    assert_eq!(
        (&begun["state"], &begun["dryRun"]),
        (&json!("reading"), &json!(false))
    );
    assert_eq!(begun["target"], feed.head_now().to_string());
    rebuilding.ended().await;
    let ended = get(&routes, "/ops/rebuild").await.ok();
    assert_eq!(ended["state"], "kept", "{ended}");
    assert_eq!(ended["eventsDone"], ended["eventsTotal"]);
    let comparison = &ended["comparison"];
    assert_eq!(comparison["isEqual"], false);
    assert_eq!(
        comparison["differences"][0]["orderId"],
        order_id(1).to_string()
    );
    assert_eq!(comparison["live"]["orders"], 2);
    assert_eq!(get(&routes, "/ops/views").await.ok()["rebuild"], ended);

    let (status, _) = post(&routes, r#"{"switchDespiteDifferences": true}"#).await;
    assert_eq!(status, StatusCode::ACCEPTED);
    rebuilding.ended().await;
    let ended = get(&routes, "/ops/rebuild").await.ok();
    assert_eq!(ended["state"], "switched", "{ended}");
    rebuilding.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_rebuild_is_refused_while_one_is_under_way() {
    let feed = a_small_feed();
    let (_folder, store) = Folder::with(&feed);
    let rebuilding = Rebuilding::of(&store, &Feed::new());
    let routes = routes(&store, &feed, &rebuilding);
    assert_eq!(post(&routes, "").await.0, StatusCode::ACCEPTED);
    let (status, problem) = post(&routes, "{}").await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert_eq!(problem["type"], "urn:ordertrace:problem:rebuild-under-way");
    rebuilding.stop().await;
}

#[rstest]
#[case::an_unknown_field(r#"{"force": true}"#, "validation")]
#[case::no_truth(r#"{"dryRun": "yes", "switchDespiteDifferences": 1}"#, "validation")]
#[case::no_json("{", "malformed-json")]
#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_not_understood_begins_nothing(
    #[case] body: &'static str,
    #[case] problem: &str,
) {
    let feed = a_small_feed();
    let (_folder, store) = Folder::with(&feed);
    let rebuilding = Rebuilding::of(&store, &feed);
    let routes = routes(&store, &feed, &rebuilding);
    let (_, answer) = post(&routes, body).await;
    assert_eq!(answer["type"], format!("urn:ordertrace:problem:{problem}"));
    assert_eq!(rebuilding.rebuilds.last(), None);
    for path in ["/ops/views?a=b", "/ops/rebuild?a=b"] {
        assert_eq!(get(&routes, path).await.problem(), "invalid-request");
    }
    let picky = Request::get("/ops/views").header("accept", "text/html");
    assert_eq!(send(&routes, picky).await.problem(), "not-acceptable");
    rebuilding.stop().await;
}
