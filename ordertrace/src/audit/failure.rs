//! Why a command of the auditor did not do what it was asked for, as far as scripts have to tell.

use ordertrace_domain::{FeedError, LogError};

use crate::{EXIT_DIFFERENT, EXIT_INTERRUPTED, EXIT_UNREACHABLE};

/// A failure with an exit code of its own.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// Nobody answers: exit 4.
    #[error("{0}")]
    Unreachable(String),
    /// What was read is not what it has to be: exit 3.
    #[error("{0}")]
    Mismatch(String),
    /// Ctrl-C; says how to go on: exit 130.
    #[error("interrupted {0}")]
    Interrupted(String),
}

impl Failure {
    pub(crate) const fn exit_code(&self) -> u8 {
        match self {
            Self::Unreachable(_) => EXIT_UNREACHABLE,
            Self::Mismatch(_) => EXIT_DIFFERENT,
            Self::Interrupted(_) => EXIT_INTERRUPTED,
        }
    }
}

impl From<FeedError> for Failure {
    fn from(error: FeedError) -> Self {
        Self::Mismatch(error.to_string())
    }
}

impl From<LogError> for Failure {
    fn from(error: LogError) -> Self {
        match error {
            LogError::Unavailable(ref cause) => Self::Unreachable(format!("{error}: {cause}")),
            LogError::Broken(ref broken) => Self::Mismatch(broken.to_string()),
            LogError::Recreated => Self::Mismatch(error.to_string()),
        }
    }
}
