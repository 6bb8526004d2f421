//! The issuer's keys as they were last fetched, and when to fetch them anew.
//!
//! Invariant: one request to the issuer at a time, and not two within the times below, whatever tokens come. A request that
//! has begun is ended though nobody waits for it any more: who hangs up can't keep us from learning a new key.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use tokio::{sync::Mutex, time::Instant};

use super::{fetch::Fetcher, set::KeySet};

/// When to ask for keys, and for how long they count.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    /// The age at which keys are fetched anew. A key that the issuer has withdrawn counts for that long.
    pub(super) fresh_for: Duration,
    /// The age at which they no longer count, if no newer ones can be had.
    pub(super) kept_for: Duration,
    /// The least time between two requests while there are keys. A key that is used as soon as it is published is
    /// refused for that long at worst.
    pub(super) ask_every: Duration,
    /// The least time between two requests while there are none.
    pub(super) first_every: Duration,
}

impl Pace {
    pub(super) const USUAL: Self = Self {
        fresh_for: Duration::from_secs(10 * 60),
        // An outage over night is survived; longer than a day nobody should go on with keys that may be stolen.
        kept_for: Duration::from_secs(24 * 60 * 60),
        ask_every: Duration::from_secs(30),
        first_every: Duration::from_secs(2),
    };
}

/// Keys that are fetched.
#[derive(Debug)]
pub(super) struct Remote {
    fetcher: Fetcher,
    pace: Pace,
    held: RwLock<Option<Held>>,
    /// When the last request ended.
    asked: Mutex<Option<Instant>>,
}

#[derive(Debug, Clone)]
struct Held {
    set: Arc<KeySet>,
    fetched_at: Instant,
}

impl Remote {
    pub(super) fn new(fetcher: Fetcher, pace: Pace) -> Self {
        Self {
            fetcher,
            pace,
            held: RwLock::default(),
            asked: Mutex::default(),
        }
    }

    /// The keys that count now. Waits for the issuer only if there are none.
    pub(super) async fn set(self: &Arc<Self>) -> Option<Arc<KeySet>> {
        match self.held() {
            Some(held) if held.fetched_at.elapsed() < self.pace.fresh_for => {}
            Some(_) => {
                // Whoever comes meanwhile goes on with what there is.
                if self.asked.try_lock().is_ok_and(|asked| self.is_due(*asked)) {
                    drop(self.begin());
                }
            }
            None => self.ask_for_more().await,
        }
        self.held().map(|held| held.set)
    }

    /// Asks the issuer whether there are more keys by now, unless it has only just been asked.
    pub(super) async fn ask_for_more(self: &Arc<Self>) {
        // It fails only if the program ends.
        let _ = self.begin().await;
    }

    fn begin(self: &Arc<Self>) -> tokio::task::JoinHandle<()> {
        let this = Arc::clone(self);
        tokio::spawn(async move { this.ask().await })
    }

    async fn ask(&self) {
        let mut asked = self.asked.lock().await;
        if !self.is_due(*asked) {
            return;
        }
        match self.fetcher.fetch().await {
            Ok(set) => {
                set.log_unusable();
                let held = Held {
                    set: Arc::new(set),
                    fetched_at: Instant::now(),
                };
                *self.held.write().unwrap_or_else(PoisonError::into_inner) = Some(held);
            }
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    auth.has_keys = self.held().is_some(),
                    "the issuer's keys can't be fetched"
                );
            }
        }
        *asked = Some(Instant::now());
    }

    fn is_due(&self, asked: Option<Instant>) -> bool {
        let every = match self.held() {
            Some(_) => self.pace.ask_every,
            None => self.pace.first_every,
        };
        asked.is_none_or(|at| at.elapsed() >= every)
    }

    /// What was fetched last, if it still counts.
    fn held(&self) -> Option<Held> {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        held.clone()
            .filter(|held| held.fetched_at.elapsed() < self.pace.kept_for)
    }
}

#[cfg(test)]
mod tests;
