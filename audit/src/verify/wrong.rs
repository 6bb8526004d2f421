//! What can be wrong, each with what was expected and what was found.

use std::fmt;

use ordertrace_domain::{Hash, Incarnation, Sequence};

use super::{Found, NotNext, Note, Root};
use crate::json::Off;
use crate::{NoteError, Tip};

/// What is wrong. The variants stand in the order of the checks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// A line, or the bundle, is not in the one form in which it is written.
    #[error("{} is not in the form in which it is written: {off}", Line(*line, *at))]
    NotCanonical {
        /// Which line, counted from 1.
        line: u64,
        /// The position that the line says to be of, if it gets that far.
        at: Option<Sequence>,
        /// What is wrong with it.
        off: Off,
    },
    /// An export ends before its last line does.
    #[error("the file ends in line {line}, before its last line is complete")]
    CutOff {
        /// The line in which it ends.
        line: u64,
    },
    /// The bytes are not those that were written.
    #[error(
        "the file was changed after it was written: its last line expects the SHA-256 {expected}, \
         the bytes before it have {found}"
    )]
    WrongDigest {
        /// What the file says.
        expected: Hash,
        /// What its bytes have.
        found: Hash,
    },
    /// The file says two things that can't both be.
    #[error("the file contradicts itself: {what}: expected {expected}, found {found}")]
    Contradiction {
        /// About what.
        what: &'static str,
        /// What follows from one part of the file.
        expected: String,
        /// What another part says.
        found: String,
    },
    /// A published checkpoint is none.
    #[error("{note} can't be read: {error}")]
    UnreadableCheckpoint {
        /// Which one.
        note: Note,
        /// Why.
        error: NoteError,
    },
    /// One published checkpoint is missing.
    #[error("checkpoint {expected} is missing: the next one that is there is {found}")]
    MissingCheckpoint {
        /// The number that follows the one before it.
        expected: Sequence,
        /// The number that is there.
        found: Sequence,
    },
    /// A published checkpoint is not over more events than the one before it.
    #[error(
        "{note} has to be over more events than the {before} of the one before it, it is over {size}"
    )]
    NotRising {
        /// Which one.
        note: Note,
        /// The size of the one before it.
        before: Sequence,
        /// Its own.
        size: Sequence,
    },
    /// A key, a cosignature or a kept checkpoint is to be compared with a checkpoint, and there is none.
    #[error("there is no checkpoint, so nobody has signed this")]
    NoCheckpoint,
    /// The checkpoint is of another log.
    #[error("{note} is of {found:?}, expected {expected:?}")]
    OtherOrigin {
        /// Which one.
        note: Note,
        /// Whose it has to be.
        expected: String,
        /// Whose it is.
        found: String,
    },
    /// It is not signed by somebody whose signature is wanted.
    #[error("{note} has no signature by {key}")]
    MissingSignature {
        /// Which one.
        note: Note,
        /// The name of the key.
        key: String,
    },
    /// It has a signature that says to be by that key, and is not.
    #[error(
        "{note} has a signature that says to be by {key}, and it is not of this key and this text"
    )]
    BadSignature {
        /// Which one.
        note: Note,
        /// The name of the key.
        key: String,
    },
    /// A witness's key is given as that of the log, or the other way round.
    #[error("the key {key} is not for this use: one is the log's, the others are of witnesses")]
    WrongUse {
        /// The name of the key.
        key: String,
    },
    /// An event is missing.
    #[error("it is missing: {}", Missing(*found))]
    Gap {
        /// Where the next event stands that is there.
        found: Option<Sequence>,
    },
    /// An event stands behind one that it has to stand before, or is there twice.
    #[error("it stands behind position {after}, expected before it and once")]
    OutOfOrder {
        /// Where the one before it stands.
        after: Sequence,
    },
    /// The event's proof does not lead to the root of the tree.
    #[error(
        "its time, subject or payload is not what stands in the log, or its proof is not its own: \
         expected the root {expected}, its proof leads to {found}"
    )]
    WrongLeaf {
        /// The root of the checkpoint's tree.
        expected: Hash,
        /// Where the proof leads.
        found: Found,
    },
    /// The record is not the next event of its order.
    #[error("it is not its order's next event: {0}")]
    BrokenChain(#[source] NotNext),
    /// A header says something else than the payload, or than where the order's last message stands.
    #[error("its header {name}: expected {expected}, found {found}")]
    WrongHeader {
        /// The header.
        name: &'static str,
        /// What it has to say.
        expected: String,
        /// What it says.
        found: String,
    },
    /// The events have another root than the checkpoint.
    #[error(
        "an event among the positions {} to {} is not the one that was signed for: {note} expects the \
         tree's root {expected}, the events have {found}", among.0, among.1
    )]
    WrongTreeRoot {
        /// Which one.
        note: Note,
        /// The first and the last position that may be wrong.
        among: (Sequence, Sequence),
        /// What the checkpoint says.
        expected: Hash,
        /// What the events have.
        found: Hash,
    },
    /// The orders have another root than the checkpoint, or the proof in the map does not lead to it.
    #[error("{note} expects the map's root {expected}, the orders have {found}")]
    WrongMapRoot {
        /// Which one.
        note: Note,
        /// What the checkpoint says.
        expected: Hash,
        /// What the orders have, or where the proof leads.
        found: Found,
    },
    /// The events of a bundle are not all that the order has.
    #[error(
        "these are not all events of the order: expected {} with the last payload's hash {}, found {} \
         with {}", expected.version, expected.hash, found.version, found.hash
    )]
    Incomplete {
        /// How far the map says that the order has come.
        expected: Tip,
        /// How far its events come.
        found: Tip,
    },
    /// It is another log, made anew.
    #[error("{note} is of another log: expected the incarnation {expected}, found {found}")]
    Recreated {
        /// Which checkpoint.
        note: Note,
        /// Of which log it has to be.
        expected: Incarnation,
        /// Of which it is.
        found: Incarnation,
    },
    /// There is less than there was: the end was cut off, or an older state was brought back.
    #[error(
        "{note} was over {expected} events, and now there are {found}: the end was cut off, or the log \
         was rolled back"
    )]
    RolledBack {
        /// Which checkpoint.
        note: Note,
        /// Its size.
        expected: Sequence,
        /// What there is.
        found: Sequence,
    },
    /// A checkpoint that was kept is over more than the last one that is published: one that was published is gone.
    #[error(
        "{note} was over {expected} events, and the last one that is published is over {found}: a published \
         checkpoint has vanished"
    )]
    Vanished {
        /// Which checkpoint.
        note: Note,
        /// Its size.
        expected: Sequence,
        /// The size of the last one that is published.
        found: Sequence,
    },
    /// There is another history than there was.
    #[error(
        "the history is another one than that of {note}: over {size} events it expects the {root}'s root \
         {expected}, found {found}"
    )]
    Forked {
        /// Which checkpoint.
        note: Note,
        /// Its size.
        size: Sequence,
        /// Which root differs.
        root: Root,
        /// Its root.
        expected: Hash,
        /// What is there now, or where the proof leads.
        found: Found,
    },
}

/// A line, and the event that it is of.
struct Line(u64, Option<Sequence>);

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.0)?;
        match self.1 {
            Some(position) => write!(f, " (position {position})"),
            None => Ok(()),
        }
    }
}

/// What is there in the place of an event that is missing.
struct Missing(Option<Sequence>);

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(found) => write!(f, "the next event that is there stands at position {found}"),
            None => f.write_str("the events end before it"),
        }
    }
}
