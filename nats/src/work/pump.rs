//! Moves messages from one durable consumer into the queue of its shard.

use std::error::Error;
use std::time::Duration;

use async_nats::jetstream::Message;
use ordertrace_domain::{FeedError, FeedItem, FiredTimer, Work, WorkItem};
use tokio::sync::mpsc;

use super::lease::Leases;
use super::receipt::JetStreamReceipt;
use super::unknown::UnknownTimers;
use crate::connection::{Connection, Link};
use crate::delivered::Delivered;
use crate::facts::StreamFacts;
use crate::identity::StreamIdentity;
use crate::pull::{Interruption, Pace, Pause, Pull, REQUEST_BYTES_MAX, Unopened};
use crate::subject::parse_timer_due;
use crate::timers::version_in;
use crate::topology::{ACK_PENDING_MAX, PINNED_FOR, SAGA_GROUP};

/// A pinned client that has not asked for as long as [`PINNED_FOR`] loses its shard: requests are renewed well within it.
const EXPIRES: Duration = Duration::from_millis(400);
const _: () = assert!(EXPIRES.as_millis() * 2 < PINNED_FOR.as_millis());

/// Half of what a request is good for, the most the server takes.
const HEARTBEAT: Duration = Duration::from_millis(200);

/// A loaded server is late by tenths of a second; after this long, requests are lost.
const SILENCE_MAX: Duration = Duration::from_secs(2);

const PACE: Pace = Pace {
    batch: ACK_PENDING_MAX as usize,
    bytes: REQUEST_BYTES_MAX,
    expires: EXPIRES,
    heartbeat: HEARTBEAT,
    silence_max: SILENCE_MAX,
    group: Some(SAGA_GROUP),
};

/// What a durable consumer's messages are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    Events,
    Timers,
}

/// One durable consumer, from one pull to the next.
pub(super) struct Pump {
    pub(super) source: Source,
    pub(super) stream: &'static str,
    pub(super) durable: String,
    pub(super) connection: Connection,
    pub(super) link: Link,
    pub(super) identity: StreamIdentity,
    pub(super) unknown: UnknownTimers,
    pub(super) leases: Leases,
    pub(super) sender: mpsc::Sender<Result<Work, FeedError>>,
}

/// Why a pump stops.
enum Stop {
    /// Nobody wants more work, or the connection was closed on purpose.
    Unwanted,
    /// To be told to whoever works.
    Error(FeedError),
}

impl Pump {
    pub(super) async fn run(mut self) {
        if let Stop::Error(error) = self.pump().await {
            // If nobody listens any more, nobody needs to know.
            let _ = self.sender.send(Err(error)).await;
        }
    }

    async fn pump(&mut self) -> Stop {
        let mut pause = Pause::new();
        while self.link.up().await {
            match self.open().await {
                Ok(pull) => {
                    if let Some(stop) = self.drain(pull, &mut pause).await {
                        return stop;
                    }
                }
                Err(Unopened::ForGood(error)) => return Stop::Error(error),
                Err(Unopened::ForNow(cause)) if pause.is_first() => tracing::warn!(
                    consumer.name = self.durable,
                    error = &*cause as &dyn Error,
                    "the queue can't be read and is tried again until it can"
                ),
                Err(Unopened::ForNow(_)) => {}
            }
            pause.wait().await;
        }
        Stop::Unwanted
    }

    /// Starts to pull, once the event stream is known to be the right one: a consumer of this name belongs to whichever
    /// stream there is.
    async fn open(&self) -> Result<Pull, Unopened> {
        let connects = self.link.connects();
        let context = self.connection.jetstream();
        let consumer = context
            .get_consumer_from_stream(&self.durable, self.stream)
            .await?;
        StreamFacts::confirm(context, &self.identity).await?;
        Ok(Pull::start(&consumer, PACE, self.link.clone(), connects).await?)
    }

    /// Hands on what comes, until something comes between; then all is to be built anew, unless there is a reason to
    /// stop.
    async fn drain(&mut self, mut pull: Pull, pause: &mut Pause) -> Option<Stop> {
        loop {
            let interruption = match pull.next().await {
                Ok((delivered, message)) => {
                    pause.reset();
                    if self.hand_on(&delivered, message).await.is_err() {
                        return Some(Stop::Unwanted);
                    }
                    continue;
                }
                Err(interruption) => interruption,
            };
            if matches!(interruption, Interruption::Closed) {
                return Some(Stop::Unwanted);
            }
            tracing::debug!(
                consumer.name = self.durable,
                reason = %interruption,
                "the queue is interrupted and read anew"
            );
            return None;
        }
    }

    /// Fails when nobody wants more work.
    async fn hand_on(&mut self, delivered: &Delivered, message: Message) -> Result<(), Unwanted> {
        let Some(receipt) = JetStreamReceipt::of(&message, &self.leases) else {
            // The consumer demands acknowledgements, so its messages have somewhere to send them.
            return Ok(());
        };
        let item = match self.source {
            Source::Events => match delivered.event() {
                FeedItem::Event(event) => WorkItem::Event(event),
                FeedItem::Unreadable(unreadable) => WorkItem::Unreadable(unreadable),
            },
            Source::Timers => match parse_timer_due(&delivered.subject) {
                Some((order_id, timer)) => WorkItem::Timer(FiredTimer {
                    order_id,
                    timer,
                    recorded_at: delivered.recorded_at.to_timestamp(),
                    version: version_in(&delivered.payload),
                }),
                None => {
                    self.unknown.take(delivered, receipt);
                    return Ok(());
                }
            },
        };
        let receipt = Box::new(receipt);
        let sent = self.sender.send(Ok(Work { item, receipt })).await;
        sent.map_err(|_| Unwanted)
    }
}

/// Nobody wants more work.
struct Unwanted;
