//! Clocks of tests: one that stands still until it is moved, and one that runs.
//!
//! Both can be waited for, so that a timer of [`super::MemoryLog`] goes off by the same clock that dates its events.

use std::time::Duration;

use async_trait::async_trait;
use chrono::Utc;
use tokio::{sync::watch, time::Instant};

use crate::{Clock, Timestamp};

/// A clock that can be waited for.
#[async_trait]
pub trait Alarm: Clock {
    /// Returns as soon as the clock shows that time, or a later one.
    async fn wait_until(&self, at: Timestamp);
}

/// A clock that stands still until a test moves it.
#[derive(Debug)]
pub struct ManualClock {
    time: watch::Sender<Timestamp>,
}

impl ManualClock {
    /// What the clock shows unless it is told otherwise: 2023-11-14T22:13:20Z.
    pub const START: Timestamp = Timestamp::from_micros(1_700_000_000_000_000);

    /// A clock that shows [`Self::START`].
    pub fn new() -> Self {
        Self::at(Self::START)
    }

    /// A clock that shows this time.
    pub fn at(time: Timestamp) -> Self {
        Self {
            time: watch::Sender::new(time),
        }
    }

    /// Sets the clock, forwards or back.
    pub fn set(&self, time: Timestamp) {
        self.time.send_replace(time);
    }

    /// Moves the clock forwards; whoever waits for a time that has come by then is woken.
    pub fn advance(&self, by: Duration) {
        self.time.send_modify(|time| *time = time.after(by));
    }
}

impl Default for ManualClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self.time.borrow()
    }
}

#[async_trait]
impl Alarm for ManualClock {
    async fn wait_until(&self, at: Timestamp) {
        let mut times = self.time.subscribe();
        // It fails only when the sender is gone, and this clock holds it.
        let _ = times.wait_for(|time| *time >= at).await;
    }
}

/// A clock that runs: it begins with the machine's time and goes on with tokio's, which a test may pause.
#[derive(Debug)]
pub struct RunningClock {
    origin: Timestamp,
    started: Instant,
}

impl RunningClock {
    /// A clock that shows the machine's time now.
    pub fn new() -> Self {
        Self {
            origin: Utc::now().into(),
            started: Instant::now(),
        }
    }
}

impl Default for RunningClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for RunningClock {
    fn now(&self) -> Timestamp {
        self.origin.after(self.started.elapsed())
    }
}

#[async_trait]
impl Alarm for RunningClock {
    async fn wait_until(&self, at: Timestamp) {
        let wait_micros = at.micros().saturating_sub(self.origin.micros()).max(0);
        let wait = Duration::from_micros(wait_micros.unsigned_abs());
        match self.started.checked_add(wait) {
            Some(instant) => tokio::time::sleep_until(instant).await,
            // Later than tokio can count: never, as far as a test goes.
            None => std::future::pending().await,
        }
    }
}
