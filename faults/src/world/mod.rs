//! What everybody in a simulation shares: the dice, the clock, the journal of steps, and the terms of this seed.
//!
//! Invariant: nothing here waits while it holds a lock, and nothing here knows what the steps mean.

mod coverage;
mod fault;
mod journal;
mod process;
mod terms;
mod wire;

use std::{
    fmt,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use ordertrace_domain::Timestamp;
use tokio::{sync::Notify, time::Instant};

use crate::{
    dice::Dice,
    oracle::{Check, Violation},
};

pub use coverage::Coverage;
pub use fault::{Fault, Mutation};
pub(crate) use journal::Journal;
pub(crate) use process::Process;
pub(crate) use terms::{Replicas, Terms};
pub(crate) use wire::{LOG_WIRE, PROVIDER_WIRE, call};

/// What the log's clock shows when a simulation begins: 2023-11-14T22:13:20Z.
const START: Timestamp = Timestamp::from_micros(1_700_000_000_000_000);

/// One simulated world.
pub(crate) struct World {
    pub(crate) terms: Terms,
    dice: Mutex<Dice>,
    journal: Mutex<Journal>,
    began: Instant,
    is_healed: AtomicBool,
    broken: Notify,
}

/// Takes a lock. A panic elsewhere ends the simulation anyway.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl World {
    pub(crate) fn new(seed: u64, mutation: Option<Mutation>, is_told: bool) -> Self {
        let mut dice = Dice::new(seed);
        Self {
            terms: Terms::draw(&mut dice, mutation),
            dice: Mutex::new(dice),
            journal: Mutex::new(Journal::new(is_told)),
            began: Instant::now(),
            is_healed: AtomicBool::new(false),
            broken: Notify::new(),
        }
    }

    /// How long the simulation has lasted.
    pub(crate) fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    /// The log's time.
    pub(crate) fn now(&self) -> Timestamp {
        START.after(self.elapsed())
    }

    /// The moment at which the log's clock will show this time.
    pub(crate) fn moment_of(&self, time: Timestamp) -> Instant {
        self.began + time.since(START)
    }

    pub(crate) fn is_mutated(&self, mutation: Mutation) -> bool {
        self.terms.mutation == Some(mutation)
    }

    /// Whether a fault happens here and now; it is counted if it does. After the healing none does.
    pub(crate) fn strikes(&self, fault: Fault) -> bool {
        let rate = self.terms.rate(fault);
        if rate == 0 || self.is_healed() || !lock(&self.dice).strikes(rate) {
            return false;
        }
        self.befalls(fault);
        true
    }

    /// Counts a fault that was brought about.
    pub(crate) fn befalls(&self, fault: Fault) {
        lock(&self.journal).coverage.fault(fault);
        self.note(format_args!("fault: {}", fault.name()));
    }

    pub(crate) fn below(&self, end: u64) -> u64 {
        lock(&self.dice).below(end)
    }

    /// An index into something that has so many.
    pub(crate) fn pick(&self, count: usize) -> usize {
        usize::try_from(self.below(count as u64)).unwrap_or_default()
    }

    pub(crate) fn between_ms(&self, least: u64, most: u64) -> Duration {
        lock(&self.dice).between(Duration::from_millis(least), Duration::from_millis(most))
    }

    /// From now on nothing goes wrong any more.
    pub(crate) fn heal(&self) {
        self.is_healed.store(true, Ordering::Relaxed);
        self.note(format_args!("healed"));
    }

    pub(crate) fn is_healed(&self) -> bool {
        self.is_healed.load(Ordering::Relaxed)
    }

    /// Writes a step down: it is counted, hashed, and kept if somebody will read it.
    pub(crate) fn note(&self, what: fmt::Arguments<'_>) {
        lock(&self.journal).note(self.elapsed(), what);
    }

    /// Counts something that was seen to happen.
    pub(crate) fn sight(&self, what: &'static str) {
        lock(&self.journal).coverage.sight(what);
    }

    /// Counts an event that was stored.
    pub(crate) fn happened(&self, event: &str) {
        lock(&self.journal).coverage.event(event);
    }

    /// A promise is broken. The first one is kept, and ends the simulation.
    pub(crate) fn broken(&self, check: Check, what: fmt::Arguments<'_>) {
        self.note(format_args!("broken: {check}: {what}"));
        lock(&self.journal).broken(check, what.to_string());
        self.broken.notify_one();
    }

    /// Returns once a promise is broken.
    pub(crate) async fn until_broken(&self) {
        if lock(&self.journal).violation.is_none() {
            self.broken.notified().await;
        }
    }

    pub(crate) fn take_journal(&self) -> Journal {
        std::mem::replace(&mut *lock(&self.journal), Journal::new(false))
    }

    pub(crate) fn violation(&self) -> Option<Violation> {
        lock(&self.journal).violation.clone()
    }
}
