//! Pulls messages from a consumer until something comes between.
//!
//! After an interruption the owner builds everything anew, from the consumer on: that is quicker and surer than to wait
//! for the pulls of a lost connection. It deliberately does not decide whether that is worth while: it always is.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use async_nats::jetstream::Message;
use async_nats::jetstream::consumer::pull::{self, MessagesError, MessagesErrorKind};
use async_nats::jetstream::consumer::{PullConsumer, StreamError};
use futures::StreamExt;
use ordertrace_domain::{Cause, FeedError};
use tokio::time::{Instant, sleep};

use crate::connection::Link;
use crate::delivered::Delivered;

/// The first wait after an interruption: a consumer that was just made may need a moment.
const REBUILD_WAIT_MIN: Duration = Duration::from_millis(20);

/// The longest: an election of a leader takes five seconds, and its end should be noticed at once.
const REBUILD_WAIT_MAX: Duration = Duration::from_millis(500);

/// What one request may bring, whatever the number of messages: at most two requests are under way, so a reader's memory
/// is bounded by twice as much. 5,000 events of the usual size are 2 MB, so it matters for large ones only; it is more than
/// any message that a server takes unless its limit of 1 MiB was raised far beyond what it warns of (8 MiB).
pub(crate) const REQUEST_BYTES_MAX: usize = 16 * 1024 * 1024;

/// How messages are asked for.
#[derive(Debug, Clone)]
pub(crate) struct Pace {
    /// At most so many messages with one request.
    pub(crate) batch: usize,
    /// And at most so many bytes.
    pub(crate) bytes: usize,
    /// A request is good for so long.
    pub(crate) expires: Duration,
    /// The server shows so often that it is there.
    pub(crate) heartbeat: Duration,
    /// After so long a silence the consumer counts as lost.
    pub(crate) silence_max: Duration,
    /// The group of a consumer that serves one client at a time.
    pub(crate) group: Option<&'static str>,
}

/// What came between.
#[derive(Debug)]
pub(crate) enum Interruption {
    /// There is a new connection: requests and messages of the old one are lost.
    Reconnected,
    /// There is no connection any more, nor will there be one: it was closed on purpose.
    Closed,
    /// The server shows no sign of life.
    Silent,
    /// The consumer is gone, or its leader is.
    Consumer(MessagesError),
    /// The client's stream ended.
    Ended,
    /// Somebody else wrote into the inbox.
    Foreign,
    /// There is more in the log, and it does not come.
    Overdue,
}

impl fmt::Display for Interruption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reconnected => f.write_str("the connection is a new one"),
            Self::Closed => f.write_str("the connection was closed"),
            Self::Silent => f.write_str("the server fell silent"),
            Self::Consumer(error) => error.fmt(f),
            Self::Ended => f.write_str("the subscription ended"),
            Self::Foreign => f.write_str("a message came from no consumer"),
            Self::Overdue => f.write_str("what the log has does not come"),
        }
    }
}

/// Why there is nothing to pull from.
#[derive(Debug)]
pub(crate) enum Unopened {
    /// To be tried again.
    ForNow(Cause),
    /// Never again.
    ForGood(FeedError),
}

impl<E: Error + Send + Sync + 'static> From<E> for Unopened {
    fn from(error: E) -> Self {
        Self::ForNow(error.into())
    }
}

/// The messages of one consumer over one connection.
pub(crate) struct Pull {
    messages: pull::Stream,
    pace: Pace,
    link: Link,
    connects: u64,
    /// When the present silence was first noticed and last confirmed.
    silence: Option<(Instant, Instant)>,
}

impl Pull {
    /// Begins to pull.
    pub(crate) async fn start(
        consumer: &PullConsumer,
        pace: Pace,
        link: Link,
        connects: u64,
    ) -> Result<Self, StreamError> {
        let mut stream = consumer
            .stream()
            .max_messages_per_batch(pace.batch)
            .max_bytes_per_batch(pace.bytes)
            .expires(pace.expires)
            .heartbeat(pace.heartbeat);
        if let Some(group) = pace.group {
            stream = stream.group(group);
        }
        Ok(Self {
            messages: stream.messages().await?,
            pace,
            link,
            connects,
            silence: None,
        })
    }

    /// The next message, with what is needed to acknowledge it; or what came between.
    pub(crate) async fn next(&mut self) -> Result<(Delivered, Message), Interruption> {
        let message = self.message().await?;
        let delivered = Delivered::of(&message).ok_or(Interruption::Foreign)?;
        Ok((delivered, message))
    }

    /// The next message, of a consumer that wants no acknowledgements; or what came between.
    pub(crate) async fn take(&mut self) -> Result<Delivered, Interruption> {
        let message = self.message().await?;
        Delivered::taken(message).ok_or(Interruption::Foreign)
    }

    async fn message(&mut self) -> Result<Message, Interruption> {
        loop {
            let item = tokio::select! {
                biased;
                item = self.messages.next() => item,
                is_open = self.link.later_than(self.connects) => {
                    return Err(if is_open { Interruption::Reconnected } else { Interruption::Closed });
                }
            };
            match item.ok_or(Interruption::Ended)? {
                Ok(message) => {
                    self.silence = None;
                    return Ok(message);
                }
                Err(error) if error.kind() == MessagesErrorKind::MissingHeartbeat => {
                    if self.is_silent_too_long() {
                        return Err(Interruption::Silent);
                    }
                }
                Err(error) => return Err(Interruption::Consumer(error)),
            }
        }
    }

    /// A missing heartbeat is told again and again while the silence lasts, every two heartbeats.
    fn is_silent_too_long(&mut self) -> bool {
        let now = Instant::now();
        let told_every = self.pace.heartbeat * 2;
        let since = match self.silence {
            Some((since, confirmed)) if now - confirmed < told_every * 2 => since,
            _ => now - told_every,
        };
        self.silence = Some((since, now));
        now - since >= self.pace.silence_max
    }
}

/// Waits between attempts to build a pull anew.
#[derive(Debug)]
pub(crate) struct Pause {
    next: Duration,
}

impl Pause {
    pub(crate) fn new() -> Self {
        Self {
            next: REBUILD_WAIT_MIN,
        }
    }

    /// Whether nothing was waited for since it last worked: what comes between is worth telling once.
    pub(crate) fn is_first(&self) -> bool {
        self.next == REBUILD_WAIT_MIN
    }

    /// Waits, longer each time.
    pub(crate) async fn wait(&mut self) {
        sleep(self.next).await;
        self.next = (self.next * 2).min(REBUILD_WAIT_MAX);
    }

    /// It works again: the next wait is a short one.
    pub(crate) fn reset(&mut self) {
        *self = Self::new();
    }
}
