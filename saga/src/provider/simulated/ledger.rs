//! The simulator's ledger: what was charged and given back, in memory and, if wanted, in a journal file.
//!
//! Invariant: each change is one line at the end of the journal, written while the file is locked; the last line of an
//! intent says how it stands. Whoever opens the ledger takes in what others wrote before each look.

use std::{
    collections::HashMap,
    fs::{File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    path::Path,
};

use ordertrace_domain::Reason;

use super::MagicAmount;
use crate::provider::IntentStatus;

/// How an intent stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    Unconfirmed,
    Succeeded,
    Declined,
    Cancelled,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Intent {
    pub(super) amount: i64,
    pub(super) standing: Standing,
    pub(super) refunded: bool,
    /// What went wrong once by design, so that it goes right the second time.
    stumbled: Vec<String>,
}

/// What the ledger says of one intent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LedgerEntry {
    /// What was charged, in minor units.
    pub captured: i64,
    /// What was given back, in minor units.
    pub refunded: i64,
}

#[derive(Default)]
pub(super) struct Ledger {
    pub(super) intents: HashMap<String, Intent>,
    journal: Option<Journal>,
}

struct Journal {
    file: File,
    /// How far it was read.
    offset: u64,
    /// Lines of the change that is being made.
    pending: String,
}

impl Intent {
    pub(super) const fn new(amount: i64) -> Self {
        Self {
            amount,
            standing: Standing::Unconfirmed,
            refunded: false,
            stumbled: Vec::new(),
        }
    }

    /// Ends it, unless it has ended.
    pub(super) fn settle(&mut self, standing: Standing) {
        if self.standing == Standing::Unconfirmed {
            self.standing = standing;
        }
    }

    pub(super) fn status(&self) -> IntentStatus {
        match self.standing {
            Standing::Unconfirmed => IntentStatus::Unconfirmed,
            Standing::Succeeded => IntentStatus::Succeeded,
            Standing::Declined => IntentStatus::Declined(Reason::lossy("card_declined")),
            Standing::Cancelled => IntentStatus::Cancelled,
        }
    }

    /// Whether `fault` is due at this `step`: the first time, for the amount that asks for it.
    pub(super) fn stumbles(&mut self, fault: MagicAmount, step: &str) -> bool {
        let is_asked_for = MagicAmount::of(self.amount) == Some(fault);
        let is_due = is_asked_for && !self.stumbled.iter().any(|past| past == step);
        if is_due {
            self.stumbled.push(step.to_owned());
        }
        is_due
    }

    fn line(&self, name: &str) -> String {
        let stumbled = self.stumbled.join(",");
        format!(
            "{name} {} {:?} {} {stumbled};\n",
            self.amount, self.standing, self.refunded
        )
    }

    /// Reads a line back; a torn one, which a killed process may leave, is none.
    fn parse(line: &str) -> Option<(String, Self)> {
        let parts: Vec<&str> = line.strip_suffix(';')?.split(' ').collect();
        let [name, amount, standing, refunded, stumbled] = parts.as_slice() else {
            return None;
        };
        let standing = match *standing {
            "Unconfirmed" => Standing::Unconfirmed,
            "Succeeded" => Standing::Succeeded,
            "Declined" => Standing::Declined,
            "Cancelled" => Standing::Cancelled,
            _ => return None,
        };
        let stumbled = stumbled.split(',').filter(|step| !step.is_empty());
        let intent = Self {
            amount: amount.parse().ok()?,
            standing,
            refunded: refunded.parse().ok()?,
            stumbled: stumbled.map(str::to_owned).collect(),
        };
        Some(((*name).to_owned(), intent))
    }
}

impl Ledger {
    pub(super) fn with_journal(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .open(path)?;
        let mut ledger = Self {
            intents: HashMap::new(),
            journal: Some(Journal {
                file,
                offset: 0,
                pending: String::new(),
            }),
        };
        ledger.exclusively(|_| ())?;
        Ok(ledger)
    }

    pub(super) fn entries(&self) -> HashMap<String, LedgerEntry> {
        let entry = |intent: &Intent| LedgerEntry {
            captured: match intent.standing {
                Standing::Succeeded => intent.amount,
                Standing::Unconfirmed | Standing::Declined | Standing::Cancelled => 0,
            },
            refunded: if intent.refunded { intent.amount } else { 0 },
        };
        let intents = self.intents.iter();
        intents
            .map(|(name, intent)| (name.clone(), entry(intent)))
            .collect()
    }

    /// Looks and changes while no other process does; what is recorded is in the file before anybody else looks.
    pub(super) fn exclusively<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> io::Result<T> {
        let Some(journal) = &mut self.journal else {
            return Ok(work(self));
        };
        journal.file.lock()?;
        let caught_up = journal.read_on();
        let result = caught_up.and_then(|text| {
            self.intents.extend(text.lines().filter_map(Intent::parse));
            let result = work(self);
            self.write_out().map(|()| result)
        });
        if let Some(journal) = &self.journal {
            journal.file.unlock()?;
        }
        result
    }

    /// Notes that an intent changed.
    pub(super) fn record(&mut self, name: &str) {
        if let (Some(journal), Some(intent)) = (&mut self.journal, self.intents.get(name)) {
            journal.pending.push_str(&intent.line(name));
        }
    }

    fn write_out(&mut self) -> io::Result<()> {
        let Some(journal) = &mut self.journal else {
            return Ok(());
        };
        let lines = std::mem::take(&mut journal.pending);
        journal.file.write_all(lines.as_bytes())?;
        journal.offset += lines.len() as u64;
        Ok(())
    }
}

impl Journal {
    /// What was written since the last look. A torn last line is ended, so that the next one stands by itself.
    fn read_on(&mut self) -> io::Result<String> {
        self.file.seek(SeekFrom::Start(self.offset))?;
        let mut bytes = Vec::new();
        self.file.read_to_end(&mut bytes)?;
        self.offset += bytes.len() as u64;
        if bytes.last().is_some_and(|last| *last != b'\n') {
            self.file.write_all(b"\n")?;
            self.offset += 1;
        }
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn intent(ledger: &mut Ledger, name: &str, change: impl FnOnce(&mut Intent)) {
        ledger
            .exclusively(|ledger| {
                change(
                    ledger
                        .intents
                        .entry(name.to_owned())
                        .or_insert(Intent::new(1_000)),
                );
                ledger.record(name);
            })
            .unwrap();
    }

    #[test]
    fn processes_share_the_ledger() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let mut first = Ledger::with_journal(&path).unwrap();
        let mut second = Ledger::with_journal(&path).unwrap();
        intent(&mut first, "pi_1", |intent| {
            intent.settle(Standing::Succeeded)
        });
        intent(&mut second, "pi_1", |intent| intent.refunded = true);
        first.exclusively(|_| ()).unwrap();
        let expected = LedgerEntry {
            captured: 1_000,
            refunded: 1_000,
        };
        assert_eq!(first.entries()["pi_1"], expected);
    }

    #[test]
    fn a_torn_line_is_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        intent(&mut Ledger::with_journal(&path).unwrap(), "pi_1", |_| {});
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(b"pi_1 1000 Succ").unwrap();
        let mut reopened = Ledger::with_journal(&path).unwrap();
        intent(&mut reopened, "pi_2", |intent| {
            intent.settle(Standing::Succeeded)
        });
        let entries = Ledger::with_journal(&path).unwrap().entries();
        assert_eq!(entries["pi_1"].captured, 0);
        assert_eq!(entries["pi_2"].captured, 1_000);
    }
}
