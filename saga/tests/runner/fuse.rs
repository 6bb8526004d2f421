//! A process that dies at an exact step: all ports of one saga, which stop dead when the fuse has burnt down.
//!
//! Invariant: a step lies before and after every call of every port, so that a count of steps names a point between any
//! two things that the saga does. At each step other tasks get their turn, too.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use async_trait::async_trait;
use futures::{StreamExt, stream::BoxStream};
use ordertrace_domain::{
    AppendError, Draft, EventLog, FeedError, Freshness, History, Incarnation, LogError, OrderId,
    Parked, Parking, ProviderRef, Receipt, Shard, TimerName, Timers, Timestamp, Version, Work,
    WorkQueue, testing::MemoryLog,
};
use ordertrace_saga::provider::{
    Charge, Created, IntentStatus, NoAnswer, PaymentProvider, RefundOrder, Refunded,
};

use crate::{counter::Counter, meddler::Meddler};

/// How many steps are left.
#[derive(Clone)]
pub(crate) struct Fuse {
    left: Arc<AtomicUsize>,
}

impl Fuse {
    /// One that burns down after so many steps.
    pub(crate) fn of(steps: usize) -> Self {
        Self {
            left: Arc::new(AtomicUsize::new(steps)),
        }
    }

    /// One that never burns down.
    pub(crate) fn endless() -> Self {
        Self::of(usize::MAX)
    }

    pub(crate) fn has_burnt_down(&self) -> bool {
        self.left.load(Ordering::SeqCst) == 0
    }

    async fn step(&self) {
        tokio::task::yield_now().await;
        let count_down = |left: usize| left.checked_sub(1);
        let left = self
            .left
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, count_down);
        if left.map_or(true, |before| before == 1) {
            std::future::pending::<()>().await;
        }
    }

    async fn around<T>(&self, call: impl Future<Output = T>) -> T {
        self.step().await;
        let answer = call.await;
        self.step().await;
        answer
    }
}

/// One process's way to the log and to the payment provider.
#[derive(Clone)]
pub(crate) struct Fused {
    pub(crate) log: MemoryLog,
    pub(crate) queue: Arc<dyn WorkQueue>,
    pub(crate) provider: Counter,
    pub(crate) meddler: Meddler,
    pub(crate) fuse: Fuse,
}

#[async_trait]
impl EventLog for Fused {
    fn incarnation(&self) -> Incarnation {
        EventLog::incarnation(&self.log)
    }

    async fn load(&self, order: OrderId, freshness: Freshness) -> Result<History, LogError> {
        let history = self.fuse.around(self.log.load(order, freshness)).await?;
        Ok(self.meddler.shown(history))
    }

    async fn append(&self, base: &History, events: Vec<Draft>) -> Result<History, AppendError> {
        self.meddler.before_append(&events).await;
        self.fuse.around(self.log.append(base, events)).await
    }
}

#[async_trait]
impl Timers for Fused {
    async fn schedule(
        &self,
        order: OrderId,
        timer: TimerName,
        at: Timestamp,
        version: Version,
    ) -> Result<(), LogError> {
        self.fuse
            .around(self.log.schedule(order, timer, at, version))
            .await
    }

    async fn cancel(&self, order: OrderId, timer: TimerName) -> Result<(), LogError> {
        self.fuse
            .around(Timers::cancel(&self.log, order, timer))
            .await
    }
}

#[async_trait]
impl Parking for Fused {
    async fn park(&self, parked: Parked) -> Result<(), LogError> {
        self.fuse.around(self.log.park(parked)).await
    }
}

impl WorkQueue for Fused {
    fn work(&self, shard: Shard) -> BoxStream<'static, Result<Work, FeedError>> {
        let fuse = self.fuse.clone();
        let fused = self.queue.work(shard).map(move |work| {
            work.map(|Work { item, receipt }| Work {
                item,
                receipt: Box::new(FusedReceipt {
                    receipt,
                    fuse: fuse.clone(),
                }),
            })
        });
        fused.boxed()
    }
}

struct FusedReceipt {
    receipt: Box<dyn Receipt>,
    fuse: Fuse,
}

#[async_trait]
impl Receipt for FusedReceipt {
    async fn acknowledge(self: Box<Self>) -> Result<(), LogError> {
        let Self { receipt, fuse } = *self;
        fuse.around(receipt.acknowledge()).await
    }
}

#[async_trait]
impl PaymentProvider for Fused {
    async fn create(&self, order: OrderId, charge: &Charge) -> Result<Created, NoAnswer> {
        self.fuse.around(self.provider.create(order, charge)).await
    }

    async fn confirm(&self, intent: &ProviderRef) -> Result<IntentStatus, NoAnswer> {
        self.fuse.around(self.provider.confirm(intent)).await
    }

    async fn look_up(&self, intent: &ProviderRef) -> Result<IntentStatus, NoAnswer> {
        self.fuse.around(self.provider.look_up(intent)).await
    }

    async fn cancel(&self, intent: &ProviderRef) -> Result<IntentStatus, NoAnswer> {
        self.fuse.around(self.provider.cancel(intent)).await
    }

    async fn refund(&self, order: OrderId, refund: &RefundOrder) -> Result<Refunded, NoAnswer> {
        self.fuse.around(self.provider.refund(order, refund)).await
    }
}
