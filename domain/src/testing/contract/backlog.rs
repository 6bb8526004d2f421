//! How much work waits, seen from outside.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::{Harness, WAIT_MAX, new_order_as, work::Worker};
use crate::{Backlog, BacklogKind, OrderId, Shard, testing::fixtures};

/// How often the server is asked while it has not come to what is waited for.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// The shard that is looked at. Other behaviours may have left work on it that comes again meanwhile, so only differences count.
const SHARD: u8 = 9;

fn order() -> OrderId {
    let mut ids = std::iter::repeat_with(fixtures::order_id);
    ids.find(|order| Shard::of(*order).number() == SHARD)
        .expect("the ids go on until one is of the shard")
}

async fn backlog(harness: &dyn Harness) -> Backlog {
    let backlogs = harness.backlogs().backlogs().await.expect("the backlogs");
    assert_eq!(backlogs.len(), 2 * usize::from(Shard::COUNT));
    let mut of_shard = backlogs
        .into_iter()
        .filter(|backlog| (backlog.kind, backlog.shard.number()) == (BacklogKind::Events, SHARD));
    of_shard.next().expect("a backlog of every shard")
}

/// The server counts on its own, a moment after it has answered.
/// The backlog, once it is so: the server counts on its own, a moment after it has answered.
async fn until(harness: &dyn Harness, what: &str, is_met: impl Fn(&Backlog) -> bool) -> Backlog {
    let deadline = Instant::now() + WAIT_MAX;
    loop {
        let backlog = backlog(harness).await;
        if is_met(&backlog) {
            return backlog;
        }
        assert!(
            Instant::now() < deadline,
            "never came to {what}: {backlog:?}"
        );
        sleep(LOOK_AGAIN).await;
    }
}

/// A message waits until it is handed out, is in hand until it is acknowledged, and counts no more then.
pub async fn what_waits_and_what_is_in_hand_is_counted(harness: &dyn Harness) {
    let order = order();
    let nobody = until(harness, "nobody at work", |backlog| !backlog.is_active).await;
    new_order_as(&*harness.log(), order).await;
    until(harness, "one more that waits", |backlog| {
        backlog.waiting > nobody.waiting
    })
    .await;
    let mut worker = Worker::on(harness, order);
    let work = worker.next_of(&[order]).await;
    let taken = until(harness, "one in hand", |backlog| {
        backlog.is_active && backlog.waiting == 0 && backlog.in_hand > 0
    })
    .await;
    let acknowledged = work.receipt.acknowledge().await;
    acknowledged.expect("an acknowledgement");
    until(harness, "one less in hand", |backlog| {
        backlog.in_hand < taken.in_hand
    })
    .await;
}
