//! Decisions that are ready to be stored: new orders, as the executor would send them.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context as _;
use async_trait::async_trait;
use ordertrace_domain::{
    AppendError, Draft, EventLog, Executor, Freshness, History, Incarnation, LogError, OrderId,
};

use super::super::orders::Order;
use crate::clock::SystemClock;

/// A decision and what it was based on.
pub(super) type Decided = (History, Vec<Draft>);

/// A log that stores nothing, and keeps what it was given.
struct Kept {
    incarnation: Incarnation,
    decided: Mutex<Option<Decided>>,
}

/// It was kept, and is not stored.
#[derive(Debug, thiserror::Error)]
#[error("kept, and not stored")]
struct NotMeantToBe;

#[async_trait]
impl EventLog for Kept {
    fn incarnation(&self) -> Incarnation {
        self.incarnation
    }

    async fn load(&self, order: OrderId, _: Freshness) -> Result<History, LogError> {
        Ok(History::empty(order))
    }

    async fn append(&self, base: &History, events: Vec<Draft>) -> Result<History, AppendError> {
        let mut decided = self.decided.lock().unwrap_or_else(PoisonError::into_inner);
        *decided = Some((base.clone(), events));
        Err(AppendError::NotStored(NotMeantToBe.into()))
    }
}

/// So many new orders that nobody has placed yet.
pub(super) async fn placed(incarnation: Incarnation, count: usize) -> anyhow::Result<Vec<Decided>> {
    let kept = Arc::new(Kept {
        incarnation,
        decided: Mutex::default(),
    });
    let executor = Executor::new(kept.clone(), Arc::new(SystemClock));
    let mut all = Vec::with_capacity(count);
    for _ in 0..count {
        // It always fails: the log keeps the decision, and says so.
        let refused = executor.execute(&Order::new().place()?).await;
        let mut decided = kept.decided.lock().unwrap_or_else(PoisonError::into_inner);
        let decided = decided.take();
        all.push(decided.with_context(|| format!("no decision was made: {refused:?}"))?);
    }
    Ok(all)
}
