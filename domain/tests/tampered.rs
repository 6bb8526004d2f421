//! The log in memory as somebody tampered with it: what its ports then say.

#![expect(
    clippy::expect_used,
    reason = "what a test builds on has to be there, or the test fails"
)]

use futures::{FutureExt, StreamExt};
use ordertrace_domain::{
    AppendError, Checkpoints, EventFeed, EventLog, FeedError, FeedItem, Freshness, History,
    LogError, Record, RecordedAt, Records, Sequence, Span, Version, event_subject, message,
    testing::{
        AppendFault, MemoryLog,
        fixtures::{self, cash, drafts, events},
    },
};

/// A log, and an order with three events.
async fn log() -> (MemoryLog, History) {
    let log = MemoryLog::new();
    let base = History::empty(fixtures::order_id());
    let happened = vec![
        events::order_placed(cash()),
        events::payment_requested(cash()),
        events::payment_approved(None),
    ];
    let order = EventLog::append(&log, &base, drafts(&base, happened)).await;
    (log, order.expect("an append"))
}

/// Where the records are that a scan of all of them gives, and how it ended.
async fn scanned(log: &MemoryLog, upto: Option<Sequence>) -> (Vec<u64>, Option<FeedError>) {
    let after = Sequence::START;
    let mut scan = log.scan(Span { after, upto }, None);
    let mut places = Vec::new();
    loop {
        match scan.next().now_or_never().flatten() {
            Some(Ok(record)) => places.push(record.sequence.get()),
            Some(Err(error)) => return (places, Some(error)),
            None => return (places, None),
        }
    }
}

/// The second message, alone.
const SECOND: Span = Span {
    after: Sequence::new(1),
    upto: Some(Sequence::new(2)),
};

async fn second(log: &MemoryLog) -> Record {
    let record = log.scan(SECOND, None).next().await;
    record.expect("a record").expect("no error")
}

#[tokio::test]
async fn a_time_that_was_tampered_with_is_in_no_payload() {
    let (log, _) = log().await;
    let early = RecordedAt::from_nanos(1);
    log.tamper(Sequence::new(2), |record| record.recorded_at = early);
    let record = second(&log).await;
    assert_eq!(record.recorded_at, early);
    assert_eq!(record.read().unwrap().recorded_at, early.to_timestamp());
}

/// What somebody does to a record.
type Change = Box<dyn FnOnce(&mut Record)>;

#[tokio::test]
async fn a_record_that_was_tampered_with_is_no_event_any_more() {
    let other = fixtures::order_id();
    let in_header = |name: &'static str| {
        move |record: &mut Record| {
            let mut headers = record.headers.iter_mut();
            let header = headers.find(|(its, _)| its == name);
            header.expect("the header").1.push('0');
        }
    };
    let changes: [Change; 6] = [
        Box::new(in_header(message::ID)),
        Box::new(in_header(message::TYPE)),
        Box::new(in_header(message::SCHEMA)),
        Box::new(|record| record.headers.clear()),
        Box::new(|record| record.payload = record.payload.slice(1..)),
        Box::new(move |record| record.subject = event_subject(other)),
    ];
    for change in changes {
        let (log, order) = log().await;
        log.tamper(Sequence::new(2), change);
        let record = second(&log).await;
        assert_eq!(record.sequence, Sequence::new(2));
        assert!(record.read().is_err(), "{record:?}");
        let fed = log.follow(Sequence::new(1)).next().await;
        assert!(matches!(fed, Some(Ok(FeedItem::Unreadable(_)))), "{fed:?}");
        let read = log.load(order.order_id(), Freshness::Current).await;
        assert!(matches!(read, Err(LogError::Broken(_))), "{read:?}");
    }
}

#[tokio::test]
async fn a_record_on_another_orders_subject_is_that_orders() {
    let (log, order) = log().await;
    let other = fixtures::order_id();
    log.tamper(Sequence::new(2), |record| {
        record.subject = event_subject(other)
    });
    for (order, expected) in [(order.order_id(), 2), (other, 1)] {
        let span = Span {
            after: Sequence::START,
            upto: Some(Sequence::new(3)),
        };
        assert_eq!(log.scan(span, Some(order)).count().await, expected);
    }
}

#[tokio::test]
async fn a_scan_ends_at_what_is_missing_be_it_the_first_or_the_last() {
    for missing in 1..=3 {
        let (log, _) = log().await;
        log.lose(Sequence::new(missing));
        let (places, error) = scanned(&log, Some(Sequence::new(3))).await;
        assert_eq!(places, (1..missing).collect::<Vec<_>>());
        assert!(
            matches!(error, Some(FeedError::Gap { expected, found })
                if expected.get() == missing && found == expected.next()),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn a_log_without_its_end_is_another_one_to_who_has_seen_more() {
    let (log, order) = log().await;
    let mut feed = log.follow(Sequence::new(2));
    assert!(feed.next().await.unwrap().is_ok());
    log.truncate(Sequence::new(1));
    assert!(matches!(feed.next().await, Some(Err(FeedError::Recreated))));
    let after = Sequence::new(2);
    let mut scan = log.scan(Span { after, upto: None }, None);
    assert!(matches!(scan.next().await, Some(Err(FeedError::Recreated))));
    let (places, error) = scanned(&log, None).await;
    assert_eq!(places, [1]);
    assert!(error.is_none(), "{error:?}");
    let extent = log.extent().await.unwrap();
    assert_eq!((extent.last, extent.messages), (Sequence::new(1), 1));
    let read = log.load(order.order_id(), Freshness::Current).await;
    assert_eq!(read.unwrap().version(), Version::new(1));
}

#[tokio::test]
async fn a_checkpoint_whose_answer_was_lost_is_there_all_the_same() {
    let (log, _) = log().await;
    log.fail_next_checkpoint(AppendFault::StoredButUnknown);
    let start = Sequence::START;
    let answer = Checkpoints::append(&log, start, b"note").await;
    assert!(matches!(answer, Err(AppendError::OutcomeUnknown(_))));
    assert_eq!(
        Checkpoints::append(&log, start, b"note").await.unwrap(),
        start.next()
    );
    log.tamper_checkpoint(start.next(), |checkpoint| checkpoint.note.clear());
    assert!(log.last().await.unwrap().unwrap().note.is_empty());
    log.truncate_checkpoints(start);
    assert_eq!(log.last().await.unwrap(), None);
}
