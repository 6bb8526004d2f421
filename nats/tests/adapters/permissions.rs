//! What each role may do on a server with the configuration that is generated for it: its work.

use crate::records::{assert_scans, span};
use crate::rig::items::place_many;
use crate::rig::{next, order_of, place, provision, roles::Roles, shard};
use ordertrace_domain::testing::fixtures::{self, drafts, events};
use ordertrace_domain::{
    Backlogs, Checkpoints, DeadLetters, EventFeed, EventLog, FeedItem, Freshness, History, OrderId,
    Parked, Parking, Records, Sequence, TimerName, Timers, Timestamp, Version, WorkItem, WorkQueue,
};
use ordertrace_nats::subject::EVENTS_STREAM;
use ordertrace_nats::{
    Connection, Durability, JetStreamBackup, JetStreamCheckpoints, JetStreamFeed, JetStreamLog,
    JetStreamParking, JetStreamRecords, JetStreamTimers, JetStreamWork, NatsRole, Topology,
    TopologyError, TopologyOptions, restored_log_config,
};

/// A role starts as it does in production: it compares what is there, and makes nothing.
async fn started(roles: &Roles, role: NatsRole) -> (Connection, ordertrace_nats::StreamIdentity) {
    let connection = roles.connect(role).await;
    let identity = provision(&connection, TopologyOptions::SINGLE).await;
    (connection, identity)
}

/// Nothing that a role did was refused.
fn assert_not_refused(connection: &Connection) {
    assert!(connection.denied().is_empty(), "{:?}", connection.denied());
}

async fn append(connection: &Connection, identity: ordertrace_nats::StreamIdentity) -> OrderId {
    let log = JetStreamLog::open(connection, identity);
    let order = fixtures::order_id();
    let base = History::empty(order);
    let placed = drafts(&base, vec![events::order_placed(fixtures::cash())]);
    log.append(&base, placed).await.unwrap();
    let loaded = log.load(order, Freshness::Current).await.unwrap();
    assert_eq!(loaded.events().len(), 1);
    order
}

#[tokio::test]
async fn the_command_api_appends_and_reads_with_no_more_than_it_needs() {
    let roles = Roles::provisioned().await;
    let (connection, identity) = started(&roles, NatsRole::CommandApi).await;
    assert_eq!(Durability::read(&connection, &[]).await, Durability::Always);
    append(&connection, identity).await;
    assert_not_refused(&connection);
}

#[tokio::test]
async fn the_saga_works_with_no_more_than_it_needs() {
    let roles = Roles::provisioned().await;
    let (saga, identity) = started(&roles, NatsRole::Saga).await;
    append(&saga, identity.clone()).await;
    let shard = shard(13);
    let (order, undone) = (order_of(shard), order_of(shard));
    place(roles.connect(NatsRole::CommandApi).await.jetstream(), order).await;
    let timers = JetStreamTimers::new(&saga);
    let (past, future) = (Timestamp::from_micros(0), Timestamp::from_micros(i64::MAX));
    let check = TimerName::PaymentCheck;
    let set = timers.schedule(undone, check, future, Version::NONE);
    set.await.unwrap();
    timers.cancel(undone, check).await.unwrap();
    let set = timers.schedule(order, check, past, Version::NONE);
    set.await.unwrap();
    let queue = JetStreamWork::new(&saga, identity);
    let mut work = queue.work(shard);
    let mut kinds = Vec::new();
    for _ in 0..2 {
        let work = next(&mut work).await;
        kinds.push(matches!(work.item, WorkItem::Timer(_)));
        work.receipt.acknowledge().await.unwrap();
    }
    kinds.sort_unstable();
    assert_eq!(kinds, [false, true]);
    assert_eq!(queue.backlogs().await.unwrap().len(), 32);
    assert_not_refused(&saga);
}

#[tokio::test]
async fn the_saga_parks_with_no_more_than_it_needs() {
    let roles = Roles::provisioned().await;
    let (saga, _) = started(&roles, NatsRole::Saga).await;
    let pointer = Parked {
        sequence: Sequence::new(1),
        order_id: None,
        consumer: "saga".to_owned(),
        reason: "no reason".to_owned(),
        attempts: 1,
    };
    let parking = JetStreamParking::new(&saga);
    parking.park(pointer.clone()).await.unwrap();
    parking.park(pointer).await.unwrap();
    let parked = parking.list(Sequence::START, 10).await.unwrap();
    assert_eq!(parked.letters.len(), 1);
    assert_not_refused(&saga);
}

#[tokio::test]
async fn projections_follow_the_log_with_no_more_than_they_need() {
    let roles = Roles::provisioned().await;
    let writer = roles.connect(NatsRole::CommandApi).await;
    place(writer.jetstream(), fixtures::order_id()).await;
    let (projections, identity) = started(&roles, NatsRole::Projections).await;
    let feed = JetStreamFeed::new(&projections, identity);
    assert_eq!(feed.head().await.unwrap(), Sequence::new(1));
    let item = next(&mut feed.follow(Sequence::START)).await;
    assert!(matches!(item, FeedItem::Event(_)), "{item:?}");
    assert_eq!(
        Durability::read(&projections, &[]).await,
        Durability::Always
    );
    assert_not_refused(&projections);
}

async fn reads_the_log(
    connection: &Connection,
    identity: ordertrace_nats::StreamIdentity,
    orders: &[OrderId],
) {
    let records = JetStreamRecords::new(connection, identity);
    assert_eq!(records.extent().await.unwrap().messages, 2);
    assert_scans(&mut records.scan(span(0, Some(2)), None), 1, orders).await;
    let mut of_one = records.scan(span(0, Some(2)), Some(orders[1]));
    assert_scans(&mut of_one, 2, &orders[1..]).await;
    let mut open_end = records.scan(span(0, None), Some(orders[0]));
    assert_scans(&mut open_end, 1, &orders[..1]).await;
    let since = records.first_since(Timestamp::from_micros(0)).await;
    assert_eq!(since.unwrap(), Some(Sequence::new(1)));
}

#[tokio::test]
async fn an_audit_signs_and_an_auditor_reads_with_no_more_than_they_need() {
    let roles = Roles::provisioned().await;
    let orders = place_many(&roles.connect(NatsRole::CommandApi).await, 2).await;
    let (audit, identity) = started(&roles, NatsRole::Audit).await;
    reads_the_log(&audit, identity.clone(), &orders).await;
    let checkpoints = JetStreamCheckpoints::new(&audit, identity.clone());
    let first = checkpoints.append(Sequence::START, b"note").await.unwrap();
    assert_eq!(checkpoints.last().await.unwrap().unwrap().number, first);
    assert_not_refused(&audit);

    let (auditor, identity) = started(&roles, NatsRole::Auditor).await;
    reads_the_log(&auditor, identity.clone(), &orders).await;
    let checkpoints = JetStreamCheckpoints::new(&auditor, identity);
    let all = checkpoints.after(Sequence::START, 9).await.unwrap();
    assert_eq!(all.len(), 1);
    assert_not_refused(&auditor);
}

#[tokio::test]
async fn an_operator_backs_up_and_restores_with_no_more_than_he_needs() {
    let roles = Roles::provisioned().await;
    place_many(&roles.connect(NatsRole::CommandApi).await, 2).await;
    let operator = roles.connect(NatsRole::Operator).await;
    let backup = JetStreamBackup::new(&operator);
    let incarnation = backup.incarnation().await.unwrap();
    let mut snapshot = backup.snapshot(EVENTS_STREAM).await.unwrap();
    let mut bytes = Vec::new();
    while let Some(piece) = snapshot.next().await.unwrap() {
        bytes.extend_from_slice(&piece);
    }
    let deleted = operator.jetstream().delete_stream(EVENTS_STREAM).await;
    deleted.unwrap();
    let one = TopologyOptions::SINGLE.replicas;
    let config = restored_log_config(&snapshot.config, one, incarnation);
    let restoring = backup
        .restore(EVENTS_STREAM, &config, &snapshot.state)
        .await;
    let mut restoring = restoring.unwrap();
    restoring.push(bytes).await.unwrap();
    assert_eq!(restoring.finish().await.unwrap().messages, 2);
    backup.places().await.unwrap();
    assert_eq!(Durability::read(&operator, &[]).await, Durability::Always);
    assert_not_refused(&operator);
}

#[tokio::test]
async fn a_role_that_connects_as_anothers_user_is_told_so() {
    let roles = Roles::provisioned().await;
    let mut options = roles.options(NatsRole::Monitor);
    options.role = "saga".to_owned();
    let connection = Connection::open(options).await.unwrap();
    let topology = Topology::new(TopologyOptions::SINGLE);
    let refused = topology.ensure(&connection).await.unwrap_err();
    let TopologyError::Denied { subject } = &refused else {
        panic!("{refused}")
    };
    assert!(subject.starts_with("_INBOX_saga."), "{refused}");
}

#[tokio::test]
async fn a_role_on_an_empty_server_says_that_an_operator_has_to_provision() {
    let roles = Roles::start().await;
    let connection = roles.connect(NatsRole::CommandApi).await;
    let topology = Topology::new(TopologyOptions::SINGLE);
    let refused = topology.ensure(&connection).await.unwrap_err();
    let TopologyError::NotProvisioned(missing) = &refused else {
        panic!("{refused}")
    };
    assert_eq!(missing.len(), 36);
    assert!(refused.to_string().contains("ops provision"), "{refused}");
}
