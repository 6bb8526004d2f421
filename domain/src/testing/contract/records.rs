//! The log as it is stored.

use futures::{FutureExt, StreamExt, stream::BoxStream};

use super::{Harness, appended, feed::read, new_order, some_event, within};
use crate::{
    FeedError, Hash, History, OrderId, Record, RecordedAt, Sequence, Span, Timestamp,
    event_subject, message,
    testing::fixtures::{self, drafts, events},
};

type Scan = BoxStream<'static, Result<Record, FeedError>>;

const fn between(after: Sequence, upto: Sequence) -> Span {
    let upto = Some(upto);
    Span { after, upto }
}

const fn from(after: Sequence) -> Span {
    Span { after, upto: None }
}

async fn head(harness: &dyn Harness) -> Sequence {
    let extent = within(harness.records().extent()).await;
    extent.expect("an extent").last
}

async fn next(scan: &mut Scan) -> Record {
    let record = within(scan.next()).await.expect("a scan goes on");
    record.expect("a record")
}

/// All records of a span that ends.
async fn all(harness: &dyn Harness, span: Span, of: Option<OrderId>) -> Vec<Record> {
    let mut scan = harness.records().scan(span, of);
    let mut records = Vec::new();
    while let Some(record) = within(scan.next()).await {
        records.push(record.expect("a record"));
    }
    records
}

fn places(records: &[Record]) -> Vec<Sequence> {
    records.iter().map(|record| record.sequence).collect()
}

fn places_of(order: &History) -> Vec<Sequence> {
    let events = order.events().iter();
    events.map(|event| event.sequence).collect()
}

/// Two orders, whose events stand in turns: the first one's before the other's.
async fn interleaved(harness: &dyn Harness) -> (History, History) {
    let log = harness.log();
    let (mut one, mut other) = (new_order(&*log).await, new_order(&*log).await);
    for number in 1..=3 {
        one = appended(&*log, &one, vec![some_event(number)]).await;
        other = appended(&*log, &other, vec![some_event(number)]).await;
    }
    (one, other)
}

/// Nothing acknowledged lies beyond it, and nothing is missing in it.
pub async fn the_extent_of_a_log_is_all_that_was_stored(harness: &dyn Harness) {
    let order = new_order(&*harness.log()).await;
    let extent = within(harness.records().extent()).await.expect("an extent");
    assert_eq!(extent.first, Sequence::new(1));
    assert_eq!(extent.last, order.last_sequence());
    assert_eq!(extent.messages, extent.last.get());
    let incarnation = harness.log().incarnation();
    assert_eq!(harness.records().incarnation(), incarnation);
}

/// What is stored is what was sent, byte for byte, and the events read from it are those of the feed.
pub async fn a_scan_has_every_record_once_as_it_was_sent(harness: &dyn Harness) {
    let start = head(harness).await;
    let base = History::empty(fixtures::order_id());
    let happened = vec![
        events::order_placed(fixtures::cash()),
        some_event(1),
        some_event(2),
    ];
    let sent = drafts(&base, happened);
    let stored = within(harness.log().append(&base, sent.clone())).await;
    let last = stored.expect("an append").last_sequence();
    let records = all(harness, between(start, last), None).await;
    let fed = read(&*harness.feed(), start, last).await;
    assert_eq!(records.len(), sent.len());
    for ((record, draft), fed) in records.iter().zip(&sent).zip(fed) {
        assert_eq!(record.sequence, fed.event.sequence);
        assert_eq!(record.subject, event_subject(base.order_id()));
        assert_eq!(record.payload, draft.payload);
        assert_eq!(Hash::of(&record.payload), fed.event.hash);
        let read = record.read().expect("an event");
        assert_eq!((read.event, read.recorded_at), (fed.event, fed.recorded_at));
    }
}

/// Those that repeat the payload are there, and the first of each decision says what it was stored behind.
pub async fn a_records_headers_say_what_was_expected(harness: &dyn Harness) {
    let log = harness.log();
    let start = head(harness).await;
    let placed = new_order(&*log).await;
    let order = appended(&*log, &placed, vec![some_event(1), some_event(2)]).await;
    let records = all(harness, between(start, order.last_sequence()), None).await;
    let expected = [
        Some(Sequence::START.to_string()),
        Some(placed.last_sequence().to_string()),
        None,
    ];
    assert_eq!(records.len(), expected.len());
    for (record, expected) in records.iter().zip(expected) {
        assert!(record.headers.is_sorted_by_key(|(name, _)| name));
        let said: Vec<_> = record.values_of(message::EXPECTED_LAST).collect();
        assert_eq!(said, Vec::from_iter(expected.as_deref()));
        for name in [message::ID, message::TYPE, message::SCHEMA] {
            assert_eq!(record.values_of(name).count(), 1, "{name}");
        }
    }
}

/// A span ends where it was said to end, and one that has nothing ends at once.
pub async fn a_span_ends_where_it_ends(harness: &dyn Harness) {
    let start = head(harness).await;
    let (one, other) = interleaved(harness).await;
    let last = other.last_sequence();
    let mut expected = [places_of(&one), places_of(&other)].concat();
    expected.sort_unstable();
    let to_the_head = all(harness, between(start, last), None).await;
    assert_eq!(places(&to_the_head), expected);
    let single = all(harness, between(expected[0], expected[1]), None).await;
    assert_eq!(single, to_the_head[1..2]);
    for (after, upto) in [(last, last), (last, start), (start, start)] {
        for of in [None, Some(one.order_id())] {
            let nothing = all(harness, between(after, upto), of).await;
            assert_eq!(nothing, []);
        }
    }
}

/// A span that ends beyond the head, or nowhere, has what is there and then what comes.
pub async fn a_scan_waits_for_what_comes(harness: &dyn Harness) {
    let start = head(harness).await;
    let log = harness.log();
    let placed = new_order(&*log).await;
    let beyond = placed.last_sequence().next();
    let mut bounded = harness.records().scan(between(start, beyond), None);
    let mut endless = harness.records().scan(from(start), None);
    for scan in [&mut bounded, &mut endless] {
        assert_eq!(next(scan).await.sequence, placed.last_sequence());
        assert!(scan.next().now_or_never().is_none(), "nothing was written");
    }
    appended(&*log, &placed, vec![some_event(1), some_event(2)]).await;
    for scan in [&mut bounded, &mut endless] {
        assert_eq!(next(scan).await.sequence, beyond);
    }
    assert!(within(bounded.next()).await.is_none(), "the span has ended");
    assert_eq!(next(&mut endless).await.sequence, beyond.next());
}

/// Of one order a span has its records alone, wherever it begins and ends, be it at others' records.
pub async fn an_orders_span_has_its_records_alone(harness: &dyn Harness) {
    let start = head(harness).await;
    let (one, other) = interleaved(harness).await;
    let last = other.last_sequence();
    let [ours, theirs] = [places_of(&one), places_of(&other)];
    let of = |after, upto| all(harness, between(after, upto), Some(one.order_id()));
    assert_eq!(places(&of(start, last).await), ours);
    assert_eq!(places(&of(start, ours[2]).await), ours[..3]);
    assert_eq!(places(&of(start, theirs[2]).await), ours[..3]);
    assert_eq!(places(&of(ours[0], ours[1]).await), ours[1..2]);
    assert_eq!(places(&of(theirs[0], last).await), ours[1..]);
    assert_eq!(of(ours[3], last).await, []);
    assert_eq!(of(ours[1], theirs[1]).await, []);
    let nobody = Some(fixtures::order_id());
    assert_eq!(all(harness, between(start, last), nobody).await, []);
}

/// Without an end one order's scan waits for the order's next, whatever comes of others.
pub async fn an_orders_scan_waits_for_what_comes(harness: &dyn Harness) {
    let log = harness.log();
    let start = head(harness).await;
    let placed = new_order(&*log).await;
    let mut scan = harness.records().scan(from(start), Some(placed.order_id()));
    assert_eq!(next(&mut scan).await.sequence, placed.last_sequence());
    for number in 1..=2 {
        new_order(&*log).await;
        assert!(scan.next().now_or_never().is_none(), "others are no matter");
        let base = super::current(&*log, placed.order_id()).await;
        let order = appended(&*log, &base, vec![some_event(number)]).await;
        assert_eq!(next(&mut scan).await.sequence, order.last_sequence());
    }
}

/// One order's span beyond the head ends once the log has come there, though none of the order's came.
pub async fn an_orders_span_beyond_the_head_waits_for_the_log(harness: &dyn Harness) {
    let log = harness.log();
    let start = head(harness).await;
    let placed = new_order(&*log).await;
    let beyond = placed.last_sequence().next();
    let of = Some(placed.order_id());
    let scan = all(harness, between(start, beyond), of);
    let (records, _) = futures::join!(scan, new_order(&*log));
    assert_eq!(places(&records), [placed.last_sequence()]);
}

/// At whatever time one asks: the first that was recorded at that time or later.
pub async fn the_first_record_since_a_time_is_found(harness: &dyn Harness) {
    let (_, other) = interleaved(harness).await;
    let records = all(
        harness,
        between(Sequence::START, other.last_sequence()),
        None,
    )
    .await;
    let micros = |at: RecordedAt| at.to_timestamp().micros();
    let around = records
        .iter()
        .rev()
        .take(12)
        .flat_map(|record| [-1, 0, 1].map(|step| micros(record.recorded_at) + step));
    for time in around.chain([i64::MIN, 0, i64::MAX]) {
        let since = i128::from(time) * 1_000;
        let mut later = records.iter();
        let first = later.find(|record| i128::from(record.recorded_at.nanos()) >= since);
        let time = Timestamp::from_micros(time);
        let found = within(harness.records().first_since(time)).await;
        let expected = first.map(|record| record.sequence);
        assert_eq!(found.expect("an answer"), expected, "{time}");
    }
}
