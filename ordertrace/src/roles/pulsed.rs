//! What feeds the parts that work by themselves, with a finger on the pulse of whoever is fed.

use std::sync::Arc;

use async_trait::async_trait;
use futures::stream::BoxStream;
use ordertrace_domain::{
    EventFeed, Extent, FeedError, FeedItem, Incarnation, LogError, OrderId, Record, Records,
    Sequence, Shard, Span, Timestamp, Work, WorkQueue,
};

use crate::server::Pulse;

/// A port whose streams are looked at.
pub(super) struct Pulsed<P: ?Sized> {
    pulse: Pulse,
    port: Arc<P>,
}

impl<P: ?Sized> Pulsed<P> {
    /// This port; `pulse` is of whoever reads from it.
    pub(super) fn new(port: Arc<P>, pulse: &Pulse) -> Arc<Self> {
        Arc::new(Self {
            pulse: pulse.clone(),
            port,
        })
    }
}

#[async_trait]
impl<P: EventFeed + ?Sized> EventFeed for Pulsed<P> {
    fn incarnation(&self) -> Incarnation {
        self.port.incarnation()
    }

    async fn head(&self) -> Result<Sequence, LogError> {
        self.port.head().await
    }

    fn follow(&self, after: Sequence) -> BoxStream<'static, Result<FeedItem, FeedError>> {
        self.pulse.of(self.port.follow(after))
    }
}

impl<P: WorkQueue + ?Sized> WorkQueue for Pulsed<P> {
    fn work(&self, shard: Shard) -> BoxStream<'static, Result<Work, FeedError>> {
        self.pulse.of(self.port.work(shard))
    }
}

#[async_trait]
impl<P: Records + ?Sized> Records for Pulsed<P> {
    fn incarnation(&self) -> Incarnation {
        self.port.incarnation()
    }

    async fn extent(&self) -> Result<Extent, LogError> {
        self.port.extent().await
    }

    fn scan(
        &self,
        span: Span,
        of: Option<OrderId>,
    ) -> BoxStream<'static, Result<Record, FeedError>> {
        self.pulse.of(self.port.scan(span, of))
    }

    async fn first_since(&self, time: Timestamp) -> Result<Option<Sequence>, LogError> {
        self.port.first_since(time).await
    }
}
