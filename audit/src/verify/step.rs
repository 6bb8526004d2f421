//! The checks, in their order, and the names by which programs know them: `vectors/README.md` has both.

use super::{Note, Wrong};
use crate::SignatureError;

/// The step in which the events are checked one by one.
const EVENTS: u8 = 5;

impl Wrong {
    /// A name that does not change, for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotCanonical { .. } => "not-canonical",
            Self::CutOff { .. } => "cut-off",
            Self::WrongDigest { .. } => "wrong-digest",
            Self::Contradiction { .. } => "contradiction",
            Self::UnreadableCheckpoint { .. } => "unreadable-checkpoint",
            Self::MissingCheckpoint { .. } => "missing-checkpoint",
            Self::NotRising { .. } => "not-rising",
            Self::NoCheckpoint => "no-checkpoint",
            Self::OtherOrigin { .. } => "other-origin",
            Self::MissingSignature { .. } => "missing-signature",
            Self::BadSignature { .. } => "bad-signature",
            Self::WrongUse { .. } => "wrong-use",
            Self::Gap { .. } => "gap",
            Self::OutOfOrder { .. } => "out-of-order",
            Self::WrongLeaf { .. } => "wrong-leaf",
            Self::BrokenChain(_) => "broken-chain",
            Self::WrongHeader { .. } => "wrong-header",
            Self::WrongTreeRoot { .. } => "wrong-tree-root",
            Self::WrongMapRoot { .. } => "wrong-map-root",
            Self::Incomplete { .. } => "incomplete",
            Self::Recreated { .. } => "recreated",
            Self::RolledBack { .. } => "rolled-back",
            Self::Vanished { .. } => "vanished-checkpoint",
            Self::Forked { .. } => "forked",
        }
    }

    /// After how many other kinds of checks this one comes: see `vectors/README.md`.
    pub(super) const fn step(&self) -> u8 {
        match self {
            Self::NotCanonical { .. } | Self::CutOff { .. } => 1,
            Self::WrongDigest { .. } => 2,
            Self::Contradiction { .. } => 3,
            Self::UnreadableCheckpoint { .. }
            | Self::MissingCheckpoint { .. }
            | Self::NotRising { .. }
            | Self::NoCheckpoint
            | Self::OtherOrigin { .. }
            | Self::MissingSignature { .. }
            | Self::BadSignature { .. }
            | Self::WrongUse { .. } => 4,
            Self::Gap { .. }
            | Self::OutOfOrder { .. }
            | Self::WrongLeaf { .. }
            | Self::BrokenChain(_)
            | Self::WrongHeader { .. } => EVENTS,
            Self::WrongTreeRoot { .. } => 6,
            Self::WrongMapRoot { .. } => 7,
            Self::Incomplete { .. } => 8,
            Self::Recreated { .. }
            | Self::RolledBack { .. }
            | Self::Vanished { .. }
            | Self::Forked { .. } => 9,
        }
    }

    /// Whether it is about one event, of which a log may have as many as it likes.
    pub(super) const fn is_of_an_event(&self) -> bool {
        self.step() == EVENTS
    }

    /// After how many other checks of the same event this one comes.
    pub(super) const fn step_of_event(&self) -> u8 {
        match self {
            Self::WrongLeaf { .. } => 1,
            Self::BrokenChain(_) => 2,
            Self::WrongHeader { .. } => 3,
            _ => 0,
        }
    }

    /// Why a signature does not count.
    pub(super) fn signature(note: Note, error: SignatureError) -> Self {
        match error {
            SignatureError::Missing(key) => Self::MissingSignature { note, key },
            SignatureError::Wrong(key) => Self::BadSignature { note, key },
            SignatureError::WrongUse(key) => Self::WrongUse { key },
            SignatureError::OtherOrigin { origin, key } => Self::OtherOrigin {
                note,
                expected: key,
                found: origin,
            },
        }
    }
}
