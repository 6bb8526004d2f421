//! A scan when something dies: the server, or the stream.

use ordertrace_domain::testing::fixtures::order_id;
use ordertrace_domain::{AppendError, event_subject};
use ordertrace_domain::{Checkpoints, FeedError, LogError, Records, Sequence, Timestamp};
use ordertrace_nats::subject::{EVENTS_STREAM, TIMERS_STREAM};
use ordertrace_nats::{JetStreamCheckpoints, JetStreamRecords, TopologyOptions};

use crate::records::{assert_ends, assert_scans, span};
use crate::rig::items::place_many;
use crate::rig::{Rig, next, next_result, place, provision};

#[tokio::test]
async fn a_scan_goes_on_after_the_server_was_killed_without_loss_or_repeat() {
    let rig = Rig::bare().await;
    let (connection, identity) = rig.ready().await;
    let records = JetStreamRecords::new(&connection, identity);
    let mut orders = place_many(&connection, 20).await;
    let mut scan = records.scan(span(0, Some(30)), None);
    assert_scans(&mut scan, 1, &orders[..10]).await;
    rig.kill_and_wait().await;
    orders.extend(place_many(&rig.connect().await, 15).await);
    assert_scans(&mut scan, 11, &orders[10..30]).await;
    assert_ends(&mut scan).await;
}

#[tokio::test]
async fn an_orders_scan_goes_on_after_the_server_was_killed() {
    let rig = Rig::bare().await;
    let (connection, identity) = rig.ready().await;
    let records = JetStreamRecords::new(&connection, identity);
    let order = order_id();
    place(connection.jetstream(), order).await;
    let mut endless = records.scan(span(0, None), Some(order));
    let mut bounded = records.scan(span(0, Some(3)), Some(order));
    assert_eq!(next(&mut endless).await.subject, event_subject(order));
    let (awaited, ()) = tokio::join!(next(&mut bounded), async {
        rig.kill_and_wait().await;
        place_many(&rig.connect().await, 2).await;
    });
    assert_eq!(awaited.sequence, Sequence::new(1));
    assert_ends(&mut bounded).await;
    // A second message of one id is dropped, so that of another order stands on this one's subject.
    let other = crate::rig::placed(order_id());
    let (subject, headers) = (event_subject(order), crate::rig::headers(&other));
    let context = rig.connect().await;
    crate::rig::store(context.jetstream(), &subject, &headers, &other.payload).await;
    let foreign = next(&mut endless).await;
    assert_eq!(foreign.sequence, Sequence::new(4));
    assert!(foreign.read().is_err(), "{foreign:?}");
}

#[tokio::test]
async fn a_log_that_was_created_anew_ends_scans_and_has_no_checkpoints_of_the_old_one() {
    let rig = Rig::bare().await;
    let (connection, identity) = rig.ready().await;
    let records = JetStreamRecords::new(&connection, identity.clone());
    let checkpoints = JetStreamCheckpoints::new(&connection, identity);
    checkpoints.append(Sequence::START, b"note").await.unwrap();
    let orders = place_many(&connection, 2).await;
    let mut scan = records.scan(span(0, None), None);
    assert_scans(&mut scan, 1, &orders).await;

    let other = rig.connect().await;
    for stream in [EVENTS_STREAM, TIMERS_STREAM] {
        other.jetstream().delete_stream(stream).await.unwrap();
    }
    provision(&other, TopologyOptions::SINGLE).await;
    place_many(&other, 5).await;

    let last = checkpoints.last().await;
    assert!(matches!(last, Err(LogError::Recreated)), "{last:?}");
    let late = checkpoints.append(Sequence::new(1), b"late").await;
    assert!(matches!(late, Err(AppendError::Recreated)), "{late:?}");
    let page = checkpoints.after(Sequence::START, 9).await;
    assert!(matches!(page, Err(LogError::Recreated)), "{page:?}");
    let ended = next_result(&mut scan).await;
    assert!(matches!(ended, Err(FeedError::Recreated)), "{ended:?}");
    for of in [None, Some(orders[0])] {
        let ended = next_result(&mut records.scan(span(0, Some(5)), of)).await;
        assert!(matches!(ended, Err(FeedError::Recreated)), "{ended:?}");
    }
    assert!(matches!(records.extent().await, Err(LogError::Recreated)));
    let since = records.first_since(Timestamp::from_micros(0)).await;
    assert!(matches!(since, Err(LogError::Recreated)), "{since:?}");
}
