//! Pieces on their way into a server that may take long over one of them.
//!
//! The server gives a restore up when nothing of it has arrived for five seconds. But it reads ahead, up to a million bytes
//! of messages, and takes nothing more until all of these are on the disk: with an fsync for each that is easily longer,
//! and whatever is sent after them waits at its door, unanswered. What arrives there counts, though. So a few bytes are
//! always held back, and while an answer is late they follow one by one, as signs of life. A connection that waits at the
//! door can't bring another one, so each sign has a connection of its own.
//!
//! Invariant: bytes arrive in their order. The server lets in who waits in the order in which they came, and what is sent
//! next is sent only when all of these are answered.

use std::time::Duration;

use async_nats::RequestErrorKind;
use async_nats::client::Request;
use bytes::Bytes;
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use ordertrace_domain::Cause;
use tokio::time::{Instant, sleep, sleep_until};

use crate::Connection;

/// Often enough that the server has one in its five seconds, even if a new connection is slow to come.
const SIGN_EVERY: Duration = Duration::from_secs(2);

/// How many signs there are for one piece: a million bytes of the smallest messages, 26,000, on a disk that takes 2 ms for
/// each, or of events, 2,000, on one that takes 30 ms.
const SIGNS_MAX: usize = 30;

/// How long the answer to a piece may take: as long as signs can be given, and some more.
const PIECE_WAIT: Duration = Duration::from_secs(2 * SIGNS_MAX as u64 + 15);

/// Where the server has only just begun to listen, one of its cluster may not know of it yet. It gives up after five
/// seconds without a piece.
const HEARD_WITHIN: Duration = Duration::from_secs(4);

/// Short beside that; the news are there within milliseconds.
const SAY_AGAIN: Duration = Duration::from_millis(50);

/// Sends pieces to one restore.
#[derive(Debug)]
pub(super) struct Sender {
    connection: Connection,
    deliver: String,
    /// For signs of life; opened when they are needed.
    others: Vec<Connection>,
    held: Vec<u8>,
}

impl Sender {
    pub(super) fn new(connection: &Connection, deliver: String) -> Self {
        Self {
            connection: connection.clone(),
            deliver,
            others: Vec::new(),
            held: Vec::new(),
        }
    }

    /// Sends what was held back and of this all but some bytes. Gives the first answer that is not empty, or an empty one.
    pub(super) async fn push(&mut self, piece: &[u8]) -> Result<Bytes, Cause> {
        self.held.extend_from_slice(piece);
        self.send_all_but(SIGNS_MAX).await
    }

    /// Sends what is still held back.
    pub(super) async fn flush(&mut self) -> Result<Bytes, Cause> {
        while !self.held.is_empty() {
            let answer = self.send_all_but(self.held.len() / 2).await?;
            if !answer.is_empty() {
                return Ok(answer);
            }
        }
        Ok(Bytes::new())
    }

    /// Sends an empty piece, which is the end, and waits for the answer this long.
    pub(super) async fn end(&self, wait: Duration) -> Result<Bytes, Cause> {
        send(&self.connection, &self.deliver, Bytes::new(), wait).await
    }

    async fn send_all_but(&mut self, kept: usize) -> Result<Bytes, Cause> {
        let length = self.held.len().saturating_sub(kept);
        if length == 0 {
            return Ok(Bytes::new());
        }
        let piece: Vec<u8> = self.held.drain(..length).collect();
        let (connection, deliver) = (self.connection.clone(), self.deliver.clone());
        let under_way = FuturesUnordered::new();
        let carried = |connection: Connection, piece: Bytes| {
            let deliver = deliver.clone();
            async move { send(&connection, &deliver, piece, PIECE_WAIT).await }
        };
        under_way.push(carried(connection, piece.into()));
        let mut under_way = under_way;
        let (mut signs, mut due) = (0, Instant::now() + SIGN_EVERY);
        loop {
            tokio::select! {
                biased;
                answer = under_way.next() => match answer {
                    Some(Ok(answer)) if answer.is_empty() => {}
                    Some(answer) => return answer,
                    None => return Ok(Bytes::new()),
                },
                () = sleep_until(due), if signs < SIGNS_MAX && !self.held.is_empty() => {
                    let other = self.other(signs).await?;
                    let sign = vec![self.held.remove(0)];
                    under_way.push(carried(other, sign.into()));
                    signs += 1;
                    due = Instant::now() + SIGN_EVERY;
                }
            }
        }
    }

    async fn other(&mut self, number: usize) -> Result<Connection, Cause> {
        if self.others.len() <= number {
            self.others.push(self.connection.another().await?);
        }
        Ok(self.others[number].clone())
    }
}

/// Sends until somebody listens, and waits for the answer.
async fn send(
    connection: &Connection,
    deliver: &str,
    piece: Bytes,
    wait: Duration,
) -> Result<Bytes, Cause> {
    let heard_until = Instant::now() + HEARD_WITHIN;
    loop {
        let request = Request::new().payload(piece.clone()).timeout(Some(wait));
        let client = connection.client();
        match client.send_request(deliver.to_owned(), request).await {
            Ok(answer) => return Ok(answer.payload),
            // Nobody has got it, so it may be sent again.
            Err(error)
                if error.kind() == RequestErrorKind::NoResponders
                    && Instant::now() < heard_until =>
            {
                sleep(SAY_AGAIN).await;
            }
            Err(error) => return Err(error.into()),
        }
    }
}
