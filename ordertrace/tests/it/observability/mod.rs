//! What the program tells of itself while it runs: traces, logs, metrics.

mod collector;
mod logs;
mod metrics;
mod outage;
mod trace;
mod trace_of_roles;

use std::time::Duration;

/// A span waits a second for company, and a machine may be busy.
const SPANS_ARRIVE_MAX: Duration = Duration::from_secs(30);
