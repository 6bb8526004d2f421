//! The queue of each shard's events and timers.
//!
//! One stream at a time works on a shard, and keeps its turn until it is dropped; the others stand by.

use std::sync::Arc;

use async_trait::async_trait;
use futures::{
    StreamExt,
    stream::{self, BoxStream},
};
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::{MemoryLog, Shared};
use crate::{
    Backlog, BacklogKind, Backlogs, FeedError, FeedItem, FiredTimer, LogError, Receipt, Sequence,
    Shard, Work, WorkItem, WorkQueue,
};

/// One shard's work, oldest first.
#[derive(Default)]
pub(super) struct Queue {
    entries: Vec<Entry>,
    /// How often everything was put back: a stream that sees another number starts over.
    round: u64,
    turn: Arc<Mutex<()>>,
}

struct Entry {
    source: Source,
    is_acknowledged: bool,
    /// Whether somebody has it and has not acknowledged it.
    is_in_hand: bool,
}

#[derive(Clone, Copy)]
enum Source {
    Message(Sequence),
    Timer(FiredTimer),
}

impl Source {
    const fn kind(self) -> BacklogKind {
        match self {
            Self::Message(_) => BacklogKind::Events,
            Self::Timer(_) => BacklogKind::Timers,
        }
    }
}

impl Queue {
    pub(super) fn put_message(&mut self, sequence: Sequence) {
        self.put(Source::Message(sequence));
    }

    pub(super) fn put_timer(&mut self, fired: FiredTimer) {
        self.put(Source::Timer(fired));
    }

    fn put(&mut self, source: Source) {
        self.entries.push(Entry {
            source,
            is_acknowledged: false,
            is_in_hand: false,
        });
    }

    pub(super) fn redeliver_all(&mut self) {
        self.round += 1;
        for entry in &mut self.entries {
            entry.is_acknowledged = false;
            entry.is_in_hand = false;
        }
    }

    fn backlog(&self, shard: Shard, kind: BacklogKind) -> Backlog {
        let of_kind = |entry: &&Entry| entry.source.kind() == kind && !entry.is_acknowledged;
        let open = self.entries.iter().filter(of_kind);
        let (in_hand, waiting): (Vec<_>, Vec<_>) = open.partition(|entry| entry.is_in_hand);
        let name = match kind {
            BacklogKind::Events => "saga",
            BacklogKind::Timers => "saga-timers",
        };
        Backlog {
            consumer: format!("{name}-{:02}", shard.number()),
            kind,
            shard,
            waiting: waiting.len() as u64,
            in_hand: in_hand.len() as u64,
            is_active: self.turn.try_lock().is_err(),
        }
    }

    /// The first open entry from this index on.
    fn open_from(&self, from: usize) -> Option<(usize, Source)> {
        let entries = self.entries.iter().enumerate().skip(from);
        let mut open = entries.filter(|(_, entry)| !entry.is_acknowledged);
        open.next().map(|(index, entry)| (index, entry.source))
    }
}

/// Where one stream has come to.
struct Worker {
    shared: Arc<Shared>,
    shard: Shard,
    next: usize,
    round: u64,
    turn: Option<OwnedMutexGuard<()>>,
}

impl WorkQueue for MemoryLog {
    fn work(&self, shard: Shard) -> BoxStream<'static, Result<Work, FeedError>> {
        let worker = Worker {
            shared: Arc::clone(&self.shared),
            shard,
            next: 0,
            round: 0,
            turn: None,
        };
        let work = stream::unfold(Some(worker), |worker| async {
            let mut worker = worker?;
            let work = worker.next_work().await;
            // After an error there is nothing more.
            let worker = work.is_ok().then_some(worker);
            Some((work, worker))
        });
        work.boxed()
    }
}

impl Worker {
    async fn next_work(&mut self) -> Result<Work, FeedError> {
        if self.turn.is_none() {
            let turn = Arc::clone(&self.shared.store().queue(self.shard).turn);
            self.turn = Some(turn.lock_owned().await);
        }
        let mut changes = self.shared.changes.subscribe();
        loop {
            changes.borrow_and_update();
            if let Some(work) = self.ready_work()? {
                return Ok(work);
            }
            // It fails only when the sender is gone, and `self.shared` holds it.
            let _ = changes.changed().await;
        }
    }

    fn ready_work(&mut self) -> Result<Option<Work>, FeedError> {
        let mut store = match self.shared.answering() {
            Ok(store) => store,
            Err(LogError::Recreated) => return Err(FeedError::Recreated),
            Err(LogError::Unavailable(_) | LogError::Broken(_)) => return Ok(None),
        };
        let queue = store.queue(self.shard);
        if queue.round != self.round {
            (self.round, self.next) = (queue.round, 0);
        }
        while let Some((index, source)) = store.queue(self.shard).open_from(self.next) {
            self.next = index + 1;
            store.queue(self.shard).entries[index].is_in_hand = true;
            let item = match source {
                Source::Timer(fired) => Some(WorkItem::Timer(fired)),
                // A lost message is the feed's to report.
                Source::Message(sequence) => store.message(sequence).map(WorkItem::from),
            };
            if let Some(item) = item {
                let receipt = Box::new(MemoryReceipt {
                    shared: Arc::clone(&self.shared),
                    shard: self.shard,
                    index,
                });
                return Ok(Some(Work { item, receipt }));
            }
        }
        Ok(None)
    }
}

impl From<FeedItem> for WorkItem {
    fn from(item: FeedItem) -> Self {
        match item {
            FeedItem::Event(event) => Self::Event(event),
            FeedItem::Unreadable(unreadable) => Self::Unreadable(unreadable),
        }
    }
}

struct MemoryReceipt {
    shared: Arc<Shared>,
    shard: Shard,
    index: usize,
}

#[async_trait]
impl Receipt for MemoryReceipt {
    async fn acknowledge(self: Box<Self>) -> Result<(), LogError> {
        let mut store = self.shared.answering()?;
        if let Some(entry) = store.queue(self.shard).entries.get_mut(self.index) {
            entry.is_acknowledged = true;
        }
        Ok(())
    }
}

#[async_trait]
impl Backlogs for MemoryLog {
    async fn backlogs(&self) -> Result<Vec<Backlog>, LogError> {
        let mut store = self.shared.answering()?;
        let kinds = [BacklogKind::Events, BacklogKind::Timers];
        let all = kinds.into_iter().flat_map(|kind| {
            let shards = Shard::all().map(move |shard| (kind, shard));
            shards.collect::<Vec<_>>()
        });
        Ok(all
            .map(|(kind, shard)| store.queue(shard).backlog(shard, kind))
            .collect())
    }
}
