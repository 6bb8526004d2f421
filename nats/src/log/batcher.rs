//! Group commit: which of the waiting appends go out alone, and which together.
//!
//! The policy, with [`pace`](super::pace): an append goes out alone, at once, while few do; when many do, whatever waits goes
//! as one atomic batch, or as several, or one by one after all, whichever stores the most on these servers. Nobody waits
//! for company while nothing is on its way.
//!
//! Invariants: a batch holds at most one decision of an order and never a part of one; every queue here is bounded, and
//! who finds it full is told so at once.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use ordertrace_domain::{AppendError, Sequence};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio::time::{Instant, timeout_at};

use super::answer::NoAnswer;
use super::message::Decision;
use super::pace::{Pace, Way};
use super::publisher::Publisher;
use super::settle::{APPEND_BUDGET, Append, Expired, Left, Settler, Underway};
use super::turns::Turns;

/// With as many waiting a batch takes as long as they would one by one; it pays above.
const BATCH_MIN: usize = 20;

/// How much goes out at once.
struct Bounds {
    /// Appends on the wire that go alone.
    singles: usize,
    /// Open batches.
    batches: usize,
    /// Messages in one.
    batch_messages: usize,
}

/// While little is under way. A server that syncs each write does 2.5 times as many a second with 16 alone as with one, and
/// fewer with more than that.
const FEW: Bounds = Bounds {
    singles: 16,
    batches: 1,
    batch_messages: 500,
};

impl Way {
    const fn bounds(self) -> Bounds {
        match self {
            // One server stored 4,200 appends a second of 64 in flight with one open batch, 1,900 with two, 1,300 with four;
            // whoever comes meanwhile makes the next one larger. All members of a batch are answered at once and come again
            // one after the other: the first goes alone, and the others gather behind it. It takes 1,000 messages a batch; by
            // half of that the gain is had, and the answer comes sooner.
            Self::OneBatch => Bounds {
                singles: 1,
                batches: 1,
                batch_messages: 500,
            },
            // One that does not sync has reached its most by then.
            Self::Singles => Bounds {
                singles: 256,
                batches: 0,
                batch_messages: 0,
            },
            // Three servers stage batches in memory, and share the sync among whatever has come.
            Self::Batches => Bounds {
                singles: 16,
                batches: 8,
                batch_messages: 100,
            },
        }
    }
}

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
    few: Lane,
    lanes: [Lane; Way::ALL.len()],
    pace: Pace,
    /// How many have come and are not settled.
    under_way: usize,
    settler: Arc<Settler>,
}

/// Room for what goes out, one way. What was sent another way keeps its place there until it is answered.
struct Lane {
    singles: Arc<Semaphore>,
    batches: Arc<Semaphore>,
    batch_messages: usize,
}

impl Lane {
    fn within(bounds: &Bounds) -> Self {
        Self {
            singles: Arc::new(Semaphore::new(bounds.singles)),
            batches: Arc::new(Semaphore::new(bounds.batches)),
            batch_messages: bounds.batch_messages,
        }
    }
}

impl Dispatcher {
    fn new(publisher: Publisher, incoming: mpsc::Receiver<Append>) -> Self {
        let (leave, left) = mpsc::channel(APPENDS_MAX);
        Self {
            incoming,
            turns: Turns::new(),
            ready: VecDeque::new(),
            leave,
            left,
            few: Lane::within(&FEW),
            lanes: Way::ALL.map(|way| Lane::within(&way.bounds())),
            pace: Pace::new(),
            under_way: 0,
            settler: Arc::new(Settler::new(publisher)),
        }
    }

    /// All that has come is taken in before anything goes out, so that a batch takes along whoever waits.
    async fn run(mut self) {
        let mut is_open = true;
        while is_open || !self.turns.is_empty() {
            let lane = self.lane();
            let messages_max = lane.batch_messages;
            let (singles, batches) = (Arc::clone(&lane.singles), Arc::clone(&lane.batches));
            tokio::select! {
                biased;
                Some(left) = self.left.recv() => self.leave(left),
                append = self.incoming.recv(), if is_open => match append {
                    Some(append) => self.enter(append),
                    None => is_open = false,
                },
                Ok(slot) = batches.acquire_owned(), if self.ready.len() > BATCH_MIN => {
                    self.send_group(slot, messages_max);
                }
                Ok(slot) = singles.acquire_owned(), if !self.ready.is_empty() => {
                    self.send_one(slot);
                }
            }
        }
    }

    /// Where there is room now.
    fn lane(&self) -> &Lane {
        let way = self.pace.way(Instant::now());
        way.map_or(&self.few, |way| &self.lanes[way as usize])
    }

    fn enter(&mut self, append: Append) {
        self.under_way += 1;
        self.pace.came(Instant::now(), self.under_way);
        if let Some(append) = self.turns.enter(append) {
            self.make_ready(append);
        }
    }

    fn leave(&mut self, left: Left) {
        self.under_way -= 1;
        let is_stored = left.stored.is_some();
        self.pace.ended(Instant::now(), is_stored);
        let next = self.turns.leave(left.order, left.stored);
        self.under_way -= next.lost.len();
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

    fn send_group(&mut self, slot: OwnedSemaphorePermit, messages_max: usize) {
        let mut messages = 0;
        let fitting = self.ready.iter().take_while(|underway| {
            messages += underway.message_count();
            messages <= messages_max
        });
        // A decision of more events than a batch may have is refused when it is sent alone.
        let count = fitting.count().max(1);
        let group = self.ready.drain(..count).collect();
        let settler = Arc::clone(&self.settler);
        tokio::spawn(async move { settler.together(group, slot).await });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::settle::LONE_BATCHES_MAX;

    /// The server lets a stream have 50 open batches, this process's and others'.
    const SERVER_BATCHES_OPEN_MAX: usize = 40;

    #[test]
    fn no_way_opens_more_batches_than_the_server_lets_a_stream_have() {
        for way in Way::ALL {
            let batches = FEW.batches + way.bounds().batches;
            assert!(batches + LONE_BATCHES_MAX <= SERVER_BATCHES_OPEN_MAX);
        }
    }
}
