//! The log in memory: all ports over one store, with the guarantees of the log on JetStream and faults on demand.
//!
//! Invariant: an append is stored all or not at all, and only on the order's last sequence. Sequences are dense from 1.
//! It keeps nothing beyond the process, and does not imitate the time that a server takes.

mod archive;
mod checkpoints;
mod fault;
mod feed;
mod log;
mod message;
mod parking;
mod records;
mod store;
mod timer;
mod work;

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use tokio::sync::watch;

use super::{Alarm, RunningClock};
use crate::{Incarnation, LogError, Timestamp};
pub use fault::AppendFault;
use store::Store;

/// Tells apart two logs that were made at the same time by the same clock.
static LOGS_MADE: AtomicU64 = AtomicU64::new(0);

/// A log in memory. Its clones are the same log; it implements every port, so `Arc::new(log.clone())` serves for each.
#[derive(Clone)]
pub struct MemoryLog {
    shared: Arc<Shared>,
}

struct Shared {
    incarnation: Incarnation,
    clock: Arc<dyn Alarm>,
    store: Mutex<Store>,
    /// Counts changes of the store, for those who wait for one.
    changes: watch::Sender<u64>,
}

impl MemoryLog {
    /// An empty log whose clock runs.
    pub fn new() -> Self {
        Self::with_clock(Arc::new(RunningClock::new()))
    }

    /// An empty log on this clock: it dates what is recorded, and timers go off by it.
    pub fn with_clock(clock: Arc<dyn Alarm>) -> Self {
        let created_nanos = clock.now().micros().unsigned_abs().saturating_mul(1_000);
        let nth = LOGS_MADE.fetch_add(1, Ordering::Relaxed);
        let shared = Shared {
            incarnation: Incarnation::from_created_nanos(created_nanos.saturating_add(nth)),
            clock,
            store: Mutex::default(),
            changes: watch::Sender::new(0),
        };
        Self {
            shared: Arc::new(shared),
        }
    }
}

impl Default for MemoryLog {
    fn default() -> Self {
        Self::new()
    }
}

impl Shared {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The store; a test that panicked while it held it does not hide its own message behind a poisoned lock.
    fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The store of a log that answers.
    fn answering(&self) -> Result<MutexGuard<'_, Store>, LogError> {
        let store = self.store();
        if store.faults.is_recreated {
            return Err(LogError::Recreated);
        }
        if store.faults.is_unavailable {
            return Err(LogError::Unavailable("switched off by the test".into()));
        }
        Ok(store)
    }

    fn announce_change(&self) {
        self.changes.send_modify(|count| *count += 1);
    }
}
