//! How far a load has come: a bar on a terminal, else a line now and then.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressStyle};
use ordertrace_domain::Sequence;

/// How often a line is written where there is no terminal: often enough to see that it goes on, and no more than a page of
/// them for a million orders.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// What the bar shows; the number of orders is known from the start, and so the time it takes.
const BAR: &str = "{bar:32} {human_pos}/{human_len} orders  {msg}  {elapsed} gone, {eta} to go";

/// How far it has come.
pub(super) struct Progress {
    bar: ProgressBar,
    total: u64,
    orders: AtomicU64,
    events: AtomicU64,
    began: Instant,
    line_written: Mutex<Instant>,
}

impl Progress {
    /// Nothing yet of so many orders.
    pub(super) fn start(total: u64) -> Self {
        let bar = ProgressBar::new(total);
        if let Ok(style) = ProgressStyle::with_template(BAR) {
            bar.set_style(style);
        }
        Self {
            bar,
            total,
            orders: AtomicU64::new(0),
            events: AtomicU64::new(0),
            began: Instant::now(),
            line_written: Mutex::new(Instant::now()),
        }
    }

    /// So many events more are in the log.
    pub(super) fn events(&self, count: u64) {
        self.events.fetch_add(count, Ordering::Relaxed);
    }

    /// How many events were written so far.
    pub(super) fn events_written(&self) -> u64 {
        self.events.load(Ordering::Relaxed)
    }

    /// One order more is as it is to stay.
    pub(super) fn order(&self) {
        let orders = self.orders.fetch_add(1, Ordering::Relaxed) + 1;
        if self.bar.is_hidden() {
            self.line(orders);
        } else {
            self.bar.set_message(format!("{:.0} events/s", self.rate()));
            self.bar.set_position(orders);
        }
    }

    fn rate(&self) -> f64 {
        let secs = self.began.elapsed().as_secs_f64();
        self.events.load(Ordering::Relaxed) as f64 / secs.max(f64::MIN_POSITIVE)
    }

    fn line(&self, orders: u64) {
        let written = self.line_written.lock();
        let mut written = written.unwrap_or_else(PoisonError::into_inner);
        if written.elapsed() < LINE_EVERY {
            return;
        }
        *written = Instant::now();
        let secs = self.began.elapsed().as_secs_f64();
        let left = secs / orders as f64 * self.total.saturating_sub(orders) as f64;
        eprintln!(
            "{orders} of {} orders, {:.0} events/s, {left:.0} s to go",
            self.total,
            self.rate()
        );
    }

    /// All are in the log, which ends here.
    pub(super) fn finish(&self, head: Sequence) {
        self.bar.finish_and_clear();
        eprintln!(
            "{} orders, {} events in {:.1} s: {:.0} events/s; the log ends at {head}",
            self.orders.load(Ordering::Relaxed),
            self.events.load(Ordering::Relaxed),
            self.began.elapsed().as_secs_f64(),
            self.rate()
        );
    }
}
