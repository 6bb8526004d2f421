//! The contract of the log, on the log in memory.

use std::sync::Arc;

use async_trait::async_trait;
use ordertrace_domain::{
    Backlogs, Checkpoints, Clock, DeadLetters, EventArchive, EventFeed, EventLog, Parking, Records,
    Timers, WorkQueue, log_contract_tests,
    testing::{MemoryLog, RunningClock, contract},
};

struct Memory {
    clock: Arc<RunningClock>,
    log: MemoryLog,
}

#[async_trait]
impl contract::Harness for Memory {
    fn log(&self) -> Arc<dyn EventLog> {
        Arc::new(self.log.clone())
    }

    fn second_log(&self) -> Arc<dyn EventLog> {
        Arc::new(self.log.clone())
    }

    fn feed(&self) -> Arc<dyn EventFeed> {
        Arc::new(self.log.clone())
    }

    fn archive(&self) -> Arc<dyn EventArchive> {
        Arc::new(self.log.clone())
    }

    fn records(&self) -> Arc<dyn Records> {
        Arc::new(self.log.clone())
    }

    fn checkpoints(&self) -> Arc<dyn Checkpoints> {
        Arc::new(self.log.clone())
    }

    fn second_checkpoints(&self) -> Arc<dyn Checkpoints> {
        Arc::new(self.log.clone())
    }

    fn queue(&self) -> Arc<dyn WorkQueue> {
        Arc::new(self.log.clone())
    }

    fn backlogs(&self) -> Arc<dyn Backlogs> {
        Arc::new(self.log.clone())
    }

    fn timers(&self) -> Arc<dyn Timers> {
        Arc::new(self.log.clone())
    }

    fn parking(&self) -> Arc<dyn Parking> {
        Arc::new(self.log.clone())
    }

    fn dead_letters(&self) -> Arc<dyn DeadLetters> {
        Arc::new(self.log.clone())
    }

    fn clock(&self) -> Arc<dyn Clock> {
        Arc::<RunningClock>::clone(&self.clock)
    }
}

async fn memory() -> Memory {
    let clock = Arc::new(RunningClock::new());
    Memory {
        log: MemoryLog::with_clock(Arc::<RunningClock>::clone(&clock)),
        clock,
    }
}

log_contract_tests!(memory());

#[tokio::test(flavor = "multi_thread")]
async fn all_behaviours_hold_one_after_the_other_on_one_log() {
    contract::check_all(&memory().await).await;
}
