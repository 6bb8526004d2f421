//! The bulkhead: a slow provider takes up so many calls, and no more.

use std::time::Duration;

use ordertrace_domain::Reason;
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::timeout,
};

use super::{super::NoAnswer, meter};

pub(super) struct Bulkhead {
    places: Semaphore,
    size: usize,
    wait_max: Duration,
}

impl Bulkhead {
    pub(super) const fn new(size: usize, wait_max: Duration) -> Self {
        Self {
            places: Semaphore::const_new(size),
            size,
            wait_max,
        }
    }

    /// Takes a place, which is given back when the permit is dropped.
    pub(super) async fn enter(&self) -> Result<SemaphorePermit<'_>, NoAnswer> {
        // The semaphore is never closed, so its own error is the same to us as a time-out.
        if let Ok(Ok(place)) = timeout(self.wait_max, self.places.acquire()).await {
            return Ok(place);
        }
        meter::turned_away();
        Err(NoAnswer::NotAsked {
            reason: Reason::lossy("too many calls to the payment provider are under way"),
            retry_after: None,
        })
    }

    pub(super) const fn size(&self) -> usize {
        self.size
    }

    pub(super) fn taken(&self) -> usize {
        self.size - self.places.available_permits()
    }
}
