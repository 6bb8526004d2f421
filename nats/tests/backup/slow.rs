//! A server that takes longer over what it was sent than it waits for more.

use futures::future::try_join_all;
use ordertrace_nats::managed::SyncPolicy;
use ordertrace_nats::{Connection, Replicas};

use crate::support::{Node, take_log};

/// The server reads a million bytes of messages ahead, which are 26,000 of these. With an fsync for each it takes over six
/// seconds on a disk that takes a quarter of a millisecond for one, and it waits for five.
const MESSAGES: u64 = 30_000;

/// As few bytes a message as there can be.
async fn fill(connection: &Connection) {
    const AT_ONCE: u64 = 500;
    let context = connection.jetstream();
    for _ in 0..MESSAGES / AT_ONCE {
        let mut acknowledged = Vec::new();
        for _ in 0..AT_ONCE {
            let sent = context.publish("ordertrace.events.x", "".into());
            acknowledged.push(sent.await.unwrap().into_future());
        }
        try_join_all(acknowledged).await.unwrap();
    }
}

#[tokio::test]
async fn a_server_that_stores_for_longer_than_it_waits_does_not_give_the_restore_up() {
    let source = Node::with_sync(SyncPolicy::ServerDefault).await;
    let (_source, source, incarnation) = source.provisioned().await;
    fill(&source).await;
    let taken = take_log(&source).await;
    let here = Node::bare().await;
    let target = here.connect().await;
    let released = taken.released(Replicas::One, incarnation);
    let state = taken.put(&target, &released).await.unwrap();
    assert_eq!((state.messages, state.last), (MESSAGES, MESSAGES));
}
