//! Checkpoints on a real server, when answers get lost and leaders die.

use std::pin::pin;
use std::sync::atomic::Ordering;

use async_nats::HeaderMap;
use futures::future::{Either, select};
use ordertrace_domain::{AppendError, Checkpoints, Sequence, StoredCheckpoint};
use ordertrace_nats::managed::{Cluster, SyncPolicy};
use ordertrace_nats::subject::{CHECKPOINTS, CHECKPOINTS_STREAM};
use ordertrace_nats::{JetStreamCheckpoints, TopologyOptions};

use crate::rig::gag::GaggedServer;
use crate::rig::{Rig, connect, eventually, provision, store};

async fn last(checkpoints: &JetStreamCheckpoints) -> Option<StoredCheckpoint> {
    checkpoints.last().await.unwrap()
}

fn numbers_of(page: &[StoredCheckpoint]) -> Vec<u64> {
    page.iter().map(|it| it.number.get()).collect()
}

#[tokio::test]
async fn the_time_and_the_bytes_are_the_servers_own() {
    let rig = Rig::bare().await;
    let (connection, identity) = rig.ready().await;
    let checkpoints = JetStreamCheckpoints::new(&connection, identity);
    assert_eq!(last(&checkpoints).await, None);
    assert_eq!(checkpoints.after(Sequence::START, 9).await.unwrap(), []);
    let note = b"any bytes \xff\x00\r\n";
    let first = checkpoints.append(Sequence::START, note).await.unwrap();
    let found = last(&checkpoints).await.unwrap();
    assert_eq!((found.number, &*found.note), (first, note.as_slice()));
    let context = connection.jetstream();
    let stream = context.get_stream(CHECKPOINTS_STREAM).await.unwrap();
    let stored = stream.get_raw_message(1).await.unwrap();
    let nanos = stored.time.unix_timestamp_nanos();
    assert_eq!(i128::from(found.recorded_at.nanos()), nanos);
}

#[tokio::test]
async fn the_first_checkpoint_is_the_first_for_everybody() {
    let rig = Rig::bare().await;
    let (connection, identity) = rig.ready().await;
    store(
        connection.jetstream(),
        CHECKPOINTS,
        &HeaderMap::new(),
        b"another",
    )
    .await;
    let checkpoints = JetStreamCheckpoints::new(&connection, identity);
    let answer = checkpoints.append(Sequence::START, b"note").await;
    assert!(matches!(answer, Err(AppendError::Conflict)), "{answer:?}");
}

#[tokio::test]
async fn a_checkpoint_whose_acknowledgement_got_lost_is_known_again() {
    let rig = Rig::bare().await;
    let (witness, identity) = rig.ready().await;
    let gag = GaggedServer::before(rig.server.client_url()).await;
    let connection = connect(&[gag.url().to_owned()]).await;
    let checkpoints = JetStreamCheckpoints::new(&connection, identity.clone());
    let other = JetStreamCheckpoints::new(&witness, identity);
    gag.gag();
    let append = pin!(checkpoints.append(Sequence::START, b"note"));
    let is_stored = eventually("the checkpoint", || last(&other));
    let append = match select(append, pin!(is_stored)).await {
        Either::Left((answer, _)) => panic!("it was heard: {answer:?}"),
        Either::Right((_, append)) => append,
    };
    // Another signer goes on, so that it is not the last one any more when it is looked for.
    let first = Sequence::new(1);
    other.append(first, b"next").await.unwrap();
    gag.cut_and_ungag();
    assert_eq!(append.await.unwrap(), first);
    assert_eq!(last(&other).await.unwrap().number, first.next());
}

#[tokio::test]
async fn a_checkpoint_that_is_gone_is_missing_and_hides_no_later_one() {
    let rig = Rig::bare().await;
    let connection = rig.connect().await;
    // A stream that lets messages be deleted, as no declared one does, beside a log as it is declared.
    let config = async_nats::jetstream::stream::Config {
        name: CHECKPOINTS_STREAM.to_owned(),
        subjects: vec![CHECKPOINTS.to_owned()],
        ..Default::default()
    };
    let topology = ordertrace_nats::Topology::new(TopologyOptions::SINGLE);
    let provisioned = topology.ensure(&connection).await.unwrap();
    let context = connection.jetstream();
    context.delete_stream(CHECKPOINTS_STREAM).await.unwrap();
    let stream = context.create_stream(config).await.unwrap();
    let identity = connection.watch(provisioned.incarnation);
    let checkpoints = JetStreamCheckpoints::new(&connection, identity);
    for behind in 0..40 {
        let note = format!("note {behind}");
        let behind = Sequence::new(behind);
        checkpoints.append(behind, note.as_bytes()).await.unwrap();
    }
    for gone in 3..=30 {
        stream.delete_message(gone).await.unwrap();
    }
    let first = checkpoints.after(Sequence::START, 5).await.unwrap();
    assert_eq!(numbers_of(&first), [1, 2, 31]);
    let second = checkpoints.after(Sequence::new(2), 5).await.unwrap();
    assert_eq!(numbers_of(&second), [31]);
    let all = checkpoints
        .after(Sequence::START, usize::MAX)
        .await
        .unwrap();
    assert_eq!(numbers_of(&all[..4]), [1, 2, 31, 32]);
    assert_eq!(all.len(), 12);
}

#[tokio::test]
async fn a_signer_goes_on_after_the_leader_was_killed() {
    let dir = tempfile::tempdir().unwrap();
    let mut cluster = Cluster::start(dir.path(), SyncPolicy::ServerDefault)
        .await
        .unwrap();
    let connection = connect(&cluster.urls()).await;
    let identity = provision(&connection, TopologyOptions::REPLICATED).await;
    let checkpoints = JetStreamCheckpoints::new(&connection, identity);
    let first = checkpoints.append(Sequence::START, b"one").await.unwrap();
    let context = connection.jetstream();
    let stream = context.get_stream(CHECKPOINTS_STREAM).await.unwrap();
    let leader = stream.cached_info().cluster.as_ref().unwrap();
    let leader = leader.leader.clone().unwrap();
    let mut nodes = cluster.nodes().iter();
    let index = nodes.position(|node| node.name() == leader).unwrap();
    cluster.node_mut(index).kill().await;
    let second = checkpoints.append(first, b"two").await.unwrap();
    assert_eq!(second, first.next());
    let all = checkpoints.after(Sequence::START, 9).await.unwrap();
    let notes: Vec<_> = all.into_iter().map(|it| it.note).collect();
    assert_eq!(notes, [b"one".to_vec(), b"two".to_vec()]);
    cluster.stop().await;
}

/// An audit looks twice a second, and mostly there is nothing new.
#[tokio::test]
async fn a_look_that_finds_nothing_costs_two_requests() {
    let rig = Rig::bare().await;
    let (connection, identity) = rig.ready().await;
    let checkpoints = JetStreamCheckpoints::new(&connection, identity);
    let number = checkpoints
        .append(Sequence::START, b"a note")
        .await
        .unwrap();
    let sent = || {
        connection
            .client()
            .statistics()
            .out_messages
            .load(Ordering::Relaxed)
    };
    let before = sent();
    assert_eq!(checkpoints.after(number, 1_000).await.unwrap(), []);
    assert!(sent() - before <= 2, "{}", sent() - before);
}
