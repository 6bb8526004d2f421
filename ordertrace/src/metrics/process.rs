//! The process itself: what it is, what it takes of the machine, and how busy its runtime is.
//!
//! Invariant: it is looked at when somebody asks, and only then.

use std::sync::{Mutex, PoisonError};

use metrics::{counter, gauge};
use metrics_process::Collector;
use tokio::runtime::Handle;
use tokio_metrics::{RuntimeIntervals, RuntimeMonitor};

const BUILD_INFO: &str = "ordertrace_build_info";
const WORKERS: &str = "ordertrace_tokio_workers";
const TASKS: &str = "ordertrace_tokio_alive_tasks";
const QUEUE_DEPTH: &str = "ordertrace_tokio_global_queue_depth";
const BUSY_SECONDS: &str = "ordertrace_tokio_busy_seconds";
const PARKS: &str = "ordertrace_tokio_parks_total";

/// Looks at this process.
pub(super) struct Process {
    collector: Collector,
    runtime: Mutex<Runtime>,
}

struct Runtime {
    intervals: RuntimeIntervals,
    busy_secs: f64,
}

impl Process {
    /// Begins, within the runtime that is looked at.
    pub(super) fn begin() -> Self {
        gauge!(BUILD_INFO, "version" => env!("CARGO_PKG_VERSION")).set(1.0);
        let monitor = RuntimeMonitor::new(&Handle::current());
        Self {
            collector: Collector::default(),
            runtime: Mutex::new(Runtime {
                intervals: monitor.intervals(),
                busy_secs: 0.0,
            }),
        }
    }

    /// Shows how it is now.
    pub(super) fn measure(&self) {
        self.collector.collect();
        // Nothing that holds it leaves it half-way.
        let mut runtime = self.runtime.lock().unwrap_or_else(PoisonError::into_inner);
        runtime.measure();
    }
}

impl Runtime {
    #[expect(
        clippy::cast_precision_loss,
        reason = "a gauge is a float; there are not as many tasks as it could not tell apart"
    )]
    fn measure(&mut self) {
        let Some(since) = self.intervals.next() else {
            return;
        };
        self.busy_secs += since.total_busy_duration.as_secs_f64();
        gauge!(WORKERS).set(since.workers_count as f64);
        gauge!(TASKS).set(since.live_tasks_count as f64);
        gauge!(QUEUE_DEPTH).set(since.global_queue_depth as f64);
        gauge!(BUSY_SECONDS).set(self.busy_secs);
        counter!(PARKS).increment(since.total_park_count);
    }
}
