//! The log as it is stored.

use std::sync::Arc;

use async_trait::async_trait;
use futures::{
    StreamExt,
    stream::{self, BoxStream},
};

use super::{MemoryLog, Shared, message::Message, store::Store};
use crate::{
    Extent, FeedError, Incarnation, LogError, OrderId, Record, Records, Sequence, Span, Timestamp,
};

#[async_trait]
impl Records for MemoryLog {
    fn incarnation(&self) -> Incarnation {
        self.shared.incarnation
    }

    async fn extent(&self) -> Result<Extent, LogError> {
        let store = self.shared.answering()?;
        Ok(Extent {
            first: store.first().unwrap_or(store.head().next()),
            last: store.head(),
            messages: store.message_count(),
        })
    }

    fn scan(
        &self,
        span: Span,
        of: Option<OrderId>,
    ) -> BoxStream<'static, Result<Record, FeedError>> {
        let shared = Arc::clone(&self.shared);
        let scan = stream::unfold(Some(Scan { shared, span, of }), |scan| async {
            let mut scan = scan?;
            let next = scan.next().await?;
            // After an error there is nothing more.
            let scan = next.is_ok().then_some(scan);
            Some((next, scan))
        });
        scan.boxed()
    }

    async fn first_since(&self, time: Timestamp) -> Result<Option<Sequence>, LogError> {
        let store = self.shared.answering()?;
        let since = i128::from(time.micros()) * 1_000;
        let mut records = store.after(Sequence::START).map(Message::record);
        let first = records.find(|record| i128::from(record.recorded_at.nanos()) >= since);
        Ok(first.map(|record| record.sequence))
    }
}

/// Where one scan has come to.
struct Scan {
    shared: Arc<Shared>,
    span: Span,
    of: Option<OrderId>,
}

/// What a look at the store comes to.
enum Look {
    Found(Record),
    Later,
    End,
}

impl Scan {
    /// `None` at the end of the span.
    async fn next(&mut self) -> Option<Result<Record, FeedError>> {
        let shared = Arc::clone(&self.shared);
        let mut changes = shared.changes.subscribe();
        while !self.is_over(self.span.after) {
            changes.borrow_and_update();
            match self.look() {
                Ok(Look::Found(record)) => {
                    self.span.after = record.sequence;
                    return Some(Ok(record));
                }
                Ok(Look::End) => return None,
                Ok(Look::Later) => {}
                Err(error) => return Some(Err(error)),
            }
            // It fails only when the sender is gone, and `shared` holds it.
            let _ = changes.changed().await;
        }
        None
    }

    /// Whether all of the span has been looked at when everything up to here has.
    fn is_over(&self, upto: Sequence) -> bool {
        self.span.upto.is_some_and(|end| end <= upto)
    }

    fn look(&self) -> Result<Look, FeedError> {
        let store = match self.shared.answering() {
            Ok(store) => store,
            Err(LogError::Recreated) => return Err(FeedError::Recreated),
            Err(LogError::Unavailable(_) | LogError::Broken(_)) => return Ok(Look::Later),
        };
        if store.head() < self.span.after {
            return Err(FeedError::Recreated);
        }
        match self.of {
            Some(order) => Ok(self.look_for(order, &store)),
            None => self.look_at_all(&store),
        }
    }

    fn look_at_all(&self, store: &Store) -> Result<Look, FeedError> {
        let expected = self.span.after.next();
        let next = store.after(self.span.after).next();
        let found = match next {
            Some(message) => message.record().sequence,
            // Where there is nothing, something may come; what should stand within the span and the head is gone.
            None if !self.is_over(store.head()) => return Ok(Look::Later),
            None => store.head().next(),
        };
        match next {
            Some(message) if found == expected => Ok(Look::Found(message.record().clone())),
            _ => Err(FeedError::Gap { expected, found }),
        }
    }

    fn look_for(&self, order: OrderId, store: &Store) -> Look {
        let is_there = self.is_over(store.head());
        if self.span.upto.is_some() && !is_there {
            return Look::Later;
        }
        let mut later = store.after(self.span.after);
        let next = later.find(|message| message.order_id() == Some(order));
        match next.map(Message::record) {
            Some(record) if self.is_in_span(record) => Look::Found(record.clone()),
            Some(_) => Look::End,
            None if is_there => Look::End,
            None => Look::Later,
        }
    }

    fn is_in_span(&self, record: &Record) -> bool {
        self.span.upto.is_none_or(|end| record.sequence <= end)
    }
}
