//! The clock on the wall.

use ordertrace_domain::{Clock, Timestamp};

/// Reads the system's clock.
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        chrono::Utc::now().into()
    }
}
