//! `/ui/ops`: what is shown to operators.

use serde_json::{Value, json};

use crate::{
    peer::{Page, Peer},
    story::ID,
};

fn views() -> Value {
    json!({ "views": {
        "position": "a-1204", "head": "a-1210", "behind": 6, "isReady": true, "halted": null, "orders": 12043,
        "quarantined": 1, "strays": 0, "revision": 5, "digest": "3f2a".repeat(16),
    }, "rebuild": null })
}

fn side(digest: &str) -> Value {
    json!({ "revision": 5, "orders": 3, "entries": 9, "digest": digest.repeat(64) })
}

/// A rebuild in this state, whose comparison found as many differences.
pub(crate) fn rebuild(state: &str, differences: u64) -> Value {
    let difference =
        json!({ "key": "row", "orderId": ID, "live": "{\"version\":7}", "rebuilt": null });
    let comparison = json!({
        "position": "a-1204", "live": side("3"), "rebuilt": side("7"), "isEqual": differences == 0,
        "differencesFound": differences, "differences": if differences == 0 { vec![] } else { vec![difference] },
    });
    json!({
        "state": state, "dryRun": false, "reason": "asked_for", "startedAt": "2026-11-23T12:00:00Z", "endedAt": null,
        "position": "a-44", "target": "a-1204", "eventsDone": 250, "eventsTotal": 1000, "eventsPerSecond": 90000.0,
        "etaSeconds": 75, "comparison": comparison, "failure": null,
    })
}

/// An API of a process that has everything, and nothing to worry about.
pub(crate) fn calm() -> Peer {
    let peer = Peer::default();
    let provider = json!({
        "breaker": "closed", "breakerForMs": 61_000, "openedTotal": 0, "lastFailure": null, "callsInFlight": 0,
        "callsAtOnceMax": 32,
    });
    let consumer = json!({ "name": "saga-00", "kind": "events", "shard": 0, "waiting": 0, "inHand": 0, "isActive": true });
    peer.answers("GET /ops/views", &views())
        .answers(
            "GET /ops/rebuild",
            &json!({ "state": "none", "_links": {} }),
        )
        .answers("GET /ops/consumers", &json!({ "consumers": [consumer] }))
        .answers("GET /ops/provider", &provider)
        .answers(
            "GET /ops/stuck",
            &json!({ "_embedded": { "stuckOrders": [] }, "_links": {} }),
        )
        .answers(
            "GET /ops/dlq",
            &json!({ "_embedded": { "deadLetters": [] }, "_links": {} }),
        );
    peer
}

async fn ops(peer: &Peer) -> Page {
    let page = peer.get("/ui/ops").await;
    assert_eq!(page.status, 200);
    page
}

#[tokio::test]
async fn a_calm_process_says_so() {
    ops(&calm())
        .await
        .has("Every order goes on by itself.")
        .has("Every message was handled.")
        .has("The circuit breaker lets every call through.")
        .has("No rebuild since the start of this process.")
        .has("12,043")
        .has("3f2a3f2a3f2a…");
}

#[tokio::test]
async fn a_section_that_can_not_be_had_takes_no_other_with_it() {
    let peer = calm();
    peer.refuses(
        "GET /ops/dlq",
        503,
        "log-unavailable",
        "the log is out of reach",
    );
    ops(&peer)
        .await
        .has("the log is out of reach")
        .has("Every order goes on by itself.");
}

#[tokio::test]
async fn what_another_role_serves_is_said_to_be_elsewhere() {
    ops(&Peer::default())
        .await
        .has("This is not served at this address.");
}

#[tokio::test]
async fn a_rebuild_under_way_shows_how_far_it_is_and_offers_no_other() {
    let peer = calm();
    peer.answers("GET /ops/rebuild", &rebuild("reading", 0));
    ops(&peer)
        .await
        .has("<progress max=\"1000\" value=\"250\"")
        .has("250 of 1,000 events · 90000 a second · about 1 min 15 s left")
        .has_no("action=\"/ui/ops/rebuild\"");
}

#[tokio::test]
async fn a_view_that_differs_can_be_switched_to_only_when_it_was_kept_back() {
    let peer = calm();
    peer.answers("GET /ops/rebuild", &rebuild("compared", 3));
    ops(&peer)
        .await
        .has("3 differences")
        .has_no("Switch despite differences");
    peer.answers("GET /ops/rebuild", &rebuild("kept", 3));
    ops(&peer)
        .await
        .has("Switch despite differences")
        .has("{&#34;version&#34;:7}")
        .has("not there");
}

#[tokio::test]
async fn an_open_breaker_says_what_it_means() {
    let peer = calm();
    let provider = json!({
        "breaker": "open", "breakerForMs": 3200, "openedTotal": 2, "lastFailure": "no answer in time",
        "callsInFlight": 3, "callsAtOnceMax": 32,
    });
    peer.answers("GET /ops/provider", &provider);
    ops(&peer)
        .await
        .has("Orders by card wait by a timer")
        .has("no answer in time")
        .has("3 of 32");
}

#[tokio::test]
async fn a_consumer_that_nobody_takes_is_seen() {
    let peer = calm();
    let idle = json!({ "name": "saga-05", "kind": "events", "shard": 5, "waiting": 1200, "inHand": 0, "isActive": false });
    peer.answers("GET /ops/consumers", &json!({ "consumers": [idle] }));
    ops(&peer)
        .await
        .has("Not all taken")
        .has("nobody")
        .has("1,200");
}

#[tokio::test]
async fn consumers_with_nothing_to_do_are_folded_away() {
    ops(&calm())
        .await
        .has("<summary>1 consumer with nothing to do</summary>");
}

#[tokio::test]
async fn a_stuck_order_that_can_not_be_looked_up_has_advice_all_the_same() {
    let peer = calm();
    let order = json!({ "orderId": ID, "reason": "quarantined" });
    let listed = json!({ "_embedded": { "stuckOrders": [order] }, "_links": {} });
    peer.answers("GET /ops/stuck", &listed);
    ops(&peer)
        .await
        .has("Find out who wrote the event")
        .has_no("/resume");
}

#[tokio::test]
async fn a_stuck_order_is_shown_with_its_advice_and_can_be_resumed() {
    let peer = calm();
    let order = json!({
        "orderId": ID, "reason": "idle", "state": "placed", "idleSeconds": 7_400,
    });
    let listed = json!({ "_embedded": { "stuckOrders": [order] }, "_links": { "next": {} } });
    let case = json!({ "advice": "Does a saga process run?" });
    peer.answers("GET /ops/stuck", &listed)
        .answers(format!("GET /ops/stuck/{ID}"), &case);
    ops(&peer)
        .await
        .has("Nothing has happened for too long")
        .has("at rest for 2 h 3 min")
        .has("Does a saga process run?")
        .has(&format!("action=\"/ui/ops/stuck/{ID}/resume\""))
        .has("There are more.");
}

#[tokio::test]
async fn a_script_gets_a_section_alone_and_anybody_else_the_page() {
    let peer = calm();
    let part = peer.get_part("/ui/ops/views").await;
    part.has("12,043").has_no("<html");
    let whole = peer.get("/ui/ops/views").await;
    assert_eq!(
        (whole.status.as_u16(), whole.header("location")),
        (303, "/ui/ops#views")
    );
    assert_eq!(peer.get_part("/ui/ops/nothing").await.status, 404);
}

#[tokio::test]
async fn words_of_others_can_not_be_html() {
    let peer = calm();
    let letter = json!({
        "id": "saga.42", "consumer": "saga", "reason": "<img src=x onerror=alert(1)>", "attempts": 3,
        "parkedAt": "2026-11-23T12:00:00Z",
    });
    peer.answers(
        "GET /ops/dlq",
        &json!({ "_embedded": { "deadLetters": [letter] }, "_links": {} }),
    );
    ops(&peer).await.has_no("<img").has("&#60;img src=x");
}
