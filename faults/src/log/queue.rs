//! One shard's queue: what waits, what is in hand, whose turn it is.

use std::time::Duration;

use ordertrace_domain::{FiredTimer, OrderId, Sequence};
use tokio::time::Instant;

/// How long after the end of a process its work is handed out again, as `nats/` sets it.
const ACK_WAIT: Duration = Duration::from_secs(5);

/// How long work may be in hand, however busy its process shows itself.
const IN_HAND_MAX: Duration = Duration::from_mins(2);

/// How soon another process takes over a shard whose owner is gone.
const PINNED_FOR: Duration = Duration::from_millis(900);

#[derive(Debug, Clone, Copy)]
pub(super) enum Source {
    Message(Sequence),
    Timer(FiredTimer),
}

#[derive(Debug, Clone, Copy)]
enum Status {
    Waiting { not_before: Instant },
    InHand { delivery: u64, until: Instant },
    Done,
}

struct Entry {
    order: OrderId,
    source: Source,
    status: Status,
}

#[derive(Default)]
pub(super) struct Queue {
    entries: Vec<Entry>,
    deliveries: u64,
    /// The life of the process whose turn it is; with a time, from when on it is anybody's.
    pin: Option<(u64, Option<Instant>)>,
}

/// Work that was handed out.
#[derive(Debug, Clone, Copy)]
pub(super) struct Handed {
    pub(super) index: usize,
    pub(super) delivery: u64,
    pub(super) source: Source,
}

/// What a process that asks for work is told.
pub(super) enum Turn {
    Work(Handed),
    /// Nothing now; look again then, or when the queue changes.
    Later(Option<Instant>),
}

impl Queue {
    pub(super) fn put(&mut self, order: OrderId, source: Source) {
        self.entries.push(Entry {
            order,
            source,
            status: Status::Waiting {
                not_before: Instant::now(),
            },
        });
    }

    /// Whether this process may take work; if not, when it may.
    fn turn(&mut self, life: u64, now: Instant) -> Result<(), Option<Instant>> {
        match self.pin {
            Some((holder, None)) if holder != life => Err(None),
            Some((holder, Some(free_at))) if holder != life && free_at > now => Err(Some(free_at)),
            Some(_) | None => {
                self.pin = Some((life, None));
                Ok(())
            }
        }
    }

    /// Takes the oldest work, or that of the next order if the queue `skips` one.
    pub(super) fn take(&mut self, life: u64, skips: impl FnOnce() -> bool) -> Turn {
        let now = Instant::now();
        if let Err(free_at) = self.turn(life, now) {
            return Turn::Later(free_at);
        }
        let Some(first) = self.ready(now, None) else {
            return Turn::Later(self.next_change());
        };
        let other = self.ready(now, Some(self.entries[first].order));
        let index = match other {
            Some(other) if skips() => other,
            Some(_) | None => first,
        };
        self.deliveries += 1;
        let delivery = self.deliveries;
        let until = now + IN_HAND_MAX;
        self.entries[index].status = Status::InHand { delivery, until };
        let source = self.entries[index].source;
        Turn::Work(Handed {
            index,
            delivery,
            source,
        })
    }

    fn ready(&self, now: Instant, but: Option<OrderId>) -> Option<usize> {
        self.entries.iter().position(|entry| {
            let is_ready = match entry.status {
                Status::Waiting { not_before } => not_before <= now,
                Status::InHand { until, .. } => until <= now,
                Status::Done => false,
            };
            is_ready && but != Some(entry.order)
        })
    }

    fn next_change(&self) -> Option<Instant> {
        let times = self.entries.iter().filter_map(|entry| match entry.status {
            Status::Waiting { not_before } => Some(not_before),
            Status::InHand { until, .. } => Some(until),
            Status::Done => None,
        });
        times.min()
    }

    pub(super) fn acknowledge(&mut self, index: usize) {
        if let Some(entry) = self.entries.get_mut(index) {
            entry.status = Status::Done;
        }
    }

    /// Whoever had it is gone, or has let go of it.
    pub(super) fn let_go(&mut self, handed: Handed) {
        if let Some(entry) = self.entries.get_mut(handed.index)
            && let Status::InHand { delivery, .. } = entry.status
            && delivery == handed.delivery
        {
            let not_before = Instant::now() + ACK_WAIT;
            entry.status = Status::Waiting { not_before };
        }
    }

    /// Hands work out again at this time, though somebody has it.
    pub(super) fn again(&mut self, handed: Handed, not_before: Instant) {
        if let Some(entry) = self.entries.get_mut(handed.index) {
            entry.status = Status::Waiting { not_before };
        }
    }

    /// The process whose turn it was has stopped asking.
    pub(super) fn leave(&mut self, life: u64) {
        if let Some((holder, free_at)) = &mut self.pin
            && *holder == life
        {
            *free_at = Some(Instant::now() + PINNED_FOR);
        }
    }

    /// The shard is whoever's asks first. Says whether somebody had it.
    pub(super) fn unpin(&mut self) -> bool {
        self.pin.take().is_some()
    }

    /// Everything is handed out again. Says whether there is anything.
    pub(super) fn redeliver_all(&mut self) -> bool {
        let not_before = Instant::now();
        for entry in &mut self.entries {
            entry.status = Status::Waiting { not_before };
        }
        !self.entries.is_empty()
    }
}
