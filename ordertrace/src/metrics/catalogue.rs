//! Every metric there is: its name, what it means, and what it is split by.
//!
//! Invariant: nothing is counted that does not stand here, and nothing stands here that is not counted; tests hold both, and
//! that documentation, dashboards and alerts go by this list. A label's values are words of the program, so that their number is
//! bounded; none is the id of anything.

mod table;

use metrics::{describe_counter, describe_gauge, describe_histogram};

pub(super) use table::CATALOGUE;

/// How a metric behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// It only grows, until the process ends.
    Counter,
    /// It goes up and down.
    Gauge,
    /// It is a distribution: `_bucket`, `_sum` and `_count`.
    Histogram,
}

/// What is known of a metric.
pub(super) struct Metric {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    /// What it means, in a sentence without a full stop.
    pub(super) help: &'static str,
    #[cfg_attr(not(test), expect(dead_code, reason = "for who goes by the list"))]
    pub(super) labels: &'static [&'static str],
    /// The roles whose processes have it.
    #[cfg_attr(not(test), expect(dead_code, reason = "for who goes by the list"))]
    pub(super) roles: &'static str,
}

/// Says what each of them means, before anybody else does.
pub(super) fn describe() {
    for metric in CATALOGUE {
        match metric.kind {
            Kind::Counter => describe_counter!(metric.name, metric.help),
            Kind::Gauge => describe_gauge!(metric.name, metric.help),
            Kind::Histogram => describe_histogram!(metric.name, metric.help),
        }
    }
}

#[cfg(test)]
mod tests;
