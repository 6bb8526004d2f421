//! Live streams: what they tell, and what they tell a client that comes back.

use ordertrace_domain::{
    Position, Sequence,
    testing::fixtures::{card, cash, events, histories},
};
use rstest::rstest;
use serde_json::json;

use crate::{
    feed::{Feed, LOG, Tip, order_id},
    folder::Folder,
    history::feed_of,
    http::{get, listed, routes},
    live_stream::Site,
};

/// How many events a client may have missed, and how many that are none of its business go by without a word.
const REPLAY_EVENTS_MAX: u64 = 1_000;
const PASSED_OVER_MAX: u64 = 250;

/// A position in the log of these tests.
pub(crate) fn at(sequence: u64) -> String {
    let position = Position {
        incarnation: LOG,
        sequence: Sequence::new(sequence),
    };
    position.to_string()
}

fn times(count: u64, feed: &Feed) {
    for number in 0..count {
        feed.write_all(number, Tip::NONE, histories::placed(cash()));
    }
}

#[tokio::test]
async fn a_stream_begins_where_the_view_stands_and_tells_each_row_as_the_list_has_it() {
    let feed = Feed::of([histories::placed(cash())]);
    let (_folder, store) = Folder::with(&feed);
    let site = Site::of(&store, &feed);
    let mut stream = site.open("/orderTraces/stream").await;
    let begin = stream.lines().await.unwrap();
    let position = at(1);
    assert_eq!(
        begin,
        format!(
            "id: {position}\nevent: position\ndata: {{\"position\":\"{position}\"}}\nretry: 1000\n\n"
        )
    );
    feed.write_all(1, Tip::NONE, histories::placed(card()));
    store.commit(&feed.items()).unwrap();
    let told = stream.next().await.unwrap();
    assert_eq!((told.at, told.name.as_str()), (2, "trace"));
    let list = get(&routes(&store), "/orderTraces").await.ok();
    assert_eq!(told.data, list["_embedded"]["orderTraces"][0]);
}

#[tokio::test]
async fn a_row_that_does_not_meet_the_filter_any_more_is_removed() {
    let feed = Feed::of([histories::placed(cash()), histories::placed(card())]);
    let (_folder, store) = Folder::with(&feed);
    let site = Site::of(&store, &feed);
    let path = "/orderTraces/stream?state=placed&paymentType=cash";
    let stream = site.open(path).await;
    let tip = feed.write_all(2, Tip::NONE, histories::placed(cash()));
    feed.write_all(2, tip, [events::payment_requested(cash())]);
    feed.write_all(3, Tip::NONE, histories::requested(card()));
    store.commit(&feed.items()).unwrap();
    let told = site.stop(stream).await;
    let names: Vec<_> = told
        .iter()
        .map(|told| (told.at, told.name.as_str()))
        .collect();
    assert_eq!(names, [(2, "position"), (3, "trace"), (4, "removed")]);
    assert_eq!(
        told[2].data,
        json!({"orderId": order_id(2).to_string(), "position": at(4)})
    );
}

#[tokio::test]
async fn the_stream_of_an_order_tells_of_it_alone() {
    let feed = Feed::new();
    let tip = feed.write_all(0, Tip::NONE, histories::placed(cash()));
    let (_folder, store) = Folder::with(&feed);
    let site = Site::of(&store, &feed);
    let path = format!("/orderTraces/{}/stream", order_id(0));
    let stream = site.open(&path).await;
    feed.write_all(1, Tip::NONE, histories::completed(card()));
    feed.write_all(0, tip, [events::payment_requested(cash())]);
    store.commit(&feed.items()).unwrap();
    let told = site.stop(stream).await;
    assert_eq!(told.len(), 2);
    let trace = get(&routes(&store), &path.replace("/stream", ""))
        .await
        .ok();
    assert_eq!(told[1].data, listed(trace));
    let resumed = Site::of(&store, &feed);
    let stream = resumed.resume(&path, &at(1)).await;
    assert_eq!(resumed.stop(stream).await, told);
}

#[tokio::test]
async fn the_header_says_where_a_client_was_and_without_it_the_parameter_does() {
    let feed = Feed::of([histories::requested(cash())]);
    let (_folder, store) = Folder::with(&feed);
    let path = format!("/orderTraces/stream?lastEventId={}", at(0));
    let site = Site::of(&store, &feed);
    let stream = site.open(&path).await;
    let told = site.stop(stream).await;
    assert_eq!(
        told.iter().map(|told| told.at).collect::<Vec<_>>(),
        [0, 1, 2]
    );
    let site = Site::of(&store, &feed);
    let stream = site.resume(&path, &at(1)).await;
    let told = site.stop(stream).await;
    assert_eq!(told.iter().map(|told| told.at).collect::<Vec<_>>(), [1, 2]);
}

#[rstest]
#[case::as_many_as_are_told(0, false)]
#[case::one_more(1, true)]
#[tokio::test]
async fn a_client_that_is_too_far_behind_loads_its_list_anew(
    #[case] more: u64,
    #[case] is_reset: bool,
) {
    let feed = Feed::new();
    times(REPLAY_EVENTS_MAX + more, &feed);
    let (_folder, store) = Folder::with(&feed);
    let site = Site::of(&store, &feed);
    let stream = site.resume("/orderTraces/stream", &at(0)).await;
    feed.write_all(
        REPLAY_EVENTS_MAX + more,
        Tip::NONE,
        histories::placed(cash()),
    );
    store.commit(&feed.items()).unwrap();
    let told = site.stop(stream).await;
    let head = feed.head_now().sequence.get();
    assert_eq!((told[0].at, told[0].name.as_str()), (0, "position"));
    assert_eq!(told.last().unwrap().at, head);
    if is_reset {
        assert_eq!(told.len(), 3);
        let (reset, position) = (&told[1], at(head - 1));
        assert_eq!((reset.at, reset.name.as_str()), (head - 1, "reset"));
        let expected = json!({"position": position, "reason": "too_far_behind"});
        assert_eq!(reset.data, expected);
    } else {
        assert!((1..=head).eq(told[1..].iter().map(|told| told.at)));
    }
}

#[rstest]
#[case::in_the_stretch(1, "reset")]
#[case::before_it(3, "trace")]
#[tokio::test]
async fn an_order_that_broke_meanwhile_can_not_be_told_of_and_one_that_had_broken_need_not(
    #[case] last: u64,
    #[case] expected: &str,
) {
    let feed = Feed::of([histories::requested(cash())]);
    feed.write(0, b"no envelope");
    feed.write(0, b"nor this");
    feed.write_all(1, Tip::NONE, histories::placed(cash()));
    let (_folder, store) = Folder::with(&feed);
    let site = Site::of(&store, &feed);
    let stream = site.resume("/orderTraces/stream", &at(last)).await;
    let told = site.stop(stream).await;
    let names: Vec<_> = told
        .iter()
        .map(|told| (told.at, told.name.as_str()))
        .collect();
    assert_eq!(names, [(last, "position"), (5, expected)]);
}

#[tokio::test(start_paused = true)]
async fn a_log_out_of_reach_does_not_hold_a_client_up_for_long() {
    let feed = Feed::of([histories::requested(cash())]);
    let (_folder, store) = Folder::with(&feed);
    let site = Site::of(&store, &feed);
    feed.log.unavailable(true);
    let stream = site.resume("/orderTraces/stream", &at(1)).await;
    let told = site.stop(stream).await;
    let names: Vec<_> = told
        .iter()
        .map(|told| (told.at, told.name.as_str()))
        .collect();
    assert_eq!(names, [(1, "position"), (2, "reset")]);
}

#[tokio::test(start_paused = true)]
async fn a_quiet_stream_says_where_it_stands_every_fifteen_seconds() {
    let feed = Feed::of([histories::placed(cash())]);
    let (_folder, store) = Folder::with(&feed);
    let site = Site::of(&store, &feed);
    let mut stream = site.open("/orderTraces/stream?paymentType=card").await;
    stream.next().await.unwrap();
    feed.write_all(1, Tip::NONE, histories::placed(cash()));
    store.commit(&feed.items()).unwrap();
    for _ in 0..2 {
        let before = tokio::time::Instant::now();
        assert_eq!(
            stream.lines().await.unwrap(),
            format!(": \nid: {}\n\n", at(2))
        );
        assert_eq!(before.elapsed().as_secs(), 15);
    }
}

#[tokio::test]
async fn a_client_of_a_narrow_filter_does_not_fall_behind() {
    let feed = Feed::new();
    let (_folder, store) = Folder::with(&feed);
    let site = Site::of(&store, &feed);
    let mut stream = site.open("/orderTraces/stream?paymentType=card").await;
    stream.next().await.unwrap();
    times(PASSED_OVER_MAX, &feed);
    store.commit(&feed.items()).unwrap();
    assert_eq!(
        stream.lines().await.unwrap(),
        format!(": \nid: {}\n\n", at(PASSED_OVER_MAX))
    );
}

#[tokio::test]
async fn a_client_that_does_not_read_is_dropped_and_finds_its_way_back() {
    let feed = feed_of(1, 2_000);
    let folder = Folder::new();
    let store = folder.open(feed.head_now());
    let site = Site::of(&store, &feed);
    let mut stream = site.open("/orderTraces/stream").await;
    let items = feed.items();
    store.commit(&items[..1_000]).unwrap();
    store.commit(&items[1_000..]).unwrap();
    assert_eq!(stream.next().await.unwrap().name, "position");
    assert_eq!(stream.next().await, None, "what is not held is not told");
    let back = site.resume("/orderTraces/stream", &stream.last_id).await;
    let told = site.stop(back).await;
    assert_eq!((told[1].at, told[1].name.as_str()), (2_000, "reset"));
}
