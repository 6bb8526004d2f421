//! The headers of the messages in a log: those that repeat the payload, and the one that says where the order's last
//! message stood. No other header says anything about history, and none is looked at.

use std::collections::HashMap;

use ordertrace_domain::message::{EXPECTED_LAST, EXPECTED_LAST_OF, headers_of, says_once};
use ordertrace_domain::{Link, OrderId, Record, Sequence, order_of_subject};

use super::Wrong;

/// Where the last message on each order's subject stands, an event or not: what a writer had to expect there.
#[derive(Debug, Default)]
pub(super) struct LastMessages {
    last: HashMap<OrderId, Sequence>,
}

impl LastMessages {
    /// Takes the next message of the log, and gives where the one before it stood on the same subject.
    pub(super) fn push(&mut self, record: &Record) -> Sequence {
        let order = order_of_subject(&record.subject);
        let before = order.and_then(|order| self.last.insert(order, record.sequence));
        before.unwrap_or(Sequence::START)
    }
}

/// Checks the headers of an event.
pub(super) fn check(record: &Record, link: &Link, last: Sequence) -> Result<(), Wrong> {
    // The payload was read before, so there are some.
    let own = headers_of(link.event_id, &record.payload);
    for (name, expected) in own.into_iter().flatten() {
        check_one(record, name, &expected)?;
    }
    // It is on the first message of each decision only.
    if record.values_of(EXPECTED_LAST).next().is_some() {
        check_one(record, EXPECTED_LAST, &last.to_string())?;
    }
    match record.values_of(EXPECTED_LAST_OF).next() {
        None => Ok(()),
        Some(_) => Err(wrong(record, EXPECTED_LAST_OF, "none")),
    }
}

fn check_one(record: &Record, name: &'static str, expected: &str) -> Result<(), Wrong> {
    if says_once(record.values_of(name), expected) {
        Ok(())
    } else {
        Err(wrong(record, name, expected))
    }
}

fn wrong(record: &Record, name: &'static str, expected: &str) -> Wrong {
    let found: Vec<_> = record.values_of(name).collect();
    Wrong::WrongHeader {
        name,
        expected: expected.to_owned(),
        found: match found.is_empty() {
            true => "none".to_owned(),
            false => format!("{:?}", found.join(", ")),
        },
    }
}
