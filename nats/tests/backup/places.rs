//! The saga's consumers come back, and go back to where they stood when their places were noted.

use std::fmt::Debug;

use futures::{Stream, StreamExt};
use ordertrace_domain::{OrderId, Shard, Work, WorkItem, WorkQueue};
use ordertrace_nats::subject::EVENTS_STREAM;
use ordertrace_nats::{Connection, JetStreamBackup, JetStreamWork, Replicas};
use tokio::time::timeout;

use crate::support::{Node, PATIENCE, orders_of, place, take_log};

fn order_in(work: &Work) -> OrderId {
    match &work.item {
        WorkItem::Event(recorded) => recorded.event.envelope.order_id,
        other => panic!("{other:?} is no event"),
    }
}

/// Takes the next so many pieces of work and acknowledges them. What else was handed out by then stays in the hands of who
/// has this work, and comes again only later to anybody else.
async fn done<E: Debug>(
    mut work: impl Stream<Item = Result<Work, E>> + Unpin,
    count: usize,
) -> Vec<OrderId> {
    let mut found = Vec::new();
    while found.len() < count {
        let next = timeout(PATIENCE, work.next()).await.unwrap();
        let next = next.unwrap().unwrap();
        found.push(order_in(&next));
        next.receipt.acknowledge().await.unwrap();
    }
    found
}

async fn queue_of(connection: &Connection) -> JetStreamWork {
    let incarnation = JetStreamBackup::new(connection)
        .incarnation()
        .await
        .unwrap();
    JetStreamWork::new(connection, connection.watch(incarnation))
}

#[tokio::test]
async fn what_was_done_after_the_places_were_noted_is_handed_out_again_and_what_was_before_is_not()
{
    let (_there, source, incarnation) = Node::ready().await;
    let shard = Shard::all().nth(5).unwrap();
    let orders: Vec<OrderId> = orders_of(shard, 5).collect();
    place(&source, incarnation, orders.iter().copied()).await;
    let queue = queue_of(&source).await;
    let mut work = queue.work(shard);
    assert_eq!(done(&mut work, 2).await, orders[..2]);
    let places = JetStreamBackup::new(&source).places().await.unwrap();
    assert_eq!(done(&mut work, 2).await, orders[2..4]);
    let log = take_log(&source).await;

    let here = Node::bare().await;
    let target = here.connect().await;
    let released = log.released(Replicas::One, incarnation);
    log.put(&target, &released).await.unwrap();
    let backup = JetStreamBackup::new(&target);
    backup.rewind(EVENTS_STREAM, &places).await.unwrap();
    backup.release(&released).await.unwrap();
    let queue = queue_of(&target).await;
    assert_eq!(done(queue.work(shard), 3).await, orders[2..]);
}
