//! The ledger in memory: what was charged and given back, and what was answered.
//!
//! Invariant: it changes by [`Line`]s alone, so that whoever reads the same lines has the same ledger.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::Serialize;

use super::{
    magic::{Course, Step, course},
    record::{Intent, Line, Refund, Stored},
};

/// What the ledger says of one intent, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LedgerEntry {
    /// What was charged.
    pub captured: i64,
    /// What was given back.
    pub refunded: i64,
}

/// What the ledger says of one intent, at length: the answer of `GET /_simulator/ledger` is a list of these.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LedgerRow {
    /// The intent's name.
    pub intent: String,
    /// The order that it is for, as the caller said.
    pub order_id: String,
    /// How much was asked for, in minor units.
    pub amount: i64,
    /// What was charged, in minor units.
    pub captured: i64,
    /// What was given back, in minor units.
    pub refunded: i64,
    /// How often a confirmation was carried out.
    pub confirmations: u32,
    /// How many requests there were for it, those included that went wrong or were a repeat, but not those that got lost
    /// before it was made.
    pub requests: u32,
}

#[derive(Default)]
pub(super) struct Book {
    intents: BTreeMap<String, Intent>,
    refunds: HashMap<String, Vec<Refund>>,
    asked: HashMap<String, u32>,
    stored: HashMap<String, Stored>,
    stumbled: HashSet<(String, Step)>,
    /// What has changed since the journal was written.
    unwritten: Vec<Line>,
}

impl Book {
    pub(super) fn intent(&self, id: &str) -> Option<&Intent> {
        self.intents.get(id)
    }

    /// The refunds of an intent, the first one first.
    pub(super) fn refunds_of(&self, intent: &str) -> &[Refund] {
        self.refunds.get(intent).map_or(&[], Vec::as_slice)
    }

    pub(super) fn refunded(&self, intent: &str) -> i64 {
        self.refunds_of(intent)
            .iter()
            .map(|refund| refund.amount)
            .sum()
    }

    pub(super) fn stored(&self, key: &str) -> Option<&Stored> {
        self.stored.get(key)
    }

    /// What is to go wrong at this step, which it does once.
    pub(super) fn course(&mut self, amount: i64, subject: &str, step: Step) -> Course {
        let course = course(amount, step);
        let stumble = (subject.to_owned(), step);
        if course == Course::Smooth || self.stumbled.contains(&stumble) {
            return Course::Smooth;
        }
        self.put(Line::Stumbled(stumble.0, stumble.1));
        course
    }

    /// Changes the ledger.
    pub(super) fn put(&mut self, line: Line) {
        self.apply(line.clone());
        self.unwritten.push(line);
    }

    /// Takes in a change that is in the journal.
    pub(super) fn apply(&mut self, line: Line) {
        match line {
            Line::Intent(intent) => {
                self.intents.insert(intent.id.clone(), intent);
            }
            Line::Refund(refund) => {
                let of_intent = self.refunds.entry(refund.intent.clone()).or_default();
                of_intent.push(refund);
            }
            Line::Asked(intent) => *self.asked.entry(intent).or_default() += 1,
            Line::Stored(stored) => {
                self.stored.insert(stored.key.clone(), stored);
            }
            Line::Stumbled(subject, step) => {
                self.stumbled.insert((subject, step));
            }
        }
    }

    pub(super) fn take_unwritten(&mut self) -> Vec<Line> {
        std::mem::take(&mut self.unwritten)
    }

    pub(super) fn rows(&self) -> Vec<LedgerRow> {
        let row = |intent: &Intent| LedgerRow {
            intent: intent.id.clone(),
            order_id: intent.wish.order_id().to_owned(),
            amount: intent.wish.amount,
            captured: intent.captured(),
            refunded: self.refunded(&intent.id),
            confirmations: intent.confirmations,
            requests: self.asked.get(&intent.id).copied().unwrap_or_default(),
        };
        self.intents.values().map(row).collect()
    }
}
