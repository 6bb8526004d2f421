//! Traces as they stood, and events as they are stored: from the log, whatever the view has come to.

use ordertrace_domain::{
    Position, Sequence,
    testing::{
        fixtures::{card, cash, histories},
        strategies,
    },
};
use proptest::{collection::vec, prelude::*};
use rstest::rstest;
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::{
    feed::{Feed, LOG, Tip, order_id},
    folder::Folder,
    http::{get, routes, routes_with},
};

fn at(sequence: u64) -> Position {
    Position {
        incarnation: LOG,
        sequence: Sequence::new(sequence),
    }
}

/// A trace without the word that it is as of some time.
fn stood(mut trace: Value) -> Value {
    trace.as_object_mut().unwrap().remove("asOf");
    trace
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    /// What is shown as of a position is what a view that ended there shows; and so by the time of the event there.
    #[test]
    fn a_trace_stood_as_a_view_of_that_time_shows_it(
        courses in vec(strategies::course(), 1..4),
    ) {
        let feed = Feed::of(courses.iter().map(strategies::Course::events));
        let (_folder, store) = Folder::with(&feed);
        let now = routes_with(&store, &feed);
        let runtime = Runtime::new().unwrap();
        let items = feed.items();
        for end in 1..=items.len() {
            let folder = Folder::new();
            let then = folder.open(feed.head_now());
            then.commit(&items[..end]).unwrap();
            for number in 0..courses.len() as u64 {
                let path = format!("/orderTraces/{}", order_id(number));
                let live = runtime.block_on(get(&routes(&then), &path));
                let end = u64::try_from(end).unwrap();
                let past = runtime.block_on(get(&now, &format!("{path}?asOf={}", at(end))));
                prop_assert_eq!(past.status, live.status);
                if live.status.is_success() {
                    let live = live.ok();
                    let changed_at = live["changedAt"].as_str().unwrap().to_owned();
                    prop_assert_eq!(stood(past.ok()), live.clone());
                    let by_time = runtime.block_on(get(&now, &format!("{path}?asOf={changed_at}")));
                    prop_assert_eq!(stood(by_time.ok()), live);
                }
            }
        }
    }
}

#[tokio::test]
async fn the_past_is_told_though_the_view_has_gone_on_and_says_which_past_it_is() {
    let feed = Feed::of([histories::completed(card())]);
    let (_folder, store) = Folder::with(&feed);
    let routes = routes_with(&store, &feed);
    let path = format!("/orderTraces/{}?asOf={}", order_id(0), at(2));
    let answer = get(&routes, &path).await;
    assert_eq!(answer.header("etag"), "\"2\"");
    assert_eq!(
        answer.header("ordertrace-position"),
        feed.head_now().to_string()
    );
    let trace = answer.ok();
    assert_eq!(trace["state"], "payment_requested");
    assert_eq!(trace["asOf"], at(2).to_string());
    assert_eq!(trace["timeline"].as_array().unwrap().len(), 2);
}

#[rstest]
#[case::before_it_was_placed("asOf=2000-01-01T00:00:00Z", 404, "not-found")]
#[case::no_time("asOf=yesterday", 400, "invalid-request")]
#[case::another_log("asOf=18c0a3f2b1e40001-1", 400, "invalid-request")]
#[case::twice(
    "asOf=2000-01-01T00:00:00Z&asOf=2000-01-01T00:00:00Z",
    400,
    "invalid-request"
)]
#[case::not_known("asOf=2000-01-01T00:00:00Z&since=1", 400, "invalid-request")]
#[tokio::test]
async fn a_past_that_there_is_not_is_refused(
    #[case] query: &str,
    #[case] status: u16,
    #[case] kind: &str,
) {
    let feed = Feed::of([histories::placed(cash())]);
    let (_folder, store) = Folder::with(&feed);
    let path = format!("/orderTraces/{}?{query}", order_id(0));
    let answer = get(&routes_with(&store, &feed), &path).await;
    assert_eq!((answer.status.as_u16(), answer.problem()), (status, kind));
}

#[tokio::test]
async fn every_event_is_shown_as_it_is_stored() {
    let feed = Feed::of([histories::completed(card())]);
    let (_folder, store) = Folder::with(&feed);
    let routes = routes_with(&store, &feed);
    let answer = get(&routes, &format!("/orderTraces/{}/events", order_id(0)))
        .await
        .ok();
    let events = answer["events"].as_array().unwrap();
    let story = histories::completed(card());
    assert_eq!(events.len(), story.len());
    assert_eq!(events[0]["data"]["customer_id"], "anonymous");
    for (event, expected) in events.iter().zip(&story) {
        assert_eq!(event["type"], expected.event_type().name);
        assert_eq!(event["data"], serde_json::to_value(expected).unwrap());
    }
    // Each is linked to the one before.
    for pair in events.windows(2) {
        assert_eq!(pair[1]["prevHash"], pair[0]["hash"]);
    }
    let nobody = get(&routes, &format!("/orderTraces/{}/events", order_id(9))).await;
    assert_eq!(nobody.problem(), "not-found");
}

#[tokio::test]
async fn a_log_out_of_reach_keeps_the_past_from_being_told_and_not_the_present() {
    let feed = Feed::of([histories::placed(cash())]);
    feed.write_all(1, Tip::NONE, histories::placed(cash()));
    let (_folder, store) = Folder::with(&feed);
    let routes = routes_with(&store, &feed);
    feed.log.unavailable(true);
    let path = format!("/orderTraces/{}", order_id(0));
    for past in [format!("{path}?asOf={}", at(1)), format!("{path}/events")] {
        assert_eq!(get(&routes, &past).await.status.as_u16(), 503, "{past}");
    }
    get(&routes, &path).await.ok();
}

#[tokio::test]
async fn a_damaged_order_has_no_past_that_could_be_told() {
    let feed = Feed::of([histories::placed(cash())]);
    feed.write(0, b"no envelope");
    let (_folder, store) = Folder::with(&feed);
    let path = format!("/orderTraces/{}/events", order_id(0));
    let answer = get(&routes_with(&store, &feed), &path).await;
    assert_eq!(answer.problem(), "order-unreadable");
}

#[rstest]
#[case::of_another_log("/orderTraces/{0}?asOf=1-1", "1-1 is a position of another log")]
#[case::no_time("/orderTraces/{0}?asOf=2026-11-23T12:00:45+01:00", "%2B")]
#[case::no_time_in_a_filter("/orderTraces?from=2026-11-23T12:00:45+01:00", "%2B")]
#[case::no_time_of_a_count("/orderTraces/stats?to=2026-11-23T12:00:45+01:00", "%2B")]
#[case::the_wrong_way_round(
    "/orderTraces/stats?from=2026-11-23T12:00:00Z&to=2026-11-23T11:00:00Z",
    "from is after to"
)]
#[tokio::test]
async fn a_time_that_can_not_be_is_refused_for_what_is_wrong_with_it(
    #[case] path: &str,
    #[case] why: &str,
) {
    let feed = Feed::of([histories::placed(cash())]);
    let (_folder, store) = Folder::with(&feed);
    let path = path.replace("{0}", &order_id(0).to_string());
    let answer = get(&routes_with(&store, &feed), &path).await;
    assert_eq!(answer.problem(), "invalid-request");
    let detail = answer.body["detail"].as_str().unwrap();
    assert!(detail.contains(why), "{detail}");
}
