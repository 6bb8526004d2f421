//! Whether the threads that run everything still come round.
//!
//! Invariant: a thread that rests is well, and so is one that goes from one thing to the next, however busy it is. One that
//! is at the same piece of work from one look to another is stuck in it: something blocks that should not, and whatever
//! waits behind it on that thread waits with it. Nothing runs for this but the looks. When every thread is stuck nobody
//! looks any more, nor answers: that is for the probe's own time-out.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use tokio::runtime::{Handle, RuntimeMetrics};

/// The threads of a runtime.
pub(super) struct Workers {
    runtime: RuntimeMetrics,
    seen: Mutex<Vec<Seen>>,
}

/// What a thread was at.
struct Seen {
    at: At,
    since: Instant,
}

/// Two numbers of which one changes when a thread goes to rest, comes back, or has been through some pieces of work.
#[derive(Clone, Copy, PartialEq, Eq)]
struct At {
    rests: u64,
    busy: Duration,
}

impl At {
    /// Whether the thread waits for something to do: it is counted when it goes and when it comes back.
    const fn is_at_rest(self) -> bool {
        self.rests % 2 == 1
    }
}

impl Workers {
    /// Those that run this.
    pub(super) fn here() -> Self {
        Self {
            runtime: Handle::current().metrics(),
            seen: Mutex::default(),
        }
    }

    /// For how long a thread has been seen at one piece of work, the longest of all.
    pub(super) fn at_one_thing_for(&self) -> Duration {
        let now = Instant::now();
        // It is replaced as a whole.
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        *seen = self
            .all()
            .enumerate()
            .map(|(worker, at)| {
                let before = seen.get(worker).filter(|before| before.at == at);
                let since = before.map_or(now, |before| before.since);
                Seen { at, since }
            })
            .collect();
        let busy = seen.iter().filter(|seen| !seen.at.is_at_rest());
        busy.map(|seen| now.duration_since(seen.since))
            .max()
            .unwrap_or_default()
    }

    fn all(&self) -> impl Iterator<Item = At> {
        (0..self.runtime.num_workers()).map(|worker| At {
            rests: self.runtime.worker_park_unpark_count(worker),
            busy: self.runtime.worker_total_busy_duration(worker),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;
    use tokio::time::{interval, timeout};

    const BOUND: Duration = Duration::from_millis(200);
    const LOOK_EVERY: Duration = Duration::from_millis(10);
    const PATIENCE: Duration = Duration::from_secs(30);

    /// Looks until it is so.
    async fn seen_to_be(workers: &Workers, is_stuck: bool) {
        let mut looks = interval(LOOK_EVERY);
        let seen = timeout(PATIENCE, async {
            while (workers.at_one_thing_for() > BOUND) != is_stuck {
                looks.tick().await;
            }
        });
        seen.await.unwrap();
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 3)]
    async fn one_thread_that_is_blocked_is_noticed_until_it_comes_round() {
        let workers = Workers::here();
        let (go_on, blocked) = mpsc::channel();
        let task = tokio::spawn(async move { blocked.recv() });
        seen_to_be(&workers, true).await;
        go_on.send(()).unwrap();
        task.await.unwrap().unwrap();
        seen_to_be(&workers, false).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 3)]
    async fn threads_that_rest_or_are_busy_with_many_things_are_well() {
        let workers = Workers::here();
        let busy = tokio::spawn(async {
            loop {
                tokio::task::yield_now().await;
            }
        });
        let mut looks = interval(LOOK_EVERY);
        let began = Instant::now();
        while began.elapsed() < 3 * BOUND {
            looks.tick().await;
            assert!(workers.at_one_thing_for() <= BOUND);
        }
        busy.abort();
    }
}
