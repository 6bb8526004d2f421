//! Verifies a log, message by message, against all its checkpoints, in the order in which both were written.

use ordertrace_domain::{Incarnation, Record, Sequence, StoredCheckpoint};

use super::checkpoint::check_signature;
use super::complete::FromTheFirst;
use super::export::check_roots;
use super::findings::Findings;
use super::headers::{self, LastMessages};
use super::kept;
use super::published::{Published, not_rising};
use super::report::signed_by;
use super::{Finding, Kept, Note, Refutation, Report, Subject, Trust, Wrong};
use crate::{Checkpoint, SignedCheckpoint, leaf_hash};

/// What a [`LogVerifier`] wants to be given next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// The next checkpoint, or the word that there are no more.
    Checkpoint,
    /// The next record. Where there is none, the log is at its end.
    Record,
}

/// Verifies a log. Its memory is that of how far each order has come.
///
/// Whoever feeds it asks how many checkpoints there are *before* they ask how far the log goes, and gives it no more of
/// either: a checkpoint that is signed meanwhile would look as if the log had lost its end.
#[derive(Debug)]
pub struct LogVerifier {
    trust: Trust,
    incarnation: Incarnation,
    findings: Findings,
    /// None from the first gap on.
    all: Option<FromTheFirst>,
    messages: LastMessages,
    first: Option<Sequence>,
    last: Option<Sequence>,
    events: u64,
    checkpoints: Published,
}

impl LogVerifier {
    /// Before the first record of the log of this incarnation.
    pub fn new(incarnation: Incarnation, trust: Trust) -> Self {
        let kept = trust.kept.as_ref().map(|kept| kept.checkpoint().size);
        Self {
            trust,
            incarnation,
            findings: Findings::default(),
            all: Some(FromTheFirst::remembering(kept)),
            messages: LastMessages::default(),
            first: None,
            last: None,
            events: 0,
            checkpoints: Published::default(),
        }
    }

    /// What it wants next.
    pub const fn next(&self) -> Next {
        if self.checkpoints.is_all || self.checkpoints.ahead.is_some() {
            Next::Record
        } else {
            Next::Checkpoint
        }
    }

    /// Where the last record stands that it was given.
    pub fn size(&self) -> Sequence {
        self.last.unwrap_or(Sequence::START)
    }

    /// How much is wrong so far.
    pub fn finding_count(&self) -> u64 {
        self.findings.count()
    }

    /// Takes the next checkpoint, or that there are no more.
    pub fn checkpoint(&mut self, stored: Option<&StoredCheckpoint>) {
        let Some(stored) = stored else {
            self.checkpoints.is_all = true;
            return;
        };
        self.checkpoints.count += 1;
        let expected = self.checkpoints.number.next();
        if stored.number != expected {
            let found = stored.number;
            self.findings
                .add(Wrong::MissingCheckpoint { expected, found });
        }
        self.checkpoints.number = stored.number;
        let note = Note::Published(stored.number);
        match SignedCheckpoint::parse(&stored.note) {
            Ok(signed) => self.published(signed, stored.number),
            Err(error) => self
                .findings
                .add(Wrong::UnreadableCheckpoint { note, error }),
        }
    }

    fn published(&mut self, signed: SignedCheckpoint, number: Sequence) {
        let note = Note::Published(number);
        check_signature(&signed, note, &self.trust, &mut self.findings);
        let checkpoint = signed.checkpoint().clone();
        let is_of_log = self.is_of_log(&checkpoint, note);
        let before = self.checkpoints.last();
        let size = before.map_or(Sequence::START, |before| before.size);
        if checkpoint.size <= size {
            let wrong = not_rising(note, &checkpoint, before);
            self.findings.add(wrong);
        } else if is_of_log {
            self.checkpoints
                .take(number, signed, &self.trust, &mut self.findings);
        }
    }

    /// Whether it speaks of this log, so that its roots are worth comparing. It may do so under another name than the one
    /// before it: the log's key was changed. Whether both names are trusted, their signatures show.
    fn is_of_log(&mut self, checkpoint: &Checkpoint, note: Note) -> bool {
        if checkpoint.incarnation != self.incarnation {
            self.findings.add(Wrong::Recreated {
                note,
                expected: self.incarnation,
                found: checkpoint.incarnation,
            });
            return false;
        }
        self.trust.keys.is_empty() || self.trust.is_trusted(&checkpoint.origin)
    }

    /// Takes the next record.
    pub fn record(&mut self, record: &Record) {
        let position = record.sequence;
        let after = self.size();
        self.events += 1;
        self.first.get_or_insert(position);
        if position <= after {
            self.all = None;
            self.findings
                .add(Finding::at(position, Wrong::OutOfOrder { after }));
            return;
        }
        self.last = Some(position);
        if position > after.next() {
            self.all = None;
            let found = Some(position);
            self.findings
                .add(Finding::at(after.next(), Wrong::Gap { found }));
        }
        self.event(record);
        self.reach(position);
    }

    fn event(&mut self, record: &Record) {
        let before = self.messages.push(record);
        let Some(all) = &mut self.all else { return };
        let followed = all.push(record, leaf_hash(record));
        let checked = followed.and_then(|link| {
            let checked = headers::check(record, &link, before);
            checked.map_err(|wrong| Finding::at(record.sequence, wrong))
        });
        if let Err(finding) = checked {
            self.findings.add(finding);
        }
    }

    /// Compares the roots with those of the checkpoint that is over exactly so much.
    fn reach(&mut self, size: Sequence) {
        let Some((number, checkpoint)) = self.checkpoints.ahead.take() else {
            return;
        };
        if checkpoint.size > size {
            self.checkpoints.ahead = Some((number, checkpoint));
            return;
        }
        if let Some(all) = &self.all {
            let (note, confirmed) = (Note::Published(number), self.checkpoints.confirmed);
            let count = self.findings.count();
            check_roots(all, &checkpoint, note, confirmed, &mut self.findings);
            if self.findings.count() == count {
                self.checkpoints.confirmed = size;
            }
        }
    }

    /// Ends with the log.
    ///
    /// # Errors
    /// [`Refutation`] says what is wrong.
    pub fn finish(mut self) -> Result<Report, Refutation> {
        if let Some((number, checkpoint)) = self.checkpoints.ahead.take() {
            self.findings.add(Wrong::RolledBack {
                note: Note::Published(number),
                expected: checkpoint.size,
                found: self.size(),
            });
        }
        let kept = self.check_kept();
        let checkpoints = self.checkpoints.count;
        let covering = self.checkpoints.finish(&self.trust, &mut self.findings);
        self.findings.into_result()?;
        Ok(Report {
            subject: Subject::Log { checkpoints },
            events: self.events,
            first: self.first,
            last: self.last,
            orders: self.all.map_or(0, |all| all.orders()),
            incarnation: self.incarnation,
            signed_by: signed_by(&self.trust, covering.checkpoint.as_ref()),
            checkpoint: covering.checkpoint,
            signers: covering.signers,
            newest: covering.newest,
            cosigned: covering.cosigned,
            kept,
            digest: None,
            sha256: None,
        })
    }

    fn check_kept(&mut self) -> Kept {
        let Some(signed) = &self.trust.kept else {
            return Kept::NotGiven;
        };
        check_signature(signed, Note::Kept, &self.trust, &mut self.findings);
        match self.compare_kept(signed.checkpoint()) {
            Ok(()) => Kept::Consistent,
            Err(wrong) => {
                self.findings.add(wrong);
                Kept::NotShown
            }
        }
    }

    fn compare_kept(&self, kept: &Checkpoint) -> Result<(), Wrong> {
        let note = Note::Kept;
        let last = self.checkpoints.last();
        // With keys, it is its signature that shows whether it is of a name that is trusted.
        if let Some(last) = last
            && self.trust.keys.is_empty()
            && !self.checkpoints.is_signer(&kept.origin)
        {
            return Err(Wrong::OtherOrigin {
                note,
                expected: last.origin.clone(),
                found: kept.origin.clone(),
            });
        }
        if kept.incarnation != self.incarnation {
            return Err(Wrong::Recreated {
                note,
                expected: self.incarnation,
                found: kept.incarnation,
            });
        }
        if kept.size > self.size() {
            return Err(Wrong::RolledBack {
                note,
                expected: kept.size,
                found: self.size(),
            });
        }
        // Where it was not reached, an event before it is missing, which was told.
        if let Some(roots) = self.all.as_ref().and_then(FromTheFirst::remembered) {
            kept::compare(kept, note, roots)?;
        }
        match last.filter(|last| kept.size > last.size) {
            None => Ok(()),
            Some(last) => Err(Wrong::Vanished {
                note,
                expected: kept.size,
                found: last.size,
            }),
        }
    }
}
