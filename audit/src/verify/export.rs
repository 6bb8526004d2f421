//! Verifies an export.

use std::io::BufRead;

use ordertrace_domain::{Hash, Record, Sequence};

use super::agreement::{self, Seen, is_complete};
use super::batches;
use super::checkpoint::check_signed;
use super::complete::FromTheFirst;
use super::finding::Found;
use super::findings::Findings;
use super::inclusion::Proofs;
use super::kept::{self, Relation};
use super::partial::Neighbours;
use super::report::signed_by;
use super::{Cosigned, Finding, Kept, Note, Report, Subject, Trust, VerifyError, Wrong};
use crate::{Checkpoint, End, ExportReader, ExportedEvent, Header, SignedCheckpoint};

/// Verifies an export, from its first line to its last.
///
/// A large one is read on the caller's thread and checked on another.
///
/// # Errors
/// See [`VerifyError`].
pub fn verify_export(input: impl BufRead, trust: &Trust) -> Result<Report, VerifyError> {
    let mut reader = ExportReader::open(input)?;
    let export = Export::new(reader.header().clone(), trust);
    let (export, ending) = batches::check(&mut reader, export).map_err(VerifyError::Io)?;
    match ending {
        Ok(end) => export.finish(*end),
        Err(error) => Err(VerifyError::from_reading(error, export.findings)),
    }
}

/// What has been seen of an export.
pub(super) struct Export<'a> {
    trust: &'a Trust,
    header: Header,
    findings: Findings,
    events: u64,
    first: Option<Sequence>,
    last: Option<Sequence>,
    /// The first position that none of them has reached.
    next: Sequence,
    is_outside: bool,
    proofs: Proofs,
    content: Content,
}

/// The events, as far as they tell of each other.
enum Content {
    /// All from the first on, none missing so far.
    FromTheFirst(Box<FromTheFirst>),
    /// Some of them.
    Some(Neighbours),
}

impl<'a> Export<'a> {
    fn new(header: Header, trust: &'a Trust) -> Self {
        let content = match header.is_unfiltered_from_the_first() {
            true => {
                let kept = trust.kept.as_ref().map(|kept| kept.checkpoint().size);
                Content::FromTheFirst(Box::new(FromTheFirst::remembering(kept)))
            }
            false => Content::Some(Neighbours::default()),
        };
        Self {
            trust,
            next: header.from,
            header,
            findings: Findings::default(),
            events: 0,
            first: None,
            last: None,
            is_outside: false,
            proofs: Proofs::default(),
            content,
        }
    }

    /// Takes the next event with the hash of its leaf.
    pub(super) fn event(&mut self, event: &ExportedEvent, leaf: Hash) {
        self.place(event.record.sequence);
        self.content(&event.record, leaf);
        if let Some(proof) = &event.proof {
            self.proofs.add(proof, event.record.sequence, leaf);
        }
    }

    /// Whether it stands where it may stand.
    fn place(&mut self, position: Sequence) {
        self.events += 1;
        self.first.get_or_insert(position);
        let after = self.last.replace(position);
        self.is_outside |= position < self.header.from || position > self.header.to;
        let next = self.next;
        self.next = next.max(position.next());
        if let Some(after) = after.filter(|_| position < next) {
            self.add_misplaced(Finding::at(position, Wrong::OutOfOrder { after }));
        } else if self.header.filter.is_none() && position > next {
            let found = Some(position);
            self.add_misplaced(Finding::at(next, Wrong::Gap { found }));
        }
    }

    /// With an event missing or out of its order, neither the roots nor the chains say anything any more.
    fn add_misplaced(&mut self, finding: Finding) {
        self.findings.add(finding);
        if let Content::FromTheFirst(_) = self.content {
            self.content = Content::Some(Neighbours::default());
        }
    }

    /// Checks it against its order.
    fn content(&mut self, record: &Record, leaf: Hash) {
        match &mut self.content {
            Content::FromTheFirst(all) => {
                if let Err(finding) = all.push(record, leaf) {
                    self.findings.add(finding);
                }
            }
            Content::Some(neighbours) => {
                if let Err(not_next) = neighbours.push(record) {
                    let wrong = Wrong::BrokenChain(not_next);
                    self.findings.add(Finding::at(record.sequence, wrong));
                }
            }
        }
    }

    fn finish(mut self, end: End) -> Result<Report, VerifyError> {
        if end.written != end.computed {
            self.findings.add(Wrong::WrongDigest {
                expected: end.written,
                found: end.computed,
            });
        }
        let seen = Seen {
            events: self.events,
            proofs: self.proofs.count(),
            first: self.first,
            last: self.last,
            is_outside: self.is_outside,
        };
        agreement::check(&self.header, &seen, &end, &mut self.findings);
        let cosigned = check_signed(end.checkpoint.as_ref(), self.trust, &mut self.findings);
        if self.header.filter.is_none() && self.next <= self.header.to {
            self.add_misplaced(Finding::at(self.next, Wrong::Gap { found: None }));
        }
        let kept = match &end.checkpoint {
            Some(checkpoint) => self.check_checkpoint(checkpoint),
            None => Kept::NotGiven,
        };
        std::mem::take(&mut self.findings).into_result()?;
        Ok(self.report(end, cosigned, kept))
    }

    /// Compares the events with the checkpoint, and both with the one that was kept.
    fn check_checkpoint(&mut self, checkpoint: &SignedCheckpoint) -> Kept {
        let checkpoint = checkpoint.checkpoint();
        if let Some(finding) = self.proofs.check(checkpoint.size, checkpoint.tree_root) {
            self.findings.add(finding);
        }
        let kept = self.check_kept(checkpoint);
        if let Content::FromTheFirst(all) = &self.content
            && is_complete(&self.header, checkpoint)
            && all.size() == checkpoint.size
        {
            let changed_after = match (&self.trust.kept, kept) {
                (Some(known), Kept::Consistent) => known.checkpoint().size,
                _ => Sequence::START,
            };
            check_roots(
                all,
                checkpoint,
                Note::OfFile,
                changed_after,
                &mut self.findings,
            );
        }
        kept
    }

    fn check_kept(&mut self, checkpoint: &Checkpoint) -> Kept {
        let Some(known) = self.trust.kept.as_ref().map(SignedCheckpoint::checkpoint) else {
            return Kept::NotGiven;
        };
        let remembered = match &self.content {
            Content::FromTheFirst(all) => all.remembered(),
            Content::Some(_) => None,
        };
        let compared = match (kept::relate(known, checkpoint, self.trust), remembered) {
            (Ok(_), Some(roots)) => kept::compare(known, Note::Kept, roots),
            (Ok(Relation::Same), None) => Ok(()),
            (Ok(Relation::Earlier), None) => return Kept::NotShown,
            (Err(wrong), _) => Err(wrong),
        };
        match compared {
            Ok(()) => Kept::Consistent,
            Err(wrong) => {
                self.findings.add(wrong);
                Kept::NotShown
            }
        }
    }

    fn report(self, end: End, cosigned: Vec<Cosigned>, kept: Kept) -> Report {
        let header = self.header;
        let is_complete = match &end.checkpoint {
            Some(checkpoint) => is_complete(&header, checkpoint.checkpoint()),
            None => header.is_unfiltered_from_the_first(),
        };
        Report {
            subject: match is_complete {
                true => Subject::Complete,
                false => Subject::Part {
                    from: header.from,
                    to: header.to,
                    filter: header.filter,
                },
            },
            events: self.events,
            first: self.first,
            last: self.last,
            orders: match &self.content {
                Content::FromTheFirst(all) => all.orders(),
                Content::Some(neighbours) => neighbours.orders(),
            },
            incarnation: header.incarnation,
            signed_by: signed_by(self.trust, end.checkpoint.as_ref()),
            checkpoint: end.checkpoint,
            signers: Vec::new(),
            newest: None,
            cosigned,
            kept,
            digest: Some(end.written),
            sha256: Some(end.whole),
        }
    }
}

/// Compares what all events come to with a checkpoint. Up to `changed_after` it is known that nothing was changed.
pub(super) fn check_roots(
    all: &FromTheFirst,
    checkpoint: &Checkpoint,
    note: Note,
    changed_after: Sequence,
    findings: &mut Findings,
) {
    let roots = all.roots();
    if roots.tree != checkpoint.tree_root {
        findings.add(Wrong::WrongTreeRoot {
            note,
            among: (changed_after.next(), checkpoint.size),
            expected: checkpoint.tree_root,
            found: roots.tree,
        });
    }
    if roots.map != checkpoint.map_root {
        findings.add(Wrong::WrongMapRoot {
            note,
            expected: checkpoint.map_root,
            found: Found::Root(roots.map),
        });
    }
}
