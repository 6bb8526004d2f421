//! What was shown, and what was not.

use ordertrace_domain::{Hash, Incarnation, OrderId, Sequence, Timestamp};

use super::{Trust, VerifiedCheckpoint};
use crate::{FilterText, SignedCheckpoint};

/// What was verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// An export of everything up to its checkpoint.
    Complete,
    /// Any other export.
    Part {
        /// The first position that was looked at.
        from: Sequence,
        /// The last one.
        to: Sequence,
        /// What was looked for.
        filter: Option<FilterText>,
    },
    /// All events of this order.
    Bundle(OrderId),
    /// A checkpoint alone, without any event.
    Checkpoint,
    /// The log itself, with all its checkpoints.
    Log {
        /// How many checkpoints it has.
        checkpoints: u64,
    },
}

/// Who signed from one checkpoint on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signer {
    /// The name of the key, as the checkpoints say it.
    pub origin: String,
    /// The number of the first checkpoint under this name.
    pub number: Sequence,
    /// How many events that one is over.
    pub size: Sequence,
}

/// A witness saw the checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cosigned {
    /// The name of its key.
    pub witness: String,
    /// When, by its own clock.
    pub at: Timestamp,
}

/// Whether the log goes on from the checkpoint that was kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// None was given.
    NotGiven,
    /// It does.
    Consistent,
    /// This file can't show it.
    NotShown,
}

/// Nothing is wrong. What that means is in [`Self::shown`] and [`Self::not_shown`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// What was verified.
    pub subject: Subject,
    /// How many events.
    pub events: u64,
    /// Where the first one stands.
    pub first: Option<Sequence>,
    /// Where the last one stands.
    pub last: Option<Sequence>,
    /// Of how many orders.
    pub orders: u64,
    /// Of which log.
    pub incarnation: Incarnation,
    /// The checkpoint by which they are proven.
    pub checkpoint: Option<SignedCheckpoint>,
    /// The name of the key that signed it; none says that no key was given, and that this is integrity only.
    pub signed_by: Option<String>,
    /// Of a log: under which names its checkpoints were published, one after the other. More than one says that its key was
    /// changed, and where.
    pub signers: Vec<Signer>,
    /// Of a log: its newest checkpoint, where not all witnesses that were demanded have seen that one.
    pub newest: Option<SignedCheckpoint>,
    /// The witnesses that were demanded.
    pub cosigned: Vec<Cosigned>,
    /// Whether the log goes on from the checkpoint that was kept.
    pub kept: Kept,
    /// The SHA-256 that the file ends with; none for a log.
    pub digest: Option<Hash>,
    /// The SHA-256 of the whole file, as `sha256sum` shows it; none for a log.
    pub sha256: Option<Hash>,
}

impl Report {
    /// A checkpoint alone, in a file of this SHA-256.
    pub(super) fn of_checkpoint(verified: VerifiedCheckpoint, trust: &Trust, sha256: Hash) -> Self {
        let signed = verified.checkpoint;
        Self {
            subject: Subject::Checkpoint,
            events: 0,
            first: None,
            last: None,
            orders: 0,
            incarnation: signed.checkpoint().incarnation,
            signed_by: signed_by(trust, Some(&signed)),
            checkpoint: Some(signed),
            signers: Vec::new(),
            newest: None,
            cosigned: verified.cosigned,
            kept: verified.kept,
            digest: None,
            sha256: Some(sha256),
        }
    }

    /// Whether a checkpoint was given that the file could not be compared with: not wrong, and not what was asked for.
    pub const fn is_kept_unproven(&self) -> bool {
        matches!(self.kept, Kept::NotShown)
    }

    /// What was shown, in sentences that say what follows from it.
    pub fn shown(&self) -> Vec<&'static str> {
        let mut shown = Vec::new();
        let has_checkpoint = self.checkpoint.is_some();
        match &self.subject {
            Subject::Complete | Subject::Log { .. } => {
                shown.push(if has_checkpoint { ALL } else { ALL_UNSIGNED });
                shown.push(CHAINS);
            }
            Subject::Bundle(_) => shown.extend([self.in_the_log(), ALL_OF_ORDER]),
            Subject::Checkpoint => {}
            Subject::Part { filter, .. } => {
                shown.extend(has_checkpoint.then_some(self.in_the_log()));
                shown.extend(filter.is_none().then_some(EVERY_POSITION));
                shown.push(NEIGHBOURS);
            }
        }
        shown.extend(matches!(self.subject, Subject::Log { .. }).then_some(HEADERS));
        shown.extend(self.signed_by.is_some().then_some(SIGNED));
        shown.extend((!self.cosigned.is_empty()).then_some(COSIGNED));
        shown.extend(match (self.kept, &self.subject) {
            (Kept::Consistent, Subject::Checkpoint) => Some(SAME),
            (Kept::Consistent, _) => Some(GOES_ON),
            (Kept::NotGiven | Kept::NotShown, _) => None,
        });
        shown
    }

    /// Only who has the log's key knows that the tree of the checkpoint is the log's.
    const fn in_the_log(&self) -> &'static str {
        match self.signed_by {
            Some(_) => IN_THE_LOG,
            None => IN_THE_TREE,
        }
    }

    /// What was not shown, in sentences.
    pub fn not_shown(&self) -> Vec<&'static str> {
        let mut not_shown = Vec::new();
        let is_log = matches!(self.subject, Subject::Log { .. });
        let has_checkpoint = self.checkpoint.is_some();
        if let Subject::Part {
            filter: Some(_), ..
        } = self.subject
        {
            not_shown.extend([LEFT_OUT, MATCHES]);
        }
        not_shown.extend(match self.subject {
            Subject::Bundle(_) => Some(MAP_FOLLOWS),
            Subject::Checkpoint => Some(NO_EVENTS),
            _ => None,
        });
        not_shown.extend((!has_checkpoint).then_some(NO_CHECKPOINT));
        not_shown.extend(self.signed_by.is_none().then_some(NO_KEY));
        let is_renamed = self.signers.len() > 1 && self.signed_by.is_none();
        not_shown.extend(is_renamed.then_some(OTHER_NAME));
        not_shown.extend(match self.kept {
            Kept::NotGiven => Some(NO_KEPT),
            Kept::NotShown => Some(KEPT_NOT_SHOWN),
            Kept::Consistent => None,
        });
        not_shown.extend(match (is_log, has_checkpoint) {
            (true, _) => None,
            (false, true) => Some(WHAT_CAME_LATER),
            (false, false) => Some(WHAT_CAME_AFTER_THESE),
        });
        not_shown.push(TRUE);
        not_shown
    }
}

const ALL: &str = "these are all events up to the checkpoint, each with its position, recorded time, subject and payload";
const ALL_UNSIGNED: &str = "there is an event at every position from 1 on";
const CHAINS: &str = "the events of each order are linked, and none between them is missing";
const IN_THE_LOG: &str =
    "each event stands in the log with this position, recorded time, subject and payload";
const IN_THE_TREE: &str = "each event stands in the tree of this checkpoint with this position, recorded time, subject and \
     payload";
const ALL_OF_ORDER: &str = "these are all events of the order up to the checkpoint, by the map of orders that it signs for";
const EVERY_POSITION: &str = "no position between the first and the last was left out";
const NEIGHBOURS: &str = "events that follow each other in an order, and are both here, are linked";
const HEADERS: &str = "the headers of the messages say what their payloads say";
const SIGNED: &str = "the checkpoint is signed with the log's key";
const COSIGNED: &str = "every witness that was asked for has seen the checkpoint";
const GOES_ON: &str =
    "the log goes on from the checkpoint that was kept: nothing that it covers was changed since";
const SAME: &str = "it is over the same events as the checkpoint that was kept";

const LEFT_OUT: &str = "that nothing that matches the filter was left out";
const MATCHES: &str = "that what is here matches the filter: that is a note of whoever exported it";
const NO_CHECKPOINT: &str = "that these are the log's events: there is no checkpoint, and whoever changes one can link all others anew";
const NO_KEY: &str = "who says so: no key was given, so this is about integrity only";
const MAP_FOLLOWS: &str = "that the map follows from the events: only a complete export, `audit verify` of the log, or a monitor \
     shows that";
const NO_EVENTS: &str =
    "any event: this is a checkpoint alone, which a log or an export is compared with";
const OTHER_NAME: &str =
    "that whoever signed before the log's name was changed agrees to the change: no key was given";
const NO_KEPT: &str =
    "that it is the history that it was earlier: no checkpoint that was kept outside was given";
const KEPT_NOT_SHOWN: &str = "that the log goes on from the checkpoint that was kept: that takes a complete export, \
     or a bundle with a proof from its size";
const WHAT_CAME_LATER: &str = "what was recorded after the checkpoint";
const WHAT_CAME_AFTER_THESE: &str = "what was recorded after the last of these events";
const TRUE: &str = "that what was written was true when it was written";

/// Whose signature of a checkpoint was checked: its origin's, and nobody's without a key.
pub(super) fn signed_by(trust: &Trust, checkpoint: Option<&SignedCheckpoint>) -> Option<String> {
    let checkpoint = checkpoint.filter(|_| !trust.keys.is_empty())?;
    Some(checkpoint.checkpoint().origin.clone())
}
