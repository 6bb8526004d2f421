//! The published checkpoints of a log, as they come.

use ordertrace_domain::Sequence;

use super::findings::Findings;
use super::{Cosigned, Found, Note, Root, Signer, Trust, Wrong};
use crate::{Checkpoint, SignatureError, SignedCheckpoint};

/// So many changes of the log's name are told. One happens in years; a log whose signatures nobody checks may have as many
/// as somebody likes to write.
const SIGNERS_MAX: usize = 1_000;

/// The checkpoints, as far as they were given.
#[derive(Debug, Default)]
pub(super) struct Published {
    pub(super) count: u64,
    /// Whether all were given.
    pub(super) is_all: bool,
    pub(super) number: Sequence,
    /// The last one that could be read and is of this log, and its number.
    pub(super) last: Option<(Sequence, SignedCheckpoint)>,
    /// The last one that all witnesses that were demanded have seen, and when they did.
    covering: Option<(SignedCheckpoint, Vec<Cosigned>)>,
    signers: Vec<Signer>,
    /// The same, until the log comes as far as it.
    pub(super) ahead: Option<(Sequence, Checkpoint)>,
    /// Up to here the log is known to be the one that was signed for.
    pub(super) confirmed: Sequence,
}

/// What of the checkpoints counts in the end.
#[derive(Debug, Default)]
pub(super) struct Covering {
    /// The newest one that all witnesses that were demanded have seen.
    pub(super) checkpoint: Option<SignedCheckpoint>,
    /// When they did.
    pub(super) cosigned: Vec<Cosigned>,
    /// The newest one, if it is another one.
    pub(super) newest: Option<SignedCheckpoint>,
    pub(super) signers: Vec<Signer>,
}

impl Published {
    /// The last one, if there is one.
    pub(super) fn last(&self) -> Option<&Checkpoint> {
        self.last.as_ref().map(|(_, signed)| signed.checkpoint())
    }

    /// Takes one that is of this log, and over more than the one before it.
    pub(super) fn take(
        &mut self,
        number: Sequence,
        signed: SignedCheckpoint,
        trust: &Trust,
        findings: &mut Findings,
    ) {
        let checkpoint = signed.checkpoint().clone();
        let (origin, size) = (&checkpoint.origin, checkpoint.size);
        let is_same = self.signers.last().is_some_and(|it| it.origin == *origin);
        if !is_same && self.signers.len() < SIGNERS_MAX {
            let origin = origin.clone();
            self.signers.push(Signer {
                origin,
                number,
                size,
            });
        }
        if let Some(cosigned) = seen_by_all(&signed, Note::Published(number), trust, findings) {
            self.covering = Some((signed.clone(), cosigned));
        }
        self.ahead = Some((number, checkpoint));
        self.last = Some((number, signed));
    }

    /// Whether one was published under this name.
    pub(super) fn is_signer(&self, origin: &str) -> bool {
        self.signers.iter().any(|signer| signer.origin == origin)
    }

    /// Ends with the last one. That no checkpoint has what was demanded is told of that one.
    pub(super) fn finish(self, trust: &Trust, findings: &mut Findings) -> Covering {
        let Some((number, last)) = self.last else {
            if trust.wants_checkpoint() {
                findings.add(Wrong::NoCheckpoint);
            }
            return Covering::default();
        };
        if self.covering.is_none() {
            let note = Note::Published(number);
            let checks = trust
                .witnesses
                .iter()
                .map(|key| last.check_cosignature(key));
            // One that is none was told when the checkpoint came.
            let missing = checks
                .filter_map(Result::err)
                .filter(|error| !matches!(error, SignatureError::Wrong(_)));
            missing.for_each(|error| findings.add(Wrong::signature(note, error)));
        }
        let (checkpoint, cosigned) = self.covering.unzip();
        let newest = Some(last).filter(|last| checkpoint.as_ref() != Some(last));
        Covering {
            checkpoint,
            cosigned: cosigned.unwrap_or_default(),
            newest,
            signers: self.signers,
        }
    }
}

/// When each witness saw it; nothing if one has not, which is no finding: witnesses may be away for a while. One that is
/// said to have seen it, and has not, is a finding in any case.
fn seen_by_all(
    signed: &SignedCheckpoint,
    note: Note,
    trust: &Trust,
    findings: &mut Findings,
) -> Option<Vec<Cosigned>> {
    let mut cosigned = Vec::new();
    for key in &trust.witnesses {
        match signed.check_cosignature(key) {
            Ok(at) => cosigned.push(Cosigned {
                witness: key.name().to_owned(),
                at,
            }),
            Err(error @ SignatureError::Wrong(_)) => findings.add(Wrong::signature(note, error)),
            Err(_) => {}
        }
    }
    (cosigned.len() == trust.witnesses.len()).then_some(cosigned)
}

/// A checkpoint that is not over more than the one before it: of the same size it has to be the same, or it is a fork.
pub(super) fn not_rising(
    note: Note,
    checkpoint: &Checkpoint,
    before: Option<&Checkpoint>,
) -> Wrong {
    let forked = before.filter(|before| {
        before.size == checkpoint.size && before.tree_root != checkpoint.tree_root
    });
    match forked {
        Some(before) => Wrong::Forked {
            note,
            size: checkpoint.size,
            root: Root::Tree,
            expected: checkpoint.tree_root,
            found: Found::Root(before.tree_root),
        },
        None => Wrong::NotRising {
            note,
            before: before.map_or(Sequence::START, |before| before.size),
            size: checkpoint.size,
        },
    }
}
