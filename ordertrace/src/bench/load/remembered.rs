//! One order's log as whoever writes it alone knows it: what was appended need not be read again.
//!
//! Invariant: an append is the real log's, with its expectation. What is remembered only saves the reads between; should
//! it be out of date, the append says so, and the real log is read.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use ordertrace_domain::{
    AppendError, Draft, EventLog, Freshness, History, Incarnation, LogError, OrderId,
};

/// The log of one order.
pub(super) struct Remembered {
    log: Arc<dyn EventLog>,
    history: Mutex<History>,
}

impl Remembered {
    /// Of an order that is taken to be new.
    pub(super) fn of(log: Arc<dyn EventLog>, order: OrderId) -> Self {
        Self {
            log,
            history: Mutex::new(History::empty(order)),
        }
    }

    fn remember(&self, history: &History) {
        let mut known = self.history.lock().unwrap_or_else(PoisonError::into_inner);
        known.clone_from(history);
    }
}

#[async_trait]
impl EventLog for Remembered {
    fn incarnation(&self) -> Incarnation {
        self.log.incarnation()
    }

    async fn load(&self, order: OrderId, freshness: Freshness) -> Result<History, LogError> {
        if freshness == Freshness::MayBeStale {
            let known = self.history.lock().unwrap_or_else(PoisonError::into_inner);
            return Ok(known.clone());
        }
        let history = self.log.load(order, freshness).await?;
        self.remember(&history);
        Ok(history)
    }

    async fn append(&self, base: &History, events: Vec<Draft>) -> Result<History, AppendError> {
        let history = self.log.append(base, events).await?;
        self.remember(&history);
        Ok(history)
    }
}
