//! A restore that does not come to its end leaves nothing that a role would take for the log: either there is nothing, or
//! the part that the server has stored, withheld.

use ordertrace_nats::subject::EVENTS_STREAM;
use ordertrace_nats::{
    BackupError, Connection, JetStreamBackup, Replicas, Restoring, Topology, TopologyError,
    TopologyOptions,
};

use crate::support::{Node, Taken, eventually, orders, place, stored, take_log};

/// Enough for several pieces: an event compresses to some 200 bytes.
const ORDERS: usize = 2_000;

async fn large_log() -> (Node, Connection, Taken) {
    let (node, connection, incarnation) = Node::ready().await;
    place(&connection, incarnation, orders(ORDERS)).await;
    let taken = take_log(&connection).await;
    assert!(taken.bytes.len() > 2 * Restoring::PIECE_BYTES);
    (node, connection, taken)
}

/// Whether something is left; what is left has to be withheld.
async fn is_something_left(connection: &Connection) -> bool {
    let info = JetStreamBackup::new(connection).info(EVENTS_STREAM).await;
    let Some(info) = info.unwrap() else {
        return false;
    };
    assert!(info.is_withheld(), "{info:?}");
    let topology = Topology::new(TopologyOptions::SINGLE);
    let refused = topology.ensure(connection).await.unwrap_err();
    assert!(matches!(refused, TopologyError::Drift(_)), "{refused}");
    true
}

#[tokio::test]
async fn after_a_restore_that_was_cut_off_no_role_starts_and_the_next_one_succeeds() {
    let (_there, source, taken) = large_log().await;
    let incarnation = JetStreamBackup::new(&source).incarnation().await.unwrap();
    let released = taken.released(Replicas::One, incarnation);
    let here = Node::bare().await;
    let target = here.connect().await;
    let mut restoring = taken.begin(&target, &released).await.unwrap();
    let first = &taken.bytes[..Restoring::PIECE_BYTES];
    restoring.push(first.to_vec()).await.unwrap();
    drop(restoring);

    // The server gives up by itself, within seconds.
    eventually("the next restore", async || {
        if is_something_left(&target).await {
            let context = target.jetstream();
            context.delete_stream(EVENTS_STREAM).await.unwrap();
        }
        taken.put(&target, &released).await.ok()
    })
    .await;
    assert_eq!(stored(&target, 50).await, stored(&source, 50).await);
}

#[tokio::test]
async fn of_a_snapshot_that_is_damaged_or_too_short_no_log_is_made() {
    let (_there, source, taken) = large_log().await;
    let incarnation = JetStreamBackup::new(&source).incarnation().await.unwrap();
    let released = taken.released(Replicas::One, incarnation);
    let mut flipped = taken.clone();
    flipped.bytes[taken.bytes.len() / 2] ^= 1;
    let mut shortened = taken.clone();
    shortened.bytes.truncate(taken.bytes.len() - 1_000);
    let mut left = Vec::new();
    for bad in [flipped, shortened] {
        let here = Node::bare().await;
        let target = here.connect().await;
        let refused = bad.put(&target, &released).await.unwrap_err();
        assert!(matches!(refused, BackupError::Stopped { .. }), "{refused}");
        left.push(is_something_left(&target).await);
    }
    // This is why a log is withheld: the server may keep what came before the damage, as a stream like any other.
    assert!(left.contains(&true), "{left:?}");
}
