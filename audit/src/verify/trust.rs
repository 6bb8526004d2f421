//! What a verifier brings along. It comes from elsewhere than what is verified, or it is worth nothing.

use crate::{PublicKey, SignedCheckpoint};

/// What a verifier trusts.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    /// The log's key. Without one it is only checked that all fits together: integrity, and not by whom.
    pub key: Option<PublicKey>,
    /// A checkpoint that was kept since earlier: the log has to go on from it.
    pub kept: Option<SignedCheckpoint>,
    /// Witnesses, each of which has to have cosigned.
    pub witnesses: Vec<PublicKey>,
}

impl Trust {
    /// Whether something is wanted that takes a checkpoint.
    pub(super) const fn wants_checkpoint(&self) -> bool {
        self.key.is_some() || self.kept.is_some() || !self.witnesses.is_empty()
    }
}
