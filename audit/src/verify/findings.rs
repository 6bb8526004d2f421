//! All that is wrong with one file, or one log.

use std::fmt;
use std::mem::discriminant;

use ordertrace_domain::Sequence;

use super::{Finding, Wrong};

/// So many findings about events are kept; of the rest it is only said how many there are. A log into which somebody
/// writes rubbish all day has as many as events.
const EVENT_FINDINGS_MAX: usize = 100;

/// So many findings of one kind about anything else are kept, which is mostly checkpoints: a log that is signed every few
/// seconds has as many of those as it likes. It is counted for each kind, so that no kind hides another.
const FINDINGS_OF_A_KIND_MAX: usize = 100;

/// So many findings of a wrong root are kept, for the tree and for the map: once the events differ, so does every later
/// root, and the first one says where.
const WRONG_ROOTS_MAX: usize = 1;

/// It is not true: here is what is wrong, sorted by the order of the checks and then by position. Never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refutation {
    findings: Vec<Finding>,
    omitted: u64,
}

impl Refutation {
    /// What is wrong, in the order of the checks.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// How many more findings there are than are told.
    pub const fn omitted(&self) -> u64 {
        self.omitted
    }

    /// The first position that is known to be wrong.
    pub fn first_position(&self) -> Option<Sequence> {
        let positions = self.findings.iter().filter_map(|it| it.position);
        positions.min()
    }
}

impl fmt::Display for Refutation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let findings = self.findings.iter().enumerate();
        for (index, finding) in findings {
            let between = if index == 0 { "" } else { "; " };
            write!(f, "{between}{finding}")?;
        }
        match self.omitted {
            0 => Ok(()),
            omitted => write!(f, "; and {omitted} more findings"),
        }
    }
}

impl std::error::Error for Refutation {}

/// Collects findings while a file is read.
#[derive(Debug, Default)]
pub(super) struct Findings {
    of_events: Vec<Finding>,
    others: Vec<Finding>,
    omitted: u64,
}

impl Findings {
    pub(super) fn add(&mut self, finding: impl Into<Finding>) {
        let finding = finding.into();
        let (list, is_full) = match finding.wrong.is_of_an_event() {
            true => {
                let is_full = self.of_events.len() >= EVENT_FINDINGS_MAX;
                (&mut self.of_events, is_full)
            }
            false => {
                let is_full = self.has_enough_like(&finding.wrong);
                (&mut self.others, is_full)
            }
        };
        match is_full {
            true => self.omitted += 1,
            false => list.push(finding),
        }
    }

    fn has_enough_like(&self, wrong: &Wrong) -> bool {
        let kind = discriminant(wrong);
        let like = self.others.iter();
        let like = like.filter(|it| discriminant(&it.wrong) == kind).count();
        like >= match wrong {
            Wrong::WrongTreeRoot { .. } | Wrong::WrongMapRoot { .. } => WRONG_ROOTS_MAX,
            _ => FINDINGS_OF_A_KIND_MAX,
        }
    }

    /// How many there are.
    pub(super) fn count(&self) -> u64 {
        (self.of_events.len() + self.others.len()) as u64 + self.omitted
    }

    /// What is wrong; nothing, if nothing is.
    pub(super) fn into_result(self) -> Result<(), Refutation> {
        if self.count() == 0 {
            Ok(())
        } else {
            Err(self.sorted())
        }
    }

    /// All of it, and this.
    pub(super) fn and(mut self, wrong: Wrong) -> Refutation {
        self.add(wrong);
        self.sorted()
    }

    fn sorted(mut self) -> Refutation {
        let mut findings = self.others;
        findings.append(&mut self.of_events);
        findings.sort_by_key(|finding| {
            let wrong = &finding.wrong;
            (wrong.step(), finding.position, wrong.step_of_event())
        });
        Refutation {
            findings,
            omitted: self.omitted,
        }
    }
}
