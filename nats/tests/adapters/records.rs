//! The log as it is stored, on a real server: what a scan gives, and what it refuses to pass over.

use std::time::{Duration, Instant};

use async_nats::HeaderMap;
use async_nats::jetstream::stream;
use futures::StreamExt;
use futures::stream::BoxStream;
use ordertrace_domain::testing::fixtures::order_id;
use ordertrace_domain::{
    FeedError, Incarnation, LogError, OrderId, Record, Records, Sequence, Span, Timestamp,
    event_subject,
};
use ordertrace_nats::subject::EVENTS_STREAM;
use ordertrace_nats::{Connection, JetStreamRecords};

use crate::rig::items::place_many;
use crate::rig::{PATIENCE, Rig, next, next_result, place, store};

pub(crate) type Scan = BoxStream<'static, Result<Record, FeedError>>;

pub(crate) const fn span(after: u64, upto: Option<u64>) -> Span {
    let upto = match upto {
        Some(upto) => Some(Sequence::new(upto)),
        None => None,
    };
    let after = Sequence::new(after);
    Span { after, upto }
}

/// The scan must now give exactly these orders' records, from this sequence on.
pub(crate) async fn assert_scans(scan: &mut Scan, first: u64, orders: &[OrderId]) {
    for (sequence, order) in (first..).zip(orders) {
        let record = next(scan).await;
        assert_eq!(record.sequence, Sequence::new(sequence));
        assert_eq!(record.subject, event_subject(*order));
        assert_eq!(record.read().unwrap().event.sequence, record.sequence);
    }
}

pub(crate) async fn assert_ends(scan: &mut Scan) {
    let end = tokio::time::timeout(PATIENCE, scan.next()).await.unwrap();
    assert!(end.is_none(), "{end:?}");
}

#[tokio::test]
async fn a_record_is_what_the_server_has_to_the_nanosecond_and_the_last_header() {
    let rig = Rig::bare().await;
    let (connection, identity) = rig.ready().await;
    let mut headers = HeaderMap::new();
    for (name, value) in [("Zeta", "z"), ("Alpha", "second"), ("Alpha", "first")] {
        headers.append(name, value);
    }
    // Not an event, and on no order's subject: a scan does not mind.
    let payload = b"\xff\x00 not an event";
    let subject = "ordertrace.events.nowhere";
    let sequence = store(connection.jetstream(), subject, &headers, payload).await;
    let bare = store(connection.jetstream(), subject, &HeaderMap::new(), b"").await;

    let records = JetStreamRecords::new(&connection, identity);
    let mut scan = records.scan(span(0, Some(2)), None);
    let record = next(&mut scan).await;
    let context = connection.jetstream();
    let stream = context.get_stream(EVENTS_STREAM).await.unwrap();
    let stored = stream.get_raw_message(sequence.get()).await.unwrap();
    let nanos = stored.time.unix_timestamp_nanos();
    assert_eq!(i128::from(record.recorded_at.nanos()), nanos);
    assert_eq!((record.sequence, &*record.subject), (sequence, subject));
    assert_eq!(record.payload, payload.as_slice());
    let headers = [("Alpha", "second"), ("Alpha", "first"), ("Zeta", "z")];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(record.headers, headers);
    let record = next(&mut scan).await;
    assert_eq!((record.sequence, record.headers), (bare, Vec::new()));
    assert!(record.payload.is_empty());
    assert_ends(&mut scan).await;
}

#[tokio::test]
async fn an_empty_log_has_no_records_and_its_first_is_to_be_the_first() {
    let rig = Rig::bare().await;
    let (connection, identity) = rig.ready().await;
    let records = JetStreamRecords::new(&connection, identity);
    let extent = records.extent().await.unwrap();
    assert_eq!(
        (extent.first, extent.last),
        (Sequence::new(1), Sequence::START)
    );
    assert_eq!(extent.messages, 0);
    let since = records.first_since(Timestamp::from_micros(0)).await;
    assert_eq!(since.unwrap(), None);
    for of in [None, Some(order_id())] {
        assert_ends(&mut records.scan(span(0, Some(0)), of)).await;
        assert_ends(&mut records.scan(span(7, Some(7)), of)).await;
    }
}

#[tokio::test]
async fn a_time_leads_to_the_first_record_that_is_not_older() {
    let rig = Rig::bare().await;
    let (connection, identity) = rig.ready().await;
    let records = JetStreamRecords::new(&connection, identity);
    place_many(&connection, 5).await;
    let all: Vec<Record> = records
        .scan(span(0, Some(5)), None)
        .map(|record| record.unwrap())
        .collect()
        .await;
    let micros = |index: usize| all[index].recorded_at.to_timestamp().micros();
    let cases = [
        (i64::MIN, Some(1)),
        (micros(0) - 1, Some(1)),
        // The very microsecond counts.
        (micros(0), Some(1)),
        (micros(2), Some(3)),
        // Between two: each was acknowledged, after a write to the disk, before the next was sent.
        (micros(2) + 1, Some(4)),
        (micros(4), Some(5)),
        (micros(4) + 1, None),
        (i64::MAX, None),
    ];
    for (time, expected) in cases {
        let found = records.first_since(Timestamp::from_micros(time)).await;
        assert_eq!(found.unwrap(), expected.map(Sequence::new), "{time}");
    }
}

/// A log of five events, in a stream that lets messages be deleted, as no declared one does.
async fn damageable(rig: &Rig) -> (Connection, JetStreamRecords, stream::Stream, Vec<OrderId>) {
    let connection = rig.connect().await;
    let config = stream::Config {
        name: EVENTS_STREAM.to_owned(),
        subjects: vec!["ordertrace.events.>".to_owned()],
        ..Default::default()
    };
    let stream = connection.jetstream().create_stream(config).await.unwrap();
    let nanos = stream.cached_info().created.unix_timestamp_nanos();
    let incarnation = Incarnation::from_created_nanos(nanos.try_into().unwrap());
    let orders = place_many(&connection, 5).await;
    let records = JetStreamRecords::new(&connection, connection.watch(incarnation));
    (connection, records, stream, orders)
}

fn assert_gap(result: &Result<Record, FeedError>, missing: u64, next: u64) {
    assert!(
        matches!(result, Err(FeedError::Gap { expected, found })
            if (expected.get(), found.get()) == (missing, next)),
        "{result:?}"
    );
}

#[tokio::test]
async fn a_missing_record_ends_a_scan_be_it_the_first_or_one_between() {
    let rig = Rig::bare().await;
    let (_connection, records, stream, orders) = damageable(&rig).await;
    stream.delete_message(3).await.unwrap();
    let mut scan = records.scan(span(0, Some(5)), None);
    assert_scans(&mut scan, 1, &orders[..2]).await;
    assert_gap(&next_result(&mut scan).await, 3, 4);
    assert_ends(&mut scan).await;
    // Of one order nothing shows that others are missing.
    let mut of_one = records.scan(span(0, Some(5)), Some(orders[3]));
    assert_scans(&mut of_one, 4, &orders[3..4]).await;
    assert_ends(&mut of_one).await;
    let since = records.first_since(Timestamp::from_micros(0)).await;
    assert_eq!(since.unwrap(), Some(Sequence::new(1)));

    stream.purge().sequence(3).await.unwrap();
    let extent = records.extent().await.unwrap();
    assert_eq!(
        (extent.first, extent.last),
        (Sequence::new(4), Sequence::new(5))
    );
    assert_eq!(extent.messages, 2);
    let mut scan = records.scan(span(0, None), None);
    assert_gap(&next_result(&mut scan).await, 1, 4);
}

#[tokio::test]
async fn records_missing_at_the_end_end_a_scan_that_goes_there() {
    let rig = Rig::bare().await;
    let (_connection, records, stream, orders) = damageable(&rig).await;
    stream.delete_message(4).await.unwrap();
    stream.delete_message(5).await.unwrap();
    let started = Instant::now();
    let mut scan = records.scan(span(0, Some(5)), None);
    assert_scans(&mut scan, 1, &orders[..3]).await;
    assert_gap(&next_result(&mut scan).await, 4, 6);
    assert!(started.elapsed() < Duration::from_secs(30));
    // The order of one that is gone has none any more, and that is not waited for.
    assert_ends(&mut records.scan(span(0, Some(5)), Some(orders[4]))).await;
    let extent = records.extent().await.unwrap();
    assert_eq!((extent.last, extent.messages), (Sequence::new(5), 3));
}

#[tokio::test]
async fn an_orders_scan_ends_though_its_records_are_few_among_many() {
    let rig = Rig::bare().await;
    let (connection, identity) = rig.ready().await;
    let records = JetStreamRecords::new(&connection, identity);
    let order = place_many(&connection, 1).await[0];
    place_many(&connection, 50).await;
    let mut scan = records.scan(span(0, Some(51)), Some(order));
    assert_scans(&mut scan, 1, &[order]).await;
    assert_ends(&mut scan).await;
    let nobody = records.scan(span(0, Some(51)), Some(order_id()));
    assert_eq!(nobody.count().await, 0);
}

#[tokio::test]
async fn a_log_that_lost_its_end_is_not_scanned_as_if_nothing_had_happened() {
    let rig = Rig::bare().await;
    let (connection, identity) = rig.ready().await;
    let order = order_id();
    place(connection.jetstream(), order).await;
    let records = JetStreamRecords::new(&connection, identity);
    for (upto, of) in [(None, None), (Some(9), None), (Some(9), Some(order))] {
        let ended = next_result(&mut records.scan(span(4, upto), of)).await;
        assert!(matches!(ended, Err(FeedError::Recreated)), "{ended:?}");
    }
    let since = records.first_since(Timestamp::from_micros(0)).await;
    assert!(matches!(since, Ok(Some(_)) | Err(LogError::Recreated)));
}
