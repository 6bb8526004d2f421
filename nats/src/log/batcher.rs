//! Group commit: which of the waiting appends go out alone, and which together.
//!
//! The policy, all of it in this file: an append goes out alone, at once, while at most [`SINGLES_IN_FLIGHT_MAX`] do;
//! when more than [`BATCH_MIN`] wait, all of them go as one atomic batch. Nobody ever waits for company.
//!
//! Invariants: a batch holds at most one decision of an order and never a part of one; every queue here is bounded, and
//! who finds it full is told so at once. It deliberately does not measure yet where batches pay.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use ordertrace_domain::{AppendError, Sequence};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio::time::{Instant, timeout_at};

use super::answer::NoAnswer;
use super::message::Decision;
use super::publisher::Publisher;
use super::settle::{APPEND_BUDGET, Append, Expired, Left, Settler, Underway};
use super::turns::Turns;

/// Lone publishes on the wire: a server that syncs each write does 2.5 times as many a second with 16 as with one, and
/// fewer with more than that.
const SINGLES_IN_FLIGHT_MAX: usize = 16;
/// With as many waiting a batch takes as long as they would one by one; it pays above.
const BATCH_MIN: usize = 20;
/// The server takes 1,000 messages a batch; by half of that the gain is had, and the answer comes sooner.
const BATCH_MESSAGES_MAX: usize = 500;
/// One batch at a time: whoever comes meanwhile makes the next one larger. One server that syncs each write stored 4,200
/// appends a second of 64 in flight with one open batch, 1,900 with two, 1,300 with four; three servers hardly care.
const BATCHES_OPEN_MAX: usize = 1;
/// The server lets a stream have 50 open batches, this process's and others'. A decision of several events that goes out
/// alone is a batch as well.
const SERVER_BATCHES_OPEN_MAX: usize = 40;
const _: () = assert!(SINGLES_IN_FLIGHT_MAX + BATCHES_OPEN_MAX <= SERVER_BATCHES_OPEN_MAX);

/// Appends that may wait or be on their way. At 2,000 a second the last of them waits two seconds; more would only wait
/// to be told in the end that it took too long.
const APPENDS_MAX: usize = 4_096;

/// How long after its budget an append's own answer is waited for. One that is still queued then is never sent, but who
/// asked need not know.
const ANSWER_GRACE: Duration = Duration::from_secs(1);

/// Too many appends are waiting. Nothing was sent; try again later.
#[derive(Debug, thiserror::Error)]
#[error("{APPENDS_MAX} appends are waiting already")]
pub struct QueueFull;

/// The front of the queue.
#[derive(Debug)]
pub(super) struct Batcher {
    queue: mpsc::Sender<Append>,
    places: Arc<Semaphore>,
}

impl Batcher {
    /// Starts the task that sends; it ends when this is dropped and all that it was given is settled.
    pub(super) fn start(publisher: Publisher) -> Self {
        let (queue, incoming) = mpsc::channel(APPENDS_MAX);
        tokio::spawn(Dispatcher::new(publisher, incoming).run());
        Self {
            queue,
            places: Arc::new(Semaphore::new(APPENDS_MAX)),
        }
    }

    /// Stores a decision and says where its last event stands. The append goes on if the caller stops waiting.
    pub(super) async fn append(&self, decision: Decision) -> Result<Sequence, AppendError> {
        let full = || AppendError::NotStored(QueueFull.into());
        let place = Arc::clone(&self.places)
            .try_acquire_owned()
            .map_err(|_| full())?;
        let (answer, answered) = oneshot::channel();
        let append = Append {
            decision,
            deadline: Instant::now() + APPEND_BUDGET,
            answer,
            _place: place,
        };
        let deadline = append.deadline + ANSWER_GRACE;
        self.queue.try_send(append).map_err(|_| full())?;
        match timeout_at(deadline, answered).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(AppendError::OutcomeUnknown(NoAnswer::Abandoned.into())),
            Err(_elapsed) => Err(AppendError::OutcomeUnknown(Expired.into())),
        }
    }
}

/// The task behind the queue.
struct Dispatcher {
    incoming: mpsc::Receiver<Append>,
    turns: Turns<Append>,
    ready: VecDeque<Underway>,
    leave: mpsc::Sender<Left>,
    left: mpsc::Receiver<Left>,
    singles: Arc<Semaphore>,
    batches: Arc<Semaphore>,
    settler: Arc<Settler>,
}

impl Dispatcher {
    fn new(publisher: Publisher, incoming: mpsc::Receiver<Append>) -> Self {
        let (leave, left) = mpsc::channel(APPENDS_MAX);
        let singles = Arc::new(Semaphore::new(SINGLES_IN_FLIGHT_MAX));
        Self {
            incoming,
            turns: Turns::new(),
            ready: VecDeque::new(),
            leave,
            left,
            singles: Arc::clone(&singles),
            batches: Arc::new(Semaphore::new(BATCHES_OPEN_MAX)),
            settler: Arc::new(Settler::new(publisher, singles)),
        }
    }

    /// All that has come is taken in before anything goes out, so that a batch takes along whoever waits.
    async fn run(mut self) {
        let mut is_open = true;
        while is_open || !self.turns.is_empty() {
            tokio::select! {
                biased;
                Some(left) = self.left.recv() => self.leave(left),
                append = self.incoming.recv(), if is_open => match append {
                    Some(append) => self.enter(append),
                    None => is_open = false,
                },
                Ok(slot) = Arc::clone(&self.batches).acquire_owned(), if self.ready.len() > BATCH_MIN => {
                    self.send_group(slot);
                }
                Ok(slot) = Arc::clone(&self.singles).acquire_owned(), if !self.ready.is_empty() => {
                    self.send_one(slot);
                }
            }
        }
    }

    fn enter(&mut self, append: Append) {
        if let Some(append) = self.turns.enter(append) {
            self.make_ready(append);
        }
    }

    fn leave(&mut self, left: Left) {
        let next = self.turns.leave(left.order, left.stored);
        for lost in next.lost {
            lost.settle(Err(AppendError::Conflict));
        }
        if let Some(append) = next.ready {
            self.make_ready(append);
        }
    }

    fn make_ready(&mut self, append: Append) {
        self.ready
            .push_back(Underway::new(append, self.leave.clone()));
    }

    fn send_one(&mut self, slot: OwnedSemaphorePermit) {
        if let Some(underway) = self.ready.pop_front() {
            let settler = Arc::clone(&self.settler);
            tokio::spawn(async move { settler.alone(underway, slot).await });
        }
    }

    fn send_group(&mut self, slot: OwnedSemaphorePermit) {
        let mut messages = 0;
        let fitting = self.ready.iter().take_while(|underway| {
            messages += underway.message_count();
            messages <= BATCH_MESSAGES_MAX
        });
        // A decision of more events than a batch may have is refused when it is sent alone.
        let count = fitting.count().max(1);
        let group = self.ready.drain(..count).collect();
        let settler = Arc::clone(&self.settler);
        tokio::spawn(async move { settler.together(group, slot).await });
    }
}
