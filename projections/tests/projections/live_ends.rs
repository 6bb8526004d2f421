//! Live streams: who gets one, and how they end.

use axum::http::Request;
use ordertrace_domain::testing::fixtures::{cash, histories};
use ordertrace_http::LoginEnd;
use rstest::rstest;
use serde_json::json;
use tokio::sync::oneshot;

use crate::{
    feed::{Feed, Tip, order_id},
    folder::Folder,
    http::{get, send},
    live::at,
    live_stream::Site,
};

/// As documented.
const STREAMS_PER_CLIENT_MAX: usize = 32;

#[rstest]
#[case::garbage("/orderTraces/stream", &[("last-event-id", "1")], 400, "invalid-request")]
#[case::nothing("/orderTraces/stream", &[("last-event-id", "")], 400, "invalid-request")]
#[case::another_log("/orderTraces/stream", &[("last-event-id", "18c0a3f2b1e40001-1")], 400, "invalid-request")]
#[case::header_twice("/orderTraces/stream", &[("last-event-id", "18c0a3f2b1e40000-1"), ("last-event-id", "18c0a3f2b1e40000-1")], 400, "invalid-request")]
#[case::garbage_in_the_query("/orderTraces/stream?lastEventId=x", &[], 400, "invalid-request")]
#[case::garbage_behind_a_header("/orderTraces/stream?lastEventId=x", &[("last-event-id", "18c0a3f2b1e40000-1")], 400, "invalid-request")]
#[case::future("/orderTraces/stream", &[("last-event-id", "18c0a3f2b1e40000-3")], 503, "view-behind")]
#[case::future_after("/orderTraces/stream?after=18c0a3f2b1e40000-3", &[], 503, "view-behind")]
#[case::no_such_word("/orderTraces/stream?state=PLACED", &[], 400, "invalid-request")]
#[case::a_stream_has_no_order("/orderTraces/stream?sort=placedAt,asc", &[], 400, "invalid-request")]
#[case::an_order_has_no_filter("/orderTraces/{0}/stream?state=placed", &[], 400, "invalid-request")]
#[case::no_id("/orderTraces/1/stream", &[], 400, "invalid-id")]
#[case::no_such_order("/orderTraces/{9}/stream", &[], 404, "not-found")]
#[case::unreadable_order("/orderTraces/{1}/stream", &[], 500, "order-unreadable")]
#[case::json_wanted("/orderTraces/stream", &[("accept", "application/json")], 406, "not-acceptable")]
#[tokio::test]
async fn a_stream_that_can_not_be_is_refused(
    #[case] path: &str,
    #[case] headers: &[(&str, &str)],
    #[case] status: u16,
    #[case] kind: &str,
) {
    let feed = Feed::of([histories::placed(cash())]);
    feed.write(1, b"no envelope");
    let (_folder, store) = Folder::with(&feed);
    let path = [0, 1, 9].into_iter().fold(path.to_owned(), |path, number| {
        path.replace(&format!("{{{number}}}"), &order_id(number).to_string())
    });
    let mut request = Request::get(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = send(&Site::of(&store, &feed).routes, request).await;
    assert_eq!((answer.status.as_u16(), answer.problem()), (status, kind));
    assert_eq!(answer.header("ordertrace-position"), at(2));
    assert_eq!(answer.header("retry-after").is_empty(), status != 503);
}

#[tokio::test]
async fn a_client_has_so_many_streams_and_one_that_ends_makes_room() {
    let feed = Feed::new();
    let (_folder, store) = Folder::with(&feed);
    let site = Site::of(&store, &feed);
    let mut held = Vec::new();
    for _ in 0..STREAMS_PER_CLIENT_MAX {
        held.push(site.open("/orderTraces/stream").await);
    }
    let refused = get(&site.routes, "/orderTraces/stream").await;
    assert_eq!(
        (refused.status.as_u16(), refused.problem()),
        (429, "too-many-streams")
    );
    assert_eq!(refused.header("retry-after"), "1");
    held.pop();
    held.push(site.open("/orderTraces/stream").await);
    // A stream that was refused for another reason takes no place.
    held.pop();
    for _ in 0..2 {
        let refused = get(&site.routes, "/orderTraces/stream?lastEventId=x").await;
        assert_eq!(refused.problem(), "invalid-request");
        let refused = get(
            &site.routes,
            &format!("/orderTraces/stream?lastEventId={}", at(9)),
        )
        .await;
        assert_eq!(refused.problem(), "view-behind");
    }
    site.open("/orderTraces/stream").await;
}

#[tokio::test]
async fn a_stop_closes_every_stream_with_the_last_id() {
    let feed = Feed::of([histories::placed(cash())]);
    let (_folder, store) = Folder::with(&feed);
    let site = Site::of(&store, &feed);
    let mut stream = site.open("/orderTraces/stream?paymentType=card").await;
    stream.next().await.unwrap();
    feed.write_all(1, Tip::NONE, histories::placed(cash()));
    store.commit(&feed.items()).unwrap();
    site.shutdown.cancel();
    let closing = stream.next().await.unwrap();
    assert_eq!((closing.at, closing.name.as_str()), (2, "closing"));
    assert_eq!(closing.data, json!({"reason": "shutdown"}));
    assert_eq!(stream.next().await, None);
}

#[rstest]
#[case::expired(LoginEnd::Expired, "login_expired")]
#[case::revoked(LoginEnd::Revoked, "login_revoked")]
#[case::unverifiable(LoginEnd::Unverifiable, "login_unverifiable")]
#[tokio::test]
async fn a_stream_ends_with_the_login_it_was_asked_for_by_and_tells_nothing_more(
    #[case] end: LoginEnd,
    #[case] reason: &str,
) {
    let feed = Feed::of([histories::placed(cash())]);
    let (_folder, store) = Folder::with(&feed);
    let (ends, ended) = oneshot::channel();
    let site = Site::of(&store, &feed).until(async { ended.await.unwrap() });
    let mut stream = site.open("/orderTraces/stream").await;
    stream.next().await.unwrap();
    ends.send(end).unwrap();
    feed.write_all(1, Tip::NONE, histories::placed(cash()));
    store.commit(&feed.items()).unwrap();
    let closing = stream.next().await.unwrap();
    assert_eq!((closing.at, closing.name.as_str()), (1, "closing"));
    assert_eq!(closing.data, json!({"reason": reason}));
    assert_eq!(stream.next().await, None);
}

#[tokio::test]
async fn who_is_not_known_any_more_is_not_told_the_rest_of_what_they_missed() {
    let feed = Feed::of((0..3).map(|_| histories::placed(cash())));
    let (_folder, store) = Folder::with(&feed);
    let (ends, ended) = oneshot::channel();
    let site = Site::of(&store, &feed).until(async { ended.await.unwrap() });
    let mut stream = site.resume("/orderTraces/stream", &at(0)).await;
    assert_eq!(stream.next().await.unwrap().name, "position");
    assert_eq!(stream.next().await.unwrap().name, "trace");
    ends.send(LoginEnd::Expired).unwrap();
    let closing = stream.next().await.unwrap();
    // It is not further than what was told: whoever logs in again misses nothing.
    assert_eq!((closing.at, closing.name.as_str()), (1, "closing"));
    assert_eq!(stream.next().await, None);
}

#[tokio::test]
async fn a_view_that_stops_ends_its_streams() {
    let feed = Feed::of([histories::requested(cash())]);
    let folder = Folder::new();
    let store = folder.open(feed.head_now());
    let site = Site::of(&store, &feed);
    let mut stream = site.open("/orderTraces/stream").await;
    stream.next().await.unwrap();
    assert!(store.commit(&feed.items()[1..]).is_err(), "there is a gap");
    assert_eq!(stream.next().await, None);
    let refused = get(&site.routes, "/orderTraces/stream").await;
    assert_eq!(
        (refused.status.as_u16(), refused.problem()),
        (503, "view-behind")
    );
}

/// As many as are told to a client that was away.
const REPLAY_EVENTS_MAX: u64 = 1_000;

#[tokio::test]
async fn clients_that_do_not_take_what_they_have_missed_leave_room_for_no_more_of_them() {
    let feed = Feed::new();
    for number in 0..REPLAY_EVENTS_MAX {
        feed.write_all(number, Tip::NONE, histories::placed(cash()));
    }
    let (_folder, store) = Folder::with(&feed);
    let site = Site::of(&store, &feed);
    let mut held = Vec::new();
    let refused = loop {
        let mut stream = site.resume("/orderTraces/stream", &at(0)).await;
        assert_eq!(stream.next().await.unwrap().name, "position");
        let first = stream.next().await.unwrap();
        if first.name != "trace" {
            break first;
        }
        held.push(stream);
        assert!(held.len() < STREAMS_PER_CLIENT_MAX, "all of it is held");
    };
    assert!(!held.is_empty());
    assert_eq!(refused.data["reason"], "too_far_behind");
    // One takes all that it has missed, and there is room again.
    let told = site.stop(held.pop().unwrap()).await;
    assert_eq!(told.len() as u64, REPLAY_EVENTS_MAX - 1);
    let told = site
        .stop(site.resume("/orderTraces/stream", &at(0)).await)
        .await;
    assert_eq!(told.len() as u64, REPLAY_EVENTS_MAX + 1);
}
