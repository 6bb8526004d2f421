//! What a client has missed, from the log: the same messages that it would have had.
//!
//! Invariant: all of it or nothing. Each order's record is folded by the same [`apply`] as the view's, from what it had come
//! to when the client left, so that the messages are those of a stream that was never cut. What can't be told so is not
//! guessed at: the client loads its list anew.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use futures::{StreamExt, TryStreamExt, stream};
use ordertrace_domain::{
    EventArchive, EventFeed, FeedError, FeedItem, LogError, OrderId, Sequence,
};
use ordertrace_http::Reach;
use tokio::{sync::Semaphore, task::spawn_blocking, time::timeout};

use super::{
    due::{Due, Room},
    message::ResetReason,
    scope::Scope,
};
use crate::{
    Change, Record, StoreError, Update, ViewStore, apply,
    apply::order_of,
    routes::{Queries, answer::is_within},
};

/// The most events that a client may be behind. To load a list anew costs less than to be told of more.
pub(super) const REPLAY_EVENTS_MAX: u64 = 1_000;

/// The most bytes that are told at once; a thousand rows of one line each take half of it.
const REPLAY_BYTES_MAX: usize = 2 << 20;

/// How long the log may take. It answers within milliseconds, or has something else to do.
const REPLAY_READ_MAX: Duration = Duration::from_secs(5);

/// How many clients are caught up at the same time: all of them come at once when a process has been started anew, and each
/// may hold a thousand events for a moment.
const REPLAYS_MAX: usize = 8;

/// How many orders are read at the same time for one client.
const ORDERS_AT_ONCE_MAX: usize = 16;

/// Why a client is not told what it has missed.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotTold {
    /// More than [`REPLAY_EVENTS_MAX`] or [`REPLAY_BYTES_MAX`].
    #[error("it has missed too much")]
    TooMuch,
    /// Others, who do not take what they have missed, leave no room for it.
    #[error("too much is held for others")]
    NoRoom,
    /// A view with other rows has taken the place of the one that the client was told from.
    #[error("the view was replaced meanwhile")]
    Replaced,
    /// The log did not answer within [`REPLAY_READ_MAX`].
    #[error("the log takes too long")]
    TooSlow,
    /// The log can't be followed from there.
    #[error(transparent)]
    Feed(#[from] FeedError),
    /// The feed ended, as it does when the process stops.
    #[error("the log's feed ended")]
    FeedEnded,
    /// An order can't be read. One whose history is broken can't be folded as it was.
    #[error("an order can't be read")]
    Order(#[from] LogError),
    /// What the log has of an order does not follow on what it had: the order has come into quarantine.
    #[error("the events of order {0} do not follow")]
    Broken(OrderId),
    /// The view can't be read. It stops.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The process stops.
    #[error("the work was interrupted by the end of the process")]
    Interrupted,
}

impl NotTold {
    /// What the client is told instead.
    pub(super) const fn reason(&self) -> ResetReason {
        match self {
            Self::Replaced => ResetReason::ViewReplaced,
            Self::TooMuch
            | Self::NoRoom
            | Self::TooSlow
            | Self::Feed(_)
            | Self::FeedEnded
            | Self::Order(_)
            | Self::Broken(_)
            | Self::Store(_)
            | Self::Interrupted => ResetReason::TooFarBehind,
        }
    }
}

/// What an order had come to when the client left.
enum Then {
    /// It was not there.
    Absent,
    /// It was on its way, and the log knows how far.
    Known,
    /// It was in quarantine, so that nothing has changed since.
    Quarantined,
}

/// Tells clients what they have missed.
#[derive(Clone)]
pub(super) struct Replays {
    store: ViewStore,
    feed: Arc<dyn EventFeed>,
    archive: Arc<dyn EventArchive>,
    permits: Arc<Semaphore>,
    room: Room,
}

impl Replays {
    pub(super) fn new(queries: &Queries, feed: Arc<dyn EventFeed>) -> Self {
        Self {
            store: queries.store.clone(),
            archive: queries.archive.clone(),
            feed,
            permits: Arc::new(Semaphore::new(REPLAYS_MAX)),
            room: Room::new(),
        }
    }

    /// What was to be told after `last`, up to and with `since`, where the view has been.
    pub(super) async fn between(
        &self,
        last: Sequence,
        since: Sequence,
        scope: &Scope,
    ) -> Result<Due, NotTold> {
        // What it was told before may be otherwise now, even of orders to which nothing has happened since.
        let replaced_at = self.store.status().replaced_at;
        if replaced_at.is_some_and(|replaced_at| last < replaced_at) {
            return Err(NotTold::Replaced);
        }
        match since.get().saturating_sub(last.get()) {
            0 => return Ok(Due::from([])),
            1..=REPLAY_EVENTS_MAX => {}
            _ => return Err(NotTold::TooMuch),
        }
        let told = timeout(REPLAY_READ_MAX, async {
            // It is never closed.
            let _permit = self.permits.acquire().await;
            let items = self.items(last, since, scope).await?;
            let records = self.records(last, &items, scope).await?;
            self.told(&items, records, scope)
        });
        told.await.unwrap_or(Err(NotTold::TooSlow))
    }

    /// The messages of the log that may matter.
    async fn items(
        &self,
        last: Sequence,
        since: Sequence,
        scope: &Scope,
    ) -> Result<Vec<(OrderId, FeedItem)>, NotTold> {
        let mut feed = self.feed.follow(last);
        let mut items = Vec::new();
        loop {
            let item = feed.next().await.ok_or(NotTold::FeedEnded)??;
            let sequence = item.sequence();
            // A message that names no order changes none.
            if let Some(order) = order_of(&item).filter(|order| scope.may_have(*order)) {
                items.push((order, item));
            }
            if sequence >= since {
                return Ok(items);
            }
        }
    }

    /// What the orders of these messages had come to before them, as far as they are within reach: what has become of another's
    /// is nothing to the client, not even a reset.
    async fn records(
        &self,
        last: Sequence,
        items: &[(OrderId, FeedItem)],
        scope: &Scope,
    ) -> Result<HashMap<OrderId, Option<Record>>, NotTold> {
        let orders: HashSet<_> = items.iter().map(|(order, _)| *order).collect();
        let (store, reach) = (self.store.clone(), scope.reach().clone());
        let then = spawn_blocking(move || then(&store, last, orders, &reach)).await;
        let then = then.map_err(|_| NotTold::Interrupted)??;
        let records = then.into_iter().map(|(order, then)| async move {
            match then {
                Then::Absent => Ok(Some((order, None))),
                Then::Known => Ok(Some((order, self.record_at(order, last).await?))),
                Then::Quarantined => Ok(None),
            }
        });
        let records = stream::iter(records).buffer_unordered(ORDERS_AT_ONCE_MAX);
        records
            .try_filter_map(|known| async { Ok(known) })
            .try_collect()
            .await
    }

    /// An order as it stood.
    async fn record_at(&self, order: OrderId, at: Sequence) -> Result<Option<Record>, NotTold> {
        let mut record = None;
        for recorded in self.archive.events_of(order).await? {
            if recorded.event.sequence > at {
                break;
            }
            record = advanced(record.as_ref(), order, &FeedItem::Event(recorded))?.or(record);
        }
        Ok(record)
    }

    fn told(
        &self,
        items: &[(OrderId, FeedItem)],
        mut records: HashMap<OrderId, Option<Record>>,
        scope: &Scope,
    ) -> Result<Due, NotTold> {
        let mut told = Vec::new();
        let mut bytes = 0;
        for (order_id, item) in items {
            let Some(record) = records.get_mut(order_id) else {
                continue;
            };
            let Some(after) = advanced(record.as_ref(), *order_id, item)? else {
                continue;
            };
            let update = Update {
                sequence: item.sequence(),
                order_id: *order_id,
                before: record.replace(after.clone()),
                after,
            };
            if let Some(message) = scope.told(&update, self.feed.incarnation()) {
                bytes += message.data.len();
                told.push(message);
            }
            if bytes > REPLAY_BYTES_MAX {
                return Err(NotTold::TooMuch);
            }
        }
        self.room.hold(told, bytes).ok_or(NotTold::NoRoom)
    }
}

/// What a message makes of a record; nothing if it changes nothing.
fn advanced(
    record: Option<&Record>,
    order: OrderId,
    item: &FeedItem,
) -> Result<Option<Record>, NotTold> {
    match apply(record, item) {
        Change::Nothing | Change::Stray => Ok(None),
        Change::Advanced { row, .. } => Ok(Some(Record::Sound(row))),
        Change::Quarantined { .. } => Err(NotTold::Broken(order)),
    }
}

/// The view is at the end of what is told, or behind it, and knows when each order began and whether it was left.
fn then(
    store: &ViewStore,
    last: Sequence,
    orders: HashSet<OrderId>,
    reach: &Reach,
) -> Result<Vec<(OrderId, Then)>, StoreError> {
    let mut known = Vec::with_capacity(orders.len());
    for order in orders {
        let record = store.record(order)?;
        let is_reached = record.as_ref().map(|record| is_within(reach, record));
        if !is_reached.unwrap_or(reach.owner().is_none()) {
            continue;
        }
        let began = record.as_ref().and_then(Record::row).map(|row| row.placed);
        let left = record.as_ref().and_then(Record::quarantine);
        let then = if left.is_some_and(|left| left.sequence <= last) {
            Then::Quarantined
        } else if began.is_some_and(|began| began > last) {
            Then::Absent
        } else {
            Then::Known
        };
        known.push((order, then));
    }
    Ok(known)
}
