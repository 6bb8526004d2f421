//! The log from first to last, over a consumer of this process's own.
//!
//! Nothing ever leaves the event stream, so its sequences are dense, and the consumer needs no acknowledgement: whatever
//! comes between, a new consumer begins after the last message that was handed on. What is missing then is missing in
//! the log.
//!
//! Invariant: every message is handed on once, in order, without a hole; the stream is the one it was at the start. It
//! deliberately keeps no position over restarts: whoever follows says where to begin.

use std::error::Error;
use std::time::Duration;

use async_nats::jetstream::consumer::pull;
use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, PullConsumer};
use async_trait::async_trait;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use ordertrace_domain::{Cause, EventFeed, FeedError, FeedItem, Incarnation, LogError, Sequence};

use crate::connection::{Connection, Link};
use crate::delivered::Delivered;
use crate::facts::StreamFacts;
use crate::identity::StreamIdentity;
use crate::pull::{Interruption, Pace, Pause, Pull, Unopened};
use crate::subject::EVENTS_STREAM;

/// Few, large requests: 165,000 events/s against 138,000 with an ordered consumer's 500.
const BATCH: usize = 5_000;
/// How long a request for messages waits for new ones.
const EXPIRES: Duration = Duration::from_secs(10);
/// How often an idle server shows that it is there.
const HEARTBEAT: Duration = Duration::from_secs(2);
/// Two heartbeats are missing: the consumer is built anew. That costs three requests, and loses nothing.
const SILENCE_MAX: Duration = Duration::from_secs(4);

const PACE: Pace = Pace {
    batch: BATCH,
    expires: EXPIRES,
    heartbeat: HEARTBEAT,
    silence_max: SILENCE_MAX,
    group: None,
};

/// A consumer that was left behind goes by itself after this. One whose connection is down for longer is lost with it,
/// which costs nothing: it would be built anew anyway.
const INACTIVE_MAX: Duration = Duration::from_secs(60);

/// How long the head of the log is asked for: longer than a cluster needs to elect a leader.
const HEAD_BUDGET: Duration = Duration::from_secs(15);

/// How often a log that ends before what was seen of it is looked at again: a replica that has just become the leader
/// may lag for a moment. With the pauses between this takes about five seconds.
const SHORT_LOOKS_MAX: u32 = 12;

/// [`EventFeed`] over JetStream.
#[derive(Debug, Clone)]
pub struct JetStreamFeed {
    connection: Connection,
    identity: StreamIdentity,
}

impl JetStreamFeed {
    /// The feed of the stream that the identity names.
    pub fn new(connection: &Connection, identity: StreamIdentity) -> Self {
        Self {
            connection: connection.clone(),
            identity,
        }
    }
}

#[async_trait]
impl EventFeed for JetStreamFeed {
    fn incarnation(&self) -> Incarnation {
        self.identity.incarnation()
    }

    async fn head(&self) -> Result<Sequence, LogError> {
        let facts = StreamFacts::ask_within(HEAD_BUDGET, self.connection.jetstream())
            .await
            .map_err(|error| LogError::Unavailable(error.into()))?;
        if self.identity.confirm(facts.incarnation) {
            Ok(facts.last)
        } else {
            Err(LogError::Recreated)
        }
    }

    fn follow(&self, after: Sequence) -> BoxStream<'static, Result<FeedItem, FeedError>> {
        let follower = Follower {
            link: self.connection.link(),
            name: String::new(),
            connection: self.connection.clone(),
            identity: self.identity.clone(),
            last: after,
            pull: None,
            pause: Pause::new(),
            has_hole: false,
            short_looks: 0,
        };
        stream::unfold(Some(follower), |follower| async {
            let mut follower = follower?;
            match follower.next().await? {
                Ok(item) => Some((Ok(item), Some(follower))),
                Err(error) => Some((Err(error), None)),
            }
        })
        .boxed()
    }
}

/// Follows the log from one consumer to the next.
struct Follower {
    connection: Connection,
    link: Link,
    identity: StreamIdentity,
    /// The name of the consumer; a new one each time, for one that is left over stands elsewhere.
    name: String,
    /// The last message that was handed on.
    last: Sequence,
    pull: Option<Pull>,
    pause: Pause,
    /// The message after `last` was missing when it was last read.
    has_hole: bool,
    /// How often in a row the log ended before `last`.
    short_looks: u32,
}

impl Follower {
    /// The next message; `None` once the connection was closed on purpose.
    async fn next(&mut self) -> Option<Result<FeedItem, FeedError>> {
        loop {
            let Some(pull) = &mut self.pull else {
                if !self.link.up().await {
                    return None;
                }
                match self.open().await {
                    Ok(pull) => self.pull = Some(pull),
                    Err(Unopened::ForGood(error)) => return Some(Err(error)),
                    Err(Unopened::ForNow(cause)) => self.wait_after(cause).await,
                }
                continue;
            };
            match pull.next().await {
                Ok((delivered, _)) => {
                    if let Some(result) = self.accept(&delivered) {
                        return Some(result);
                    }
                }
                Err(Interruption::Closed) => return None,
                Err(interruption) => {
                    tracing::info!(
                        consumer.name = self.name,
                        log.position = self.last.get(),
                        reason = %interruption,
                        "the feed is interrupted and continues with a new consumer"
                    );
                    self.pull = None;
                    self.pause.wait().await;
                }
            }
        }
    }

    fn accept(&mut self, delivered: &Delivered) -> Option<Result<FeedItem, FeedError>> {
        let (expected, found) = (self.last.next(), delivered.sequence);
        if self.identity.is_recreated() {
            return Some(Err(FeedError::Recreated));
        }
        if found == expected {
            self.last = found;
            self.has_hole = false;
            self.pause.reset();
            return Some(Ok(delivered.event()));
        }
        if found < expected {
            return None;
        }
        if self.has_hole {
            return Some(Err(FeedError::Gap { expected, found }));
        }
        // A message may have been dropped on its way: what the log itself has is read once more.
        self.has_hole = true;
        self.pull = None;
        None
    }

    /// Makes a consumer that begins after the last message, and then makes sure that it reads the right stream: one that
    /// is created anew later takes the consumer away with the old one.
    async fn open(&mut self) -> Result<Pull, Unopened> {
        if self.identity.is_recreated() {
            return Err(Unopened::ForGood(FeedError::Recreated));
        }
        let connects = self.link.connects();
        let consumer = self.consumer().await?;
        let facts = StreamFacts::confirm(self.connection.jetstream(), &self.identity).await?;
        self.check_end(facts.last)?;
        Ok(Pull::start(&consumer, PACE, self.link.clone(), connects).await?)
    }

    async fn consumer(&mut self) -> Result<PullConsumer, Unopened> {
        self.name = self.connection.unique_name("feed");
        let config = pull::Config {
            name: Some(self.name.clone()),
            deliver_policy: DeliverPolicy::ByStartSequence {
                start_sequence: self.last.next().get(),
            },
            ack_policy: AckPolicy::None,
            memory_storage: true,
            num_replicas: 1,
            inactive_threshold: INACTIVE_MAX,
            ..pull::Config::default()
        };
        let context = self.connection.jetstream();
        let consumer = context.create_consumer_strict_on_stream(config, EVENTS_STREAM);
        Ok(consumer.await?)
    }

    /// A log that ends before what was seen of it has lost its end, in a restore from a backup or a power cut: it is not
    /// the log that was followed.
    fn check_end(&mut self, end: Sequence) -> Result<(), Unopened> {
        if end >= self.last {
            self.short_looks = 0;
            return Ok(());
        }
        self.short_looks += 1;
        if self.short_looks < SHORT_LOOKS_MAX {
            return Err(Unopened::ForNow(
                "the log ends before what was seen of it".into(),
            ));
        }
        tracing::error!(
            log.end = end.get(),
            log.position = self.last.get(),
            "the log ends before what was seen of it: it has lost its end"
        );
        Err(Unopened::ForGood(FeedError::Recreated))
    }

    async fn wait_after(&mut self, cause: Cause) {
        if self.pause.is_first() {
            tracing::warn!(
                consumer.name = self.name,
                error = &*cause as &dyn Error,
                "the feed can't be read and is tried again until it can"
            );
        }
        self.pause.wait().await;
    }
}
