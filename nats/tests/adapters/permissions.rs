//! What each adapter needs of a server that permits nothing else.

use crate::records::{assert_scans, span};
use crate::rig::handmade::HandmadeServer;
use crate::rig::items::place_many;
use crate::rig::{next, order_of, place, provision, shard};
use ordertrace_domain::{
    Checkpoints, DeadLetters, EventFeed, FeedItem, Parked, Parking, Records, Sequence, TimerName,
    Timers, Timestamp, Version, WorkItem, WorkQueue,
};
use ordertrace_nats::{
    ConnectOptions, Connection, Durability, JetStreamCheckpoints, JetStreamFeed, JetStreamParking,
    JetStreamRecords, JetStreamTimers, JetStreamWork, Topology, TopologyOptions,
};

/// An operator who may do everything, two roles that may do what they need, and one account that may ask all servers for
/// their settings.
const CONFIG: &str = r#"
system_account: SYS
accounts {
  SYS { users: [ {user: sys, password: sys} ]
        exports: [ {service: "$SYS.REQ.SERVER.PING.VARZ", response_type: stream} ] }
  APP { jetstream: enabled
        imports: [ {service: {account: SYS, subject: "$SYS.REQ.SERVER.PING.VARZ"}} ]
        users: [
          {user: operator, password: operator}
          {user: saga, password: saga, permissions: {
            publish: [
              "$JS.API.STREAM.INFO.ORDERTRACE_EVENTS"
              "$JS.API.CONSUMER.INFO.ORDERTRACE_EVENTS.*"
              "$JS.API.CONSUMER.INFO.ORDERTRACE_TIMERS.*"
              "$JS.API.CONSUMER.MSG.NEXT.ORDERTRACE_EVENTS.*"
              "$JS.API.CONSUMER.MSG.NEXT.ORDERTRACE_TIMERS.*"
              "$JS.ACK.ORDERTRACE_EVENTS.>", "$JS.ACK.*.*.ORDERTRACE_EVENTS.>"
              "$JS.ACK.ORDERTRACE_TIMERS.>", "$JS.ACK.*.*.ORDERTRACE_TIMERS.>"
              "ordertrace.timers.at.>", "ordertrace.dlq.>", "$JS.API.STREAM.MSG.GET.ORDERTRACE_DLQ"
            ]
            subscribe: ["_INBOX_saga.>"] }}
          {user: projections, password: projections, permissions: {
            publish: [
              "$JS.API.STREAM.INFO.ORDERTRACE_EVENTS"
              "$JS.API.CONSUMER.CREATE.ORDERTRACE_EVENTS.*"
              "$JS.API.CONSUMER.MSG.NEXT.ORDERTRACE_EVENTS.*"
            ]
            subscribe: ["_INBOX_projections.>"] }}
          {user: audit, password: audit, permissions: {
            publish: [
              "$JS.API.STREAM.INFO.ORDERTRACE_EVENTS"
              "$JS.API.CONSUMER.CREATE.ORDERTRACE_EVENTS.*"
              "$JS.API.CONSUMER.CREATE.ORDERTRACE_EVENTS.*.ordertrace.events.>"
              "$JS.API.CONSUMER.MSG.NEXT.ORDERTRACE_EVENTS.*"
              "$JS.API.STREAM.MSG.GET.ORDERTRACE_EVENTS"
              "$JS.API.STREAM.MSG.GET.ORDERTRACE_CHECKPOINTS"
              "ordertrace.checkpoints"
            ]
            subscribe: ["_INBOX_audit.>"] }}
        ] }
}
"#;

async fn connect_as(server: &HandmadeServer, role: &str) -> Connection {
    Connection::open(ConnectOptions::new([server.url(role)], role))
        .await
        .unwrap()
}

#[tokio::test]
async fn every_role_works_with_no_more_than_it_needs() {
    let server = HandmadeServer::start(CONFIG).await;
    let operator = connect_as(&server, "operator").await;
    let incarnation = provision(&operator, TopologyOptions::SINGLE)
        .await
        .incarnation();
    let shard = shard(13);
    let (order, undone) = (order_of(shard), order_of(shard));
    place(operator.jetstream(), order).await;

    let saga = connect_as(&server, "saga").await;
    let timers = JetStreamTimers::new(&saga);
    let (past, future) = (Timestamp::from_micros(0), Timestamp::from_micros(i64::MAX));
    timers
        .schedule(undone, TimerName::PaymentCheck, future, Version::NONE)
        .await
        .unwrap();
    timers
        .cancel(undone, TimerName::PaymentCheck)
        .await
        .unwrap();
    timers
        .schedule(order, TimerName::PaymentCheck, past, Version::NONE)
        .await
        .unwrap();
    let mut work = JetStreamWork::new(&saga, saga.watch(incarnation)).work(shard);
    let mut kinds = Vec::new();
    for _ in 0..2 {
        let work = next(&mut work).await;
        kinds.push(matches!(work.item, WorkItem::Timer(_)));
        work.receipt.acknowledge().await.unwrap();
    }
    kinds.sort_unstable();
    assert_eq!(kinds, [false, true]);
    let pointer = Parked {
        sequence: Sequence::new(1),
        order_id: Some(order),
        consumer: "saga".to_owned(),
        reason: "no reason".to_owned(),
        attempts: 1,
    };
    let parking = JetStreamParking::new(&saga);
    parking.park(pointer.clone()).await.unwrap();
    parking.park(pointer).await.unwrap();
    let parked = parking.list(Sequence::START, 10).await.unwrap();
    assert_eq!(parked.letters.len(), 1);

    let projections = connect_as(&server, "projections").await;
    let feed = JetStreamFeed::new(&projections, projections.watch(incarnation));
    assert_eq!(feed.head().await.unwrap(), Sequence::new(1));
    let item = next(&mut feed.follow(Sequence::START)).await;
    assert!(matches!(item, FeedItem::Event(_)), "{item:?}");
}

#[tokio::test]
async fn an_audit_reads_the_log_and_signs_with_no_more_than_it_needs() {
    let server = HandmadeServer::start(CONFIG).await;
    let operator = connect_as(&server, "operator").await;
    let identity = provision(&operator, TopologyOptions::SINGLE).await;
    let orders = place_many(&operator, 2).await;

    let audit = connect_as(&server, "audit").await;
    let identity = audit.watch(identity.incarnation());
    let records = JetStreamRecords::new(&audit, identity.clone());
    assert_eq!(records.extent().await.unwrap().messages, 2);
    assert_scans(&mut records.scan(span(0, Some(2)), None), 1, &orders).await;
    let mut of_one = records.scan(span(0, Some(2)), Some(orders[1]));
    assert_scans(&mut of_one, 2, &orders[1..]).await;
    let since = records.first_since(Timestamp::from_micros(0)).await;
    assert_eq!(since.unwrap(), Some(Sequence::new(1)));

    let checkpoints = JetStreamCheckpoints::new(&audit, identity);
    let first = checkpoints.append(Sequence::START, b"note").await.unwrap();
    assert_eq!(checkpoints.last().await.unwrap().unwrap().number, first);
    let all = checkpoints.after(Sequence::START, 9).await.unwrap();
    assert_eq!(all.len(), 1);
}

#[tokio::test]
async fn durability_is_asked_over_nats_where_that_is_permitted() {
    let server = HandmadeServer::start(CONFIG).await;
    let operator = connect_as(&server, "operator").await;
    Topology::new(TopologyOptions::SINGLE)
        .ensure(&operator)
        .await
        .unwrap();
    assert_eq!(Durability::read(&operator, &[]).await, Durability::Always);
    let saga = connect_as(&server, "saga").await;
    let unasked = Durability::read(&saga, &[]).await;
    assert!(
        matches!(unasked, Durability::Unreadable { .. }),
        "{unasked:?}"
    );
}
