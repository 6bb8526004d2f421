//! What comes back is what was there, and nobody gets at it before it is released.

use ordertrace_nats::subject::{
    CHECKPOINTS_STREAM, DLQ_STREAM, EVENTS_STREAM, TIMERS_STREAM, events_of,
};
use ordertrace_nats::{
    BackupError, JetStreamBackup, Replicas, Topology, TopologyError, TopologyOptions,
    restored_config,
};

use crate::support::{Node, orders, place, stored, take, take_log};

#[tokio::test]
async fn events_come_back_byte_for_byte_as_they_were_when_the_snapshot_began() {
    let (_there, source, incarnation) = Node::ready().await;
    place(&source, incarnation, orders(60)).await;
    let taken = take(&source, EVENTS_STREAM, async || {
        place(&source, incarnation, orders(5)).await;
    });
    let taken = taken.await;
    assert_eq!((taken.state.messages, taken.state.last), (60, 60));

    let here = Node::bare().await;
    let target = here.connect().await;
    let released = taken.released(Replicas::One, incarnation);
    let state = taken.put(&target, &released).await.unwrap();
    assert_eq!((state.messages, state.first, state.last), (60, 1, 60));
    assert_eq!(stored(&target, 60).await, stored(&source, 60).await);
}

#[tokio::test]
async fn a_restored_log_is_the_same_log_to_whoever_asks_and_goes_on_where_it_ended() {
    let (_there, source, incarnation) = Node::ready().await;
    place(&source, incarnation, orders(3)).await;
    let here = Node::bare().await;
    let target = here.connect().await;
    let backup = JetStreamBackup::new(&target);
    let log = take_log(&source).await;
    let released = log.released(Replicas::One, incarnation);
    log.put(&target, &released).await.unwrap();
    backup.release(&released).await.unwrap();
    for stream in [CHECKPOINTS_STREAM, DLQ_STREAM, TIMERS_STREAM] {
        let taken = take(&source, stream, async || {}).await;
        let config = restored_config(&taken.config, Replicas::One);
        let restoring = backup.restore(stream, &config, &taken.state).await;
        let mut restoring = restoring.unwrap();
        restoring.push(taken.bytes).await.unwrap();
        restoring.finish().await.unwrap();
    }

    let topology = Topology::new(TopologyOptions::SINGLE);
    assert_eq!(topology.verify(&target).await.unwrap(), incarnation);
    assert_eq!(backup.incarnation().await.unwrap(), incarnation);
    place(&target, incarnation, orders(1)).await;
    let info = backup.info(EVENTS_STREAM).await.unwrap().unwrap();
    assert_eq!(info.state.last, 4);
    // The backup of a restored log is one of the same log as well.
    let again = take_log(&target).await;
    assert_eq!(
        again.released(Replicas::One, incarnation)["metadata"],
        released["metadata"]
    );
}

#[tokio::test]
async fn before_its_release_no_role_starts_on_a_log_and_nobody_can_append_to_it() {
    let (_there, source, incarnation) = Node::ready().await;
    place(&source, incarnation, orders(3)).await;
    let here = Node::bare().await;
    let target = here.connect().await;
    let log = take_log(&source).await;
    let released = log.released(Replicas::One, incarnation);
    log.put(&target, &released).await.unwrap();

    let backup = JetStreamBackup::new(&target);
    let info = backup.info(EVENTS_STREAM).await.unwrap().unwrap();
    assert!(info.is_withheld());
    let topology = Topology::new(TopologyOptions::SINGLE);
    let refused = topology.ensure(&target).await.unwrap_err();
    assert!(matches!(refused, TopologyError::Drift(_)), "{refused}");
    assert!(
        backup.info(TIMERS_STREAM).await.unwrap().is_none(),
        "nothing was made"
    );
    let order = orders(1).next().unwrap();
    let context = target.jetstream();
    let appended = context.publish(events_of(order), "stray".into()).await;
    assert!(appended.unwrap().await.is_err(), "no stream takes it");

    backup.release(&released).await.unwrap();
    let info = backup.info(EVENTS_STREAM).await.unwrap().unwrap();
    assert!(!info.is_withheld());
    assert_eq!(info.state.last, 3);
}

#[tokio::test]
async fn a_log_that_is_there_is_never_restored_over() {
    let (_there, source, incarnation) = Node::ready().await;
    place(&source, incarnation, orders(3)).await;
    let log = take_log(&source).await;
    place(&source, incarnation, orders(1)).await;
    let refused = log
        .put(&source, &log.released(Replicas::One, incarnation))
        .await;
    let refused = refused.unwrap_err();
    assert!(
        matches!(&refused, BackupError::Exists { stream } if stream == EVENTS_STREAM),
        "{refused}"
    );
    let info = JetStreamBackup::new(&source)
        .info(EVENTS_STREAM)
        .await
        .unwrap();
    assert_eq!(info.unwrap().state.last, 4);
}

#[tokio::test]
async fn what_is_not_there_can_not_be_backed_up() {
    let here = Node::bare().await;
    let connection = here.connect().await;
    let refused = JetStreamBackup::new(&connection)
        .snapshot(EVENTS_STREAM)
        .await;
    let refused = refused.unwrap_err();
    let source = std::error::Error::source(&refused).unwrap();
    assert!(matches!(refused, BackupError::Refused { .. }), "{refused}");
    assert!(source.to_string().contains("not found"), "{source}");
}
