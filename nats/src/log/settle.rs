//! Settling an append: tries, until the answer is final or the budget is spent.
//!
//! Invariants: nothing is sent once its budget is spent, or while there is no connection, so that no append is stored long
//! after it was told as failed; an order's turn ends with its append, whatever comes of it.

use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use ordertrace_domain::{AppendError, OrderId, Sequence};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio::time::{Instant, timeout_at};

use super::answer::{Answer, NoAnswer, Pace};
use super::message::Decision;
use super::publisher::Publisher;
use super::retry::{Step, Tries};
use super::turns::Turn;

/// How long an append may take in all, waiting included: a cluster elects a new leader in five to seven seconds.
pub(super) const APPEND_BUDGET: Duration = Duration::from_secs(16);
/// How long one try waits for its answer. Under the heaviest load answers took 0.2 s; a full disk never answers.
const ANSWER_WAIT: Duration = Duration::from_secs(5);
/// Tries beyond the first that are on the wire; a pause between tries takes up none of it.
const RETRIES_IN_FLIGHT_MAX: usize = 16;
/// Decisions of several events that go out alone: each is a batch, and the server lets a stream have 50 open batches, this
/// process's and others'.
pub(super) const LONE_BATCHES_MAX: usize = 24;

/// The append waited too long for its turn.
#[derive(Debug, thiserror::Error)]
#[error("not stored within {APPEND_BUDGET:?}")]
pub struct Expired;

/// An append on its way, from its arrival to its answer.
#[derive(Debug)]
pub(super) struct Append {
    pub(super) decision: Decision,
    pub(super) deadline: Instant,
    pub(super) answer: oneshot::Sender<Result<Sequence, AppendError>>,
    /// Its place in the queue, free again once it is settled.
    pub(super) _place: OwnedSemaphorePermit,
}

impl Append {
    /// Answers. Nobody may be waiting any more: then the log knows, and that is enough.
    pub(super) fn settle(self, result: Result<Sequence, AppendError>) {
        let _ = self.answer.send(result);
    }
}

impl Append {
    /// What is left of its budget.
    fn left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }
}

impl Turn for Append {
    fn order(&self) -> OrderId {
        self.decision.order
    }

    fn expected(&self) -> Sequence {
        self.decision.expected
    }
}

/// An order's turn has ended; its decision was stored at this sequence, if it was.
#[derive(Debug, Clone, Copy)]
pub(super) struct Left {
    pub(super) order: OrderId,
    pub(super) stored: Option<Sequence>,
}

/// An append whose turn it is.
#[derive(Debug)]
pub(super) struct Underway {
    append: Append,
    leaving: Leaving,
}

/// Ends the order's turn however its append ends, even by a panic.
#[derive(Debug)]
struct Leaving {
    left: Left,
    leave: mpsc::Sender<Left>,
}

impl Drop for Leaving {
    fn drop(&mut self) {
        // There is room for as many as there can be appends; without the batcher nobody waits for a turn.
        let _ = self.leave.try_send(self.left);
    }
}

impl Underway {
    pub(super) fn new(append: Append, leave: mpsc::Sender<Left>) -> Self {
        let left = Left {
            order: append.decision.order,
            stored: None,
        };
        Self {
            append,
            leaving: Leaving { left, leave },
        }
    }

    /// How many messages it is.
    pub(super) fn message_count(&self) -> usize {
        self.append.decision.messages.len()
    }

    fn settle(mut self, result: Result<Sequence, AppendError>) {
        self.leaving.left.stored = result.as_ref().ok().copied();
        self.append.settle(result);
    }

    fn tries(&self) -> Tries {
        Tries::new(self.append.decision.seed)
    }
}

/// Settles appends, alone or together.
#[derive(Debug)]
pub(super) struct Settler {
    publisher: Publisher,
    retries: Arc<Semaphore>,
    lone_batches: Semaphore,
}

impl Settler {
    pub(super) fn new(publisher: Publisher) -> Self {
        Self {
            publisher,
            retries: Arc::new(Semaphore::new(RETRIES_IN_FLIGHT_MAX)),
            lone_batches: Semaphore::new(LONE_BATCHES_MAX),
        }
    }

    /// Settles one append, whose first try has its slot already.
    pub(super) async fn alone(&self, underway: Underway, slot: OwnedSemaphorePermit) {
        let tries = underway.tries();
        self.settle(underway, tries, Some(slot)).await;
    }

    /// Tries the appends together once; if that fails, each is settled alone, so that none suffers for another.
    pub(super) async fn together(&self, mut group: Vec<Underway>, slot: OwnedSemaphorePermit) {
        for expired in group.extract_if(.., |member| member.append.left().is_zero()) {
            expired.settle(Err(AppendError::NotStored(Expired.into())));
        }
        let answer = if self.publisher.link().is_up() {
            let decisions: Vec<&Decision> =
                group.iter().map(|member| &member.append.decision).collect();
            self.publisher.send(&decisions, ANSWER_WAIT).await
        } else {
            Answer::Refused(NoAnswer::NotConnected.into())
        };
        drop(slot);
        if let Answer::Stored(last) = answer {
            return settle_stored(group, last);
        }
        tracing::debug!(
            batch.decisions = group.len(),
            ?answer,
            "a batch was not stored as such"
        );
        let alone = group.into_iter().map(|member| {
            let mut tries = member.tries();
            tries.note(&answer);
            self.settle(member, tries, None)
        });
        join_all(alone).await;
    }

    async fn settle(&self, underway: Underway, tries: Tries, slot: Option<OwnedSemaphorePermit>) {
        let result = self.persist(&underway.append, tries, slot).await;
        underway.settle(result);
    }

    /// Each round takes at least a millisecond of the budget, which is what bounds it.
    async fn persist(
        &self,
        append: &Append,
        mut tries: Tries,
        mut first_slot: Option<OwnedSemaphorePermit>,
    ) -> Result<Sequence, AppendError> {
        loop {
            self.connected(append, &tries).await?;
            let slot = match first_slot.take() {
                Some(slot) => slot,
                None => self.slot(append, &tries).await?,
            };
            if append.left().is_zero() {
                return Err(tries.give_up(Expired));
            }
            let answer = self.try_once(append).await;
            drop(slot);
            match tries.after(answer, append.left()) {
                Step::Settled(result) => return result,
                Step::Again(pause) => tokio::time::sleep(pause).await,
            }
        }
    }

    async fn try_once(&self, append: &Append) -> Answer {
        let _open = match append.decision.messages.len() {
            0 | 1 => None,
            _ => timeout_at(append.deadline, self.lone_batches.acquire())
                .await
                .ok(),
        };
        if !self.publisher.link().is_up() {
            // It was lost while the slot was waited for.
            return Answer::NotNow(Pace::Unavailable, NoAnswer::NotConnected.into());
        }
        let wait = ANSWER_WAIT.min(append.left());
        if wait.is_zero() {
            return Answer::NotNow(Pace::Unavailable, Expired.into());
        }
        self.publisher.send(&[&append.decision], wait).await
    }

    /// What was never sent is not kept for later: a client is told so at once. What is in doubt is worth the wait.
    async fn connected(&self, append: &Append, tries: &Tries) -> Result<(), AppendError> {
        let mut link = self.publisher.link().clone();
        if link.is_up() {
            return Ok(());
        }
        let gone = || tries.give_up(NoAnswer::NotConnected);
        if !tries.is_in_doubt() {
            return Err(gone());
        }
        match timeout_at(append.deadline, link.up()).await {
            Ok(true) => Ok(()),
            Ok(false) | Err(_) => Err(gone()),
        }
    }

    async fn slot(
        &self,
        append: &Append,
        tries: &Tries,
    ) -> Result<OwnedSemaphorePermit, AppendError> {
        match timeout_at(append.deadline, Arc::clone(&self.retries).acquire_owned()).await {
            Ok(Ok(slot)) => Ok(slot),
            Ok(Err(_)) | Err(_) => Err(tries.give_up(Expired)),
        }
    }
}

/// The messages of a batch stand side by side, in the order in which they were sent.
fn settle_stored(group: Vec<Underway>, last: Sequence) {
    let mut behind: u64 = group
        .iter()
        .map(|member| member.message_count() as u64)
        .sum();
    for member in group {
        behind -= member.message_count() as u64;
        member.settle(Ok(Sequence::new(last.get().saturating_sub(behind))));
    }
}
