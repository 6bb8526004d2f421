//! What a simulation met: how often each fault, each event and each way to end was seen.

use std::{collections::BTreeMap, fmt};

use ordertrace_domain::Event;

use super::Fault;

/// Ways through the program that the checks would be vacuous without.
const SIGHTS: &[&str] = &[
    "answer: done",
    "answer: repeated",
    "answer: rejected",
    "answer: version_mismatch",
    "answer: key_reused",
    "answer: unavailable",
    "answer: not_stored",
    "answer: unknown",
    "answer: no answer, the process died",
    "answer: nothing to do",
    "log: conflict",
    "log: duplicate acknowledgement",
    "log: known id in a batch",
    "log: no leader",
    "log: batch of one decision",
    "query: served",
    "query: 503",
    "view: rebuilt from nothing",
    "provider: charged",
    "provider: declined",
    "provider: method unknown",
    "provider: called off",
    "provider: refunded",
    "provider: breaker or bulkhead turned away",
    "timer: fired",
    "timer: taken back",
    "operator: resumed a stuck order",
    "end: completed",
    "end: cancelled",
    "end: rejected",
    "end: listed as stuck",
    "replicas: R1",
    "replicas: R3",
];

/// How often what was seen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage {
    seen: BTreeMap<String, u64>,
}

impl Coverage {
    /// Everything that enough seeds are expected to meet, by its name.
    pub fn expected() -> impl Iterator<Item = String> {
        let faults = Fault::ALL.iter().map(|fault| fault_key(*fault));
        let events = Event::types().map(|event| event_key(event.name));
        let sights = SIGHTS.iter().map(|sight| (*sight).to_owned());
        faults.chain(events).chain(sights)
    }

    /// What of it was never met.
    pub fn missing(&self) -> Vec<String> {
        Self::expected()
            .filter(|name| !self.seen.contains_key(name))
            .collect()
    }

    /// Adds what another simulation met.
    pub fn add(&mut self, other: &Self) {
        for (name, count) in &other.seen {
            *self.seen.entry(name.clone()).or_default() += count;
        }
    }

    pub(crate) fn fault(&mut self, fault: Fault) {
        self.count(&fault_key(fault));
    }

    pub(crate) fn event(&mut self, name: &str) {
        self.count(&event_key(name));
    }

    pub(crate) fn sight(&mut self, what: &str) {
        self.count(what);
    }

    fn count(&mut self, name: &str) {
        match self.seen.get_mut(name) {
            Some(count) => *count += 1,
            None => drop(self.seen.insert(name.to_owned(), 1)),
        }
    }
}

fn fault_key(fault: Fault) -> String {
    format!("fault: {}", fault.name())
}

fn event_key(name: &str) -> String {
    format!("event: {name}")
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, count) in &self.seen {
            writeln!(f, "{count:>12}  {name}")?;
        }
        for name in self.missing() {
            writeln!(f, "{:>12}  {name}", "NEVER")?;
        }
        Ok(())
    }
}
