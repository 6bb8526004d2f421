//! Follows the log, or one order's messages in it, over a consumer of this process's own.
//!
//! Nothing ever leaves the event stream, so its sequences are dense, and the consumer needs no acknowledgement: whatever
//! comes between, a new consumer begins after the last message that was handed on. What is missing then is missing in
//! the log.
//!
//! Invariant: every message of the part is handed on once, in order; of all messages none is passed over. The stream is
//! the one it was at the start. A part with an end ends there, never before and never long after. It deliberately keeps no
//! position over restarts: whoever follows says where to begin.

use std::error::Error;
use std::time::Duration;

use async_nats::jetstream::consumer::pull;
use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, PullConsumer};
use futures::stream::{self, Stream};
use ordertrace_domain::{Cause, FeedError, OrderId, Sequence};
use tokio::time::timeout;

use crate::connection::{Connection, Link};
use crate::delivered::Delivered;
use crate::facts::StreamFacts;
use crate::get::{Which, get};
use crate::identity::StreamIdentity;
use crate::pull::{Interruption, Pace, Pause, Pull, REQUEST_BYTES_MAX, Unopened};
use crate::subject::{EVENTS_ALL, EVENTS_STREAM, events_of};

/// Few, large requests: 165,000 events/s against 138,000 with an ordered consumer's 500.
const BATCH: usize = 5_000;
/// How long a request for messages waits for new ones.
const EXPIRES: Duration = Duration::from_secs(10);
/// How often an idle server shows that it is there.
const HEARTBEAT: Duration = Duration::from_secs(2);
/// Two heartbeats are missing: the consumer is built anew. That costs three requests, and loses nothing.
const SILENCE_MAX: Duration = Duration::from_secs(4);

/// How long what the log is known to have may take to come. A loaded server takes tenths of a second; after this its leader
/// is asked whether it is there.
const ARRIVAL_MAX: Duration = Duration::from_secs(4);

const PACE: Pace = Pace {
    batch: BATCH,
    bytes: REQUEST_BYTES_MAX,
    expires: EXPIRES,
    heartbeat: HEARTBEAT,
    silence_max: SILENCE_MAX,
    group: None,
};

/// A consumer that was left behind goes by itself after this. One whose connection is down for longer is lost with it,
/// which costs nothing: it would be built anew anyway.
const INACTIVE_MAX: Duration = Duration::from_secs(60);

/// How often a log that ends before what was seen of it is looked at again: a replica that has just become the leader
/// may lag for a moment. With the pauses between this takes about five seconds.
const SHORT_LOOKS_MAX: u32 = 12;

/// What of the log is followed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part {
    /// Only what stands after this.
    pub(crate) after: Sequence,
    /// And not after this. Where only one order's messages are followed, one of them must stand here or later, or the end
    /// is not noticed.
    pub(crate) upto: Option<Sequence>,
    /// Only this order's messages.
    pub(crate) of: Option<OrderId>,
}

/// The messages of a part. It ends after an error, at the end of the part, and when the connection is closed on purpose.
pub(crate) fn follow(
    connection: &Connection,
    identity: &StreamIdentity,
    part: Part,
) -> impl Stream<Item = Result<Delivered, FeedError>> + Send + use<> {
    let follower = Follower {
        link: connection.link(),
        name: String::new(),
        connection: connection.clone(),
        identity: identity.clone(),
        part,
        last: part.after,
        pull: None,
        pause: Pause::new(),
        has_hole: false,
        is_end_there: false,
        is_overdue: false,
        short_looks: ShortLooks::default(),
    };
    stream::unfold(Some(follower), |follower| async {
        let mut follower = follower?;
        match follower.next().await? {
            Ok(delivered) => Some((Ok(delivered), Some(follower))),
            Err(error) => Some((Err(error), None)),
        }
    })
}

/// Counts how often in a row the log ended before what was seen of it.
#[derive(Debug, Default)]
pub(crate) struct ShortLooks(u32);

impl ShortLooks {
    /// A log that ends before what was seen of it has lost its end, in a restore from a backup or a power cut: it is not
    /// the log that was followed.
    pub(crate) fn check(&mut self, end: Sequence, seen: Sequence) -> Result<(), Unopened> {
        if end >= seen {
            self.0 = 0;
            return Ok(());
        }
        self.0 += 1;
        if self.0 < SHORT_LOOKS_MAX {
            return Err(Unopened::ForNow(
                "the log ends before what was seen of it".into(),
            ));
        }
        tracing::error!(
            log.end = end.get(),
            log.position = seen.get(),
            "the log ends before what was seen of it: it has lost its end"
        );
        Err(Unopened::ForGood(FeedError::Recreated))
    }
}

/// Follows the log from one consumer to the next.
struct Follower {
    connection: Connection,
    link: Link,
    identity: StreamIdentity,
    /// The name of the consumer; a new one each time, for one that is left over stands elsewhere.
    name: String,
    part: Part,
    /// The last message that was handed on.
    last: Sequence,
    pull: Option<Pull>,
    pause: Pause,
    /// The message after `last` was missing when it was last read.
    has_hole: bool,
    /// The log was seen to go as far as the part does, so all of it has to come.
    is_end_there: bool,
    /// It did not come, when it was last waited for.
    is_overdue: bool,
    short_looks: ShortLooks,
}

impl Follower {
    /// The next message; `None` at the end of the part, or once the connection was closed on purpose.
    async fn next(&mut self) -> Option<Result<Delivered, FeedError>> {
        while !self.is_over() {
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
            match arrival(pull, self.is_end_there).await {
                Ok(delivered) => {
                    if let Some(result) = self.accept(delivered) {
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
                    self.is_overdue = matches!(interruption, Interruption::Overdue);
                    self.pull = None;
                    self.pause.wait().await;
                }
            }
        }
        None
    }

    fn is_over(&self) -> bool {
        self.part.upto.is_some_and(|end| end <= self.last)
    }

    /// `None` for what is not to be handed on.
    fn accept(&mut self, delivered: Delivered) -> Option<Result<Delivered, FeedError>> {
        let (expected, found) = (self.last.next(), delivered.sequence);
        if self.identity.is_recreated() {
            return Some(Err(FeedError::Recreated));
        }
        if found < expected {
            return None;
        }
        if found == expected || self.part.of.is_some() {
            self.last = found;
            self.has_hole = false;
            self.is_overdue = false;
            self.pause.reset();
            let is_in_part = self.part.upto.is_none_or(|end| found <= end);
            return is_in_part.then_some(Ok(delivered));
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
        self.short_looks.check(facts.last, self.last)?;
        if self.is_overdue && self.part.of.is_none() {
            self.check_next(facts.last).await?;
        }
        self.is_end_there = self.part.upto.is_some_and(|end| end <= facts.last);
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
            filter_subject: self.part.of.map(events_of).unwrap_or_default(),
            ..pull::Config::default()
        };
        let context = self.connection.jetstream();
        let consumer = context.create_consumer_strict_on_stream(config, EVENTS_STREAM);
        Ok(consumer.await?)
    }

    /// What does not come, though the log ends later, is on its way from a slow replica, or it is missing. By the word of
    /// the leader: a consumer's replica may lack what the others have.
    async fn check_next(&self, end: Sequence) -> Result<(), Unopened> {
        let expected = self.last.next();
        let which = Which::From {
            seq: expected,
            next_by_subj: EVENTS_ALL,
        };
        let next = get(&self.connection, EVENTS_STREAM, &which).await;
        let next = next.map_err(Unopened::ForNow)?;
        let found = next.map_or(end.next(), |message| Sequence::new(message.sequence));
        if found == expected {
            Ok(())
        } else {
            Err(Unopened::ForGood(FeedError::Gap { expected, found }))
        }
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

/// The next message; what is due has a time within which it has to come.
async fn arrival(pull: &mut Pull, is_due: bool) -> Result<Delivered, Interruption> {
    if !is_due {
        return pull.take().await;
    }
    let arrived = timeout(ARRIVAL_MAX, pull.take()).await;
    arrived.unwrap_or(Err(Interruption::Overdue))
}
