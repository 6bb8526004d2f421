//! One shard's work: in turn for each order, side by side for different ones.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use futures::StreamExt;
use ordertrace_domain::{OrderId, Shard, Work, WorkItem};
use tokio::{task::JoinSet, time::timeout};
use tokio_util::sync::CancellationToken;

use super::{Saga, SagaError, handling, upgrade::Upgrade};

/// How many orders of a shard are worked on at a time. A slow payment provider holds up that many; the queue bounds what
/// waits behind them.
const ORDERS_AT_ONCE_MAX: usize = 64;

/// How long a shutdown waits for work in hand. What is cut off was not acknowledged, and is handed out again.
const DRAIN_MAX: Duration = Duration::from_secs(10);

/// What waits behind the work in hand, for each order that has some in hand.
#[derive(Default)]
struct Waiting(HashMap<OrderId, VecDeque<Work>>);

impl Waiting {
    /// Takes new work: gives it back if it can be begun at once, keeps it if its order is busy.
    fn offer(&mut self, order: OrderId, work: Work) -> Option<Work> {
        if let Some(queue) = self.0.get_mut(&order) {
            queue.push_back(work);
            return None;
        }
        self.0.insert(order, VecDeque::new());
        Some(work)
    }

    /// What is next for an order whose work in hand is done.
    fn next(&mut self, order: OrderId) -> Option<Work> {
        let next = self.0.get_mut(&order)?.pop_front();
        if next.is_none() {
            self.0.remove(&order);
        }
        next
    }
}

/// Works on a shard until `shutdown` or until its queue ends.
pub(super) async fn run(
    saga: Saga,
    upgrade: Arc<Upgrade>,
    shard: Shard,
    shutdown: CancellationToken,
) -> Result<(), SagaError> {
    let mut queue = saga.queue.work(shard);
    let mut waiting = Waiting::default();
    let mut in_hand: JoinSet<Option<OrderId>> = JoinSet::new();
    let begin = |in_hand: &mut JoinSet<_>, order: Option<OrderId>, work| {
        let (saga, upgrade) = (saga.clone(), Arc::clone(&upgrade));
        in_hand.spawn(async move {
            match order {
                Some(order) => handling::handle(&saga, &upgrade, order, work).await,
                None => handling::handle_nameless(&saga, &upgrade, work).await,
            }
            order
        });
    };
    loop {
        tokio::select! {
            // In this order: what is done makes room for what is next, and a simulation goes the same way each time.
            biased;
            () = shutdown.cancelled() => break,
            Some(done) = in_hand.join_next() => {
                if let Some(order) = done?
                    && let Some(work) = waiting.next(order)
                {
                    begin(&mut in_hand, Some(order), work);
                }
            }
            next = queue.next(), if in_hand.len() < ORDERS_AT_ONCE_MAX => {
                let work = next.ok_or(SagaError::QueueEnded(shard))??;
                let order = order_of(&work.item);
                // What belongs to no order is done in no order.
                let ready = match order {
                    Some(order) => waiting.offer(order, work),
                    None => Some(work),
                };
                if let Some(work) = ready {
                    begin(&mut in_hand, order, work);
                }
            }
        }
    }
    drop(queue);
    let drained = timeout(DRAIN_MAX, async {
        while in_hand.join_next().await.is_some() {}
    });
    if drained.await.is_err() {
        tracing::warn!(%shard, "work in hand was cut off by the shutdown; it will be handed out again");
    }
    Ok(())
}

fn order_of(item: &WorkItem) -> Option<OrderId> {
    match item {
        WorkItem::Event(recorded) => Some(recorded.event.envelope.order_id),
        WorkItem::Timer(fired) => Some(fired.order_id),
        WorkItem::Unreadable(unreadable) => unreadable.order_id,
    }
}
