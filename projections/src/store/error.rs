//! What can be wrong with a view, or with the folder it is in.

use std::{io, path::PathBuf, sync::Arc};

use ordertrace_domain::{Incarnation, Sequence};

use crate::Halt;

/// Why the view did not take or give something. Each of them stops the view.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Bytes make no sense, or sled says so, or panicked over them. The next start sets the folder aside.
    #[error("the stored view is damaged: {0}")]
    Damaged(String),
    /// The disk did not take or give the bytes, as when it is full. The next start tries again.
    #[error("the view can't be stored")]
    Storage(#[source] io::Error),
    /// A message is missing before the next one. The view is whole, the log is not.
    #[error("the log has a gap: expected a message at {expected}, the next one is at {found}")]
    Gap {
        /// The sequence that is missing.
        expected: Sequence,
        /// The next one there is.
        found: Sequence,
    },
}

impl From<sled::Error> for StoreError {
    fn from(error: sled::Error) -> Self {
        match error {
            sled::Error::Io(error) if !is_of_damage(error.kind()) => Self::Storage(error),
            sled::Error::Io(_)
            | sled::Error::CollectionNotFound(_)
            | sled::Error::Unsupported(_)
            | sled::Error::ReportableBug(_)
            | sled::Error::Corruption { .. } => Self::Damaged(error.to_string()),
        }
    }
}

/// The kinds of I/O error by which sled reports bytes that it expected otherwise.
fn is_of_damage(kind: io::ErrorKind) -> bool {
    matches!(
        kind,
        io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput
    )
}

impl From<&StoreError> for Halt {
    fn from(error: &StoreError) -> Self {
        match error {
            StoreError::Damaged(what) => Self::Damaged(Arc::from(what.as_str())),
            StoreError::Storage(error) => Self::Storage(Arc::from(error.to_string())),
            StoreError::Gap { expected, found } => Self::Gap {
                expected: *expected,
                found: *found,
            },
        }
    }
}

/// Why a folder can't be gone on with. It is set aside, and the view is built anew from the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// It holds files, but is no view of this program. sled never touched it.
    #[error("the folder is not a view of this program")]
    Foreign,
    /// Its layout is another version's.
    #[error("the view has layout {found}, this program writes {expected}")]
    OtherLayout {
        /// The layout it is in.
        found: String,
        /// The layout of this program.
        expected: String,
    },
    /// It is of another log.
    #[error("the view is of log {found}, this log is {expected}")]
    OtherLog {
        /// The log it was made from.
        found: Incarnation,
        /// The log there is.
        expected: Incarnation,
    },
    /// It has come further than the log: the log lost messages, or the view is of a copy of it.
    #[error("the view stands at {view}, the log ends at {head}")]
    AheadOfLog {
        /// Where the view stands.
        view: Sequence,
        /// Where the log ends.
        head: Sequence,
    },
    /// Its bytes make no sense.
    #[error("the view is damaged: {0}")]
    Damaged(String),
}

impl Unfit {
    /// Whether it is what happens when the program or the log was replaced, rather than a fault.
    pub(crate) const fn is_expected(&self) -> bool {
        match self {
            Self::OtherLayout { .. } | Self::OtherLog { .. } => true,
            Self::Foreign | Self::AheadOfLog { .. } | Self::Damaged(_) => false,
        }
    }
}

/// Why no view could be opened at all.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has the folder open, and kept it for longer than a killed one takes to go.
    #[error("{} is in use by another process", folder.display())]
    InUse {
        /// The folder.
        folder: PathBuf,
    },
    /// The folder can't be made, read, written or renamed: its rights or the disk need looking at.
    #[error("{} can't be used", folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// What the operating system says.
        #[source]
        source: io::Error,
    },
    /// Not even a fresh view works there.
    #[error("a fresh view in {} does not work: {unfit}", folder.display())]
    Fresh {
        /// The folder.
        folder: PathBuf,
        /// What is wrong with it.
        unfit: Unfit,
    },
}
