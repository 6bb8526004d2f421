//! Signed checkpoints, one after the other, where everybody can read them.

use async_trait::async_trait;

use super::{AppendError, LogError};
use crate::{RecordedAt, Sequence};

/// A checkpoint as it is stored: a signed note, which nobody has checked yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCheckpoint {
    /// Its number among the checkpoints: 1, 2, 3 …
    pub number: Sequence,
    /// When it was recorded.
    pub recorded_at: RecordedAt,
    /// The note's bytes.
    pub note: Vec<u8>,
}

/// The checkpoints of one log, in a stream of their own.
///
/// Invariant: a checkpoint is added only behind the one that its signer saw last, so that two signers never sign past each
/// other.
#[async_trait]
pub trait Checkpoints: Send + Sync {
    /// The last one, by the word of the stream's leader; none if there is none.
    ///
    /// # Errors
    /// See [`LogError`]. [`LogError::Broken`] does not occur.
    async fn last(&self) -> Result<Option<StoredCheckpoint>, LogError>;

    /// Those after the one with this number, the oldest first; at most `limit` of them.
    ///
    /// # Errors
    /// See [`LogError`]. [`LogError::Broken`] does not occur.
    async fn after(
        &self,
        number: Sequence,
        limit: usize,
    ) -> Result<Vec<StoredCheckpoint>, LogError>;

    /// Adds one behind the one with this number, [`Sequence::START`] for the first, and gives its number. When this very
    /// note stands there already, as after an answer that was lost, that is as good.
    ///
    /// # Errors
    /// See [`AppendError`]. [`AppendError::Conflict`] says that another note stands there.
    async fn append(&self, behind: Sequence, note: &[u8]) -> Result<Sequence, AppendError>;
}
