//! Why there is no cosignature.

use std::{sync::Arc, time::Duration};

use ordertrace_domain::Sequence;
use reqwest::StatusCode;

/// What a witness says against a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Objection {
    /// It has seen the log at this size, which is larger than the checkpoint's. Another signer may have been quicker; a
    /// log that ends before has lost its end.
    Ahead(Sequence),
    /// It has seen a log that this one does not go on from.
    OtherLog(Arc<str>),
}

/// Why a witness has not cosigned.
#[derive(Debug, thiserror::Error)]
pub(super) enum AskError {
    /// It is not there, or the connection broke. It may have cosigned, and is asked again with the next checkpoint.
    #[error("it can't be reached")]
    Unreachable(#[source] reqwest::Error),
    /// It did not answer in time. It may have cosigned as well.
    #[error("it did not answer within {0:?}")]
    TooSlow(Duration),
    /// Its answer is longer than one can be.
    #[error("its answer is too long")]
    TooLong,
    /// It has cosigned a larger tree. With several signers one of them was quicker; else the log has lost its end.
    #[error("it has seen the log at size {0}, which is more than there is here")]
    Ahead(Sequence),
    /// The same size once more: nobody has gone on from there.
    #[error(
        "it has seen the log at size {0}, and it still is shorter here: the log was rolled back or has lost its end"
    )]
    StillAhead(Sequence),
    /// It has cosigned a tree that this one does not go on from.
    #[error(
        "it has seen another log under this name: the log was changed, re-created or forked ({0})"
    )]
    OtherLog(Arc<str>),
    /// Others ask it all the time.
    #[error("its last size changed while it was asked")]
    Unsettled,
    /// There is no proof from the size at which it stands.
    #[error("there is no proof from the size {0} that it has seen")]
    NoProof(Sequence),
    /// It says no.
    #[error("it answered {status}: {said}")]
    Refused {
        /// The status.
        status: StatusCode,
        /// The beginning of what it said.
        said: Arc<str>,
    },
    /// Nothing in its answer is a cosignature by its key over this checkpoint.
    #[error("its answer has no cosignature of this checkpoint by its key")]
    NoCosignature,
}

impl AskError {
    /// What the witness says against the log, if it does.
    pub(super) fn objection(&self) -> Option<Objection> {
        match self {
            Self::Ahead(size) | Self::StillAhead(size) => Some(Objection::Ahead(*size)),
            Self::OtherLog(_) => Some(Objection::OtherLog(self.to_string().into())),
            Self::Unreachable(_)
            | Self::TooSlow(_)
            | Self::TooLong
            | Self::Unsettled
            | Self::NoProof(_)
            | Self::Refused { .. }
            | Self::NoCosignature => None,
        }
    }

    /// Whether the log is not the one that the witness has seen.
    pub(super) const fn is_alarm(&self) -> bool {
        matches!(self, Self::StillAhead(_) | Self::OtherLog(_))
    }

    /// Whether it may be better to leave it alone for a while.
    pub(super) const fn is_silence(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::TooSlow(_))
    }
}
