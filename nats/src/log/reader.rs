//! Reads of one order's history: from the cache or any replica, or as the leader has it.
//!
//! Invariants: every event that leaves here was read through [`History::push`]; a replica alone never condemns a history
//! or a log: the leader is asked before either is told. The log is append-only, so whatever is a prefix stays one, and
//! only what follows it has to be read.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ordertrace_domain::{
    BrokenHistory, Cause, Freshness, History, LogError, OrderId, Sequence, Version,
};
use tokio::time::Instant;

use super::answer::NoAnswer;
use super::cache::HistoryCache;
use super::direct::Replica;
use super::leader::Leader;
use super::message::StoredMessage;
use crate::connection::{Connection, Link};
use crate::identity::StreamIdentity;

/// How long a read may take in all: a cluster elects a new leader in five to seven seconds.
const READ_BUDGET: Duration = Duration::from_secs(10);
/// The first pause after a read that failed; it doubles from there.
const PAUSE_FIRST: Duration = Duration::from_millis(20);
/// A new leader is found within this once it is there.
const PAUSE_MAX: Duration = Duration::from_millis(500);
/// How often the leader is asked again when it has less than was seen before. A replica may be milliseconds ahead of what
/// the leader answers with; a stream that was created anew stays behind.
const CONTRADICTIONS_MAX: u32 = 6;

/// See the module.
#[derive(Debug)]
pub(super) struct Reader {
    link: Link,
    replica: Replica,
    leader: Leader,
    cache: HistoryCache,
    identity: StreamIdentity,
    newest_seen: AtomicU64,
}

/// Why one try of a read failed.
enum Failure {
    /// There is no connection: the client is told at once.
    Offline,
    /// Another try may find it there again.
    Unavailable(Cause),
    /// The leader has less than was seen before.
    Contradiction,
    /// The leader's own messages make no history.
    Broken(BrokenHistory),
}

impl From<BrokenHistory> for Failure {
    fn from(broken: BrokenHistory) -> Self {
        Self::Broken(broken)
    }
}

impl Reader {
    pub(super) fn new(connection: &Connection, identity: StreamIdentity) -> Self {
        let client = connection.client();
        Self {
            link: connection.link(),
            replica: Replica::new(client.clone()),
            leader: Leader::new(client.clone()),
            cache: HistoryCache::new(),
            identity,
            newest_seen: AtomicU64::new(0),
        }
    }

    /// See [`ordertrace_domain::EventLog::load`].
    pub(super) async fn load(
        &self,
        order: OrderId,
        freshness: Freshness,
    ) -> Result<History, LogError> {
        let known = match (freshness, self.cache.get(order)) {
            (Freshness::MayBeStale, Some(cached)) => return Ok(cached),
            (_, cached) => cached.unwrap_or_else(|| History::empty(order)),
        };
        let history = self.persist(&known, freshness).await?;
        self.remember(&history);
        Ok(history)
    }

    pub(super) const fn replica(&self) -> &Replica {
        &self.replica
    }

    pub(super) const fn leader(&self) -> &Leader {
        &self.leader
    }

    /// Takes note of a history that is in the log.
    pub(super) fn remember(&self, history: &History) {
        self.newest_seen
            .fetch_max(history.last_sequence().get(), Ordering::AcqRel);
        self.cache.keep(history);
    }

    /// The newest sequence that was seen in the log so far: whatever is stored from now on stands behind it.
    pub(super) fn newest_seen(&self) -> Sequence {
        Sequence::new(self.newest_seen.load(Ordering::Acquire))
    }

    /// Tries until there is an answer or the budget is spent.
    async fn persist(&self, known: &History, freshness: Freshness) -> Result<History, LogError> {
        let deadline = Instant::now() + READ_BUDGET;
        let mut pause = PAUSE_FIRST;
        let mut contradictions = 0;
        loop {
            match self.attempt(known, freshness, deadline).await {
                Ok(history) => return Ok(history),
                Err(Failure::Broken(broken)) => return Err(broken.into()),
                Err(Failure::Offline) => {
                    return Err(LogError::Unavailable(NoAnswer::NotConnected.into()));
                }
                Err(Failure::Unavailable(cause)) if Instant::now() + pause >= deadline => {
                    return Err(LogError::Unavailable(cause));
                }
                Err(Failure::Unavailable(_)) => {}
                Err(Failure::Contradiction) => {
                    contradictions += 1;
                    if contradictions == CONTRADICTIONS_MAX {
                        return Err(self.recreated(known));
                    }
                }
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(PAUSE_MAX);
        }
    }

    async fn attempt(
        &self,
        known: &History,
        freshness: Freshness,
        deadline: Instant,
    ) -> Result<History, Failure> {
        let mut link = self.link.clone();
        let connection = link.connects();
        if !link.is_up() {
            return Err(Failure::Offline);
        }
        let read = async {
            match freshness {
                Freshness::MayBeStale => self.read_replica(known).await,
                Freshness::Current => self.read_leader(known).await,
            }
        };
        tokio::select! {
            biased;
            result = read => result,
            () = link.lost(connection) => {
                Err(Failure::Unavailable(NoAnswer::ConnectionLost.into()))
            }
            () = tokio::time::sleep_until(deadline) => {
                Err(Failure::Unavailable(NoAnswer::TimedOut(READ_BUDGET).into()))
            }
        }
    }

    async fn read_replica(&self, known: &History) -> Result<History, Failure> {
        let mut history = known.clone();
        match self.extend_from_replica(&mut history).await {
            Err(Failure::Broken(broken)) => {
                doubt_replica(known.order_id(), &broken);
                self.read_leader(known).await
            }
            result => result.map(|()| history),
        }
    }

    /// `known` is a prefix of what the leader has, unless the log is another one.
    async fn read_leader(&self, known: &History) -> Result<History, Failure> {
        let mut history = known.clone();
        let head = self.leader.last(known.order_id()).await;
        let head = head.map_err(Failure::Unavailable)?;
        if !agrees(head.as_ref(), known) {
            return Err(Failure::Contradiction);
        }
        if let Some(head) = head {
            self.catch_up(&mut history, &head).await?;
        }
        Ok(history)
    }

    fn recreated(&self, known: &History) -> LogError {
        self.identity.mark_recreated(&format!(
            "the leader does not have event {} of order {}, which was at {}",
            known.version(),
            known.order_id(),
            known.last_sequence()
        ));
        LogError::Recreated
    }

    /// Reads what is missing up to `head`. Often that is the head alone; else a replica has most of it, in one request.
    async fn catch_up(&self, history: &mut History, head: &StoredMessage) -> Result<(), Failure> {
        if history.last_sequence() >= head.sequence {
            return Ok(());
        }
        // That it fits proves nothing: somebody may have stored an old event once more, behind events not read yet.
        if head.is_next_after(history.last_sequence()) && push(history, head).is_ok() {
            return Ok(());
        }
        let mut longer = history.clone();
        match self.extend_from_replica(&mut longer).await {
            Ok(()) => *history = longer,
            Err(Failure::Broken(broken)) => doubt_replica(history.order_id(), &broken),
            // The leader has all of it as well, one message at a time.
            Err(_) => {}
        }
        // Each round comes nearer to the head; the budget of the whole read bounds them.
        while history.last_sequence() < head.sequence {
            let next = self
                .leader
                .next(history.order_id(), history.last_sequence())
                .await;
            let next = next.map_err(Failure::Unavailable)?;
            let next = next.ok_or_else(|| Failure::Unavailable(NoAnswer::NoLeader.into()))?;
            push(history, &next)?;
        }
        Ok(())
    }

    async fn extend_from_replica(&self, history: &mut History) -> Result<(), Failure> {
        let messages = self
            .replica
            .after(history.order_id(), history.last_sequence())
            .await
            .map_err(Failure::Unavailable)?;
        for message in &messages {
            push(history, message)?;
        }
        Ok(())
    }
}

/// Whether the leader's last message of an order can follow on what is known of it.
fn agrees(head: Option<&StoredMessage>, known: &History) -> bool {
    match (head, known.events().last()) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(head), Some(last)) if head.sequence == last.sequence => head.is(last),
        // A repeat of an event may stand behind the last one.
        (Some(head), Some(_)) => head.sequence >= known.last_sequence(),
    }
}

fn doubt_replica(order: OrderId, error: &BrokenHistory) {
    tracing::warn!(order.id = %order, %error, "a replica has no whole history: asking the leader");
}

fn push(history: &mut History, message: &StoredMessage) -> Result<(), BrokenHistory> {
    let event = message.read()?;
    if event.envelope.version > Version::MAX {
        // No decision of ours adds an event to a full order.
        let sequence = message.sequence;
        return Err(BrokenHistory::OutOfPlace { sequence });
    }
    history.push(Arc::new(event))
}
