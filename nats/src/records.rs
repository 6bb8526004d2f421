//! The log as it is stored, byte for byte.
//!
//! Invariant: what is said of the log at a moment (how far it goes, where one order's messages end, what was recorded
//! since a time) is its leader's word. A scan of one order ends by that word too, not by what a consumer counts as
//! pending: the consumer may stand on a replica that lags, and would end too early. It deliberately reads nothing of what
//! is in a message.

use std::error::Error;

use async_trait::async_trait;
use futures::stream::{self, BoxStream};
use futures::{StreamExt, TryStreamExt};
use ordertrace_domain::{
    Extent, FeedError, Incarnation, LogError, OrderId, Record, Records, Sequence, Span, Timestamp,
};

use crate::connection::Connection;
use crate::delivered::Delivered;
use crate::facts::StreamFacts;
use crate::follower::{Part, ShortLooks, follow};
use crate::get::{Which, get};
use crate::identity::StreamIdentity;
use crate::pull::{Pause, Unopened};
use crate::subject::{EVENTS_STREAM, events_of};

/// So many of an order's messages are read by a request each, which takes some 0.2 ms: to make a consumer takes as long as
/// thirty of them. Most orders have seven.
const FEW: usize = 24;

/// The latest time that the server can compare with: it counts nanoseconds since 1970 in 64 bits.
const TIME_MAX: Timestamp = Timestamp::from_micros(i64::MAX / 1_000);

/// [`Records`] over JetStream.
#[derive(Debug, Clone)]
pub struct JetStreamRecords {
    connection: Connection,
    identity: StreamIdentity,
}

impl JetStreamRecords {
    /// The records of the stream that the identity names.
    pub fn new(connection: &Connection, identity: StreamIdentity) -> Self {
        Self {
            connection: connection.clone(),
            identity,
        }
    }

    fn follow(&self, part: Part) -> BoxStream<'static, Result<Record, FeedError>> {
        let messages = follow(&self.connection, &self.identity, part);
        messages.map_ok(|delivered| delivered.record()).boxed()
    }

    /// One order's records up to here, which are all there once the log has come there.
    fn follow_to(
        &self,
        after: Sequence,
        upto: Sequence,
        order: OrderId,
    ) -> BoxStream<'static, Result<Record, FeedError>> {
        let this = self.clone();
        let scan = async move {
            match this.end_of(order, after, upto).await {
                Ok(Some(end)) => this.read_order(order, after, end).await,
                Ok(None) => stream::empty().boxed(),
                Err(error) => stream::iter([Err(error)]).boxed(),
            }
        };
        stream::once(scan).flatten().boxed()
    }

    /// One order's records up to one of them: the first few by a request each, and what is left by a consumer, as all of them
    /// where a request fails.
    async fn read_order(
        &self,
        order: OrderId,
        mut after: Sequence,
        end: Sequence,
    ) -> BoxStream<'static, Result<Record, FeedError>> {
        let subject = events_of(order);
        let mut few = Vec::new();
        while after < end && few.len() < FEW {
            let which = Which::From {
                seq: after.next(),
                next_by_subj: &subject,
            };
            let Ok(Some(message)) = get(&self.connection, EVENTS_STREAM, &which).await else {
                break;
            };
            let record = Delivered::from(message).record();
            after = record.sequence;
            if after <= end {
                few.push(Ok(record));
            }
        }
        let few = stream::iter(few);
        if after >= end {
            return few.boxed();
        }
        let rest = self.follow(Part {
            after,
            upto: Some(end),
            of: Some(order),
        });
        few.chain(rest).boxed()
    }

    /// Where to stop, so that one of the order's messages stands there or later; none if there is nothing to read. Waits
    /// until the log has come as far as `upto`, for as long as that takes.
    async fn end_of(
        &self,
        order: OrderId,
        after: Sequence,
        upto: Sequence,
    ) -> Result<Option<Sequence>, FeedError> {
        let (mut link, mut pause) = (self.connection.link(), Pause::new());
        let mut short_looks = ShortLooks::default();
        while after < upto && link.up().await {
            match self
                .look_for_end(order, after, upto, &mut short_looks)
                .await
            {
                Ok(Some(last)) => return Ok((last > after).then_some(last.min(upto))),
                Ok(None) => {}
                Err(Unopened::ForGood(error)) => return Err(error),
                Err(Unopened::ForNow(cause)) if pause.is_first() => tracing::warn!(
                    order.id = %order,
                    error = &*cause as &dyn Error,
                    "the end of an order can't be read and is asked for again until it can"
                ),
                Err(Unopened::ForNow(_)) => {}
            }
            pause.wait().await;
        }
        Ok(None)
    }

    /// Where the order's last message stands, before the first if there is none; nothing as long as the log does not go as
    /// far as `upto`.
    async fn look_for_end(
        &self,
        order: OrderId,
        after: Sequence,
        upto: Sequence,
        short_looks: &mut ShortLooks,
    ) -> Result<Option<Sequence>, Unopened> {
        let facts = StreamFacts::confirm(self.connection.jetstream(), &self.identity).await?;
        short_looks.check(facts.last, after)?;
        if facts.last < upto {
            return Ok(None);
        }
        let which = Which::Last {
            last_by_subj: &events_of(order),
        };
        let last = get(&self.connection, EVENTS_STREAM, &which).await;
        let last = last.map_err(Unopened::ForNow)?;
        Ok(Some(last.map_or(Sequence::START, |message| {
            Sequence::new(message.sequence)
        })))
    }
}

#[async_trait]
impl Records for JetStreamRecords {
    fn incarnation(&self) -> Incarnation {
        self.identity.incarnation()
    }

    async fn extent(&self) -> Result<Extent, LogError> {
        let facts = StreamFacts::current(self.connection.jetstream(), &self.identity).await?;
        Ok(Extent {
            first: facts.first.max(Sequence::START.next()),
            last: facts.last,
            messages: facts.messages,
        })
    }

    fn scan(
        &self,
        Span { after, upto }: Span,
        of: Option<OrderId>,
    ) -> BoxStream<'static, Result<Record, FeedError>> {
        match (of, upto) {
            (Some(order), Some(upto)) => self.follow_to(after, upto, order),
            _ => self.follow(Part { after, upto, of }),
        }
    }

    async fn first_since(&self, time: Timestamp) -> Result<Option<Sequence>, LogError> {
        if self.identity.is_recreated() {
            return Err(LogError::Recreated);
        }
        // Nothing was recorded before 1970, and the server reads no year below zero.
        let time = time.clamp(Timestamp::from_micros(0), TIME_MAX);
        let start_time = time.to_string();
        let first = get(
            &self.connection,
            EVENTS_STREAM,
            &Which::Since { start_time },
        )
        .await;
        let first = first.map_err(LogError::Unavailable)?;
        Ok(first.map(|message| Sequence::new(message.sequence)))
    }
}
