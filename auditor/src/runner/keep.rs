//! Keeping what the log has come to, for the next start.

use tokio::task::spawn_blocking;

use super::{Auditor, AuditorError, Stop, restart::Restart};
use crate::{Halt, fold::Standing};

impl Auditor {
    /// Keeps the map, once enough events have come since it was kept last.
    pub(super) async fn keep_if_due(&mut self) -> Result<(), Stop> {
        let Some(standing) = self.to_be_kept() else {
            return Ok(());
        };
        let new = standing.size.get().saturating_sub(self.kept.get());
        if new < self.settings.keep_events {
            return Ok(());
        }
        self.keep(standing).await
    }

    /// Keeps the map as far as it has come.
    pub(super) async fn keep_at_the_end(mut self) -> Result<(), AuditorError> {
        if self.restart != Restart::No {
            // A step was not finished: tree and map may not stand at the same size.
            return Ok(());
        }
        let Some(standing) = self.to_be_kept().filter(|it| it.size > self.kept) else {
            return Ok(());
        };
        match self.keep(standing).await {
            Ok(()) => Ok(()),
            Err(Stop::Halted(halt)) => Err(AuditorError::Storage(halt)),
            Err(Stop::Interrupted | Stop::Suspected) => Err(AuditorError::Interrupted),
        }
    }

    /// What the log came to at the last checkpoint: the next start has to have the map there, for proofs are against it.
    /// A log without any checkpoint is kept where it is.
    fn to_be_kept(&self) -> Option<Standing> {
        if let Some(proven) = self.audit.proven() {
            return Some(proven.standing.clone());
        }
        let is_without = self.read.number == ordertrace_domain::Sequence::START;
        is_without.then(|| self.fold().standing())
    }

    async fn keep(&mut self, standing: Standing) -> Result<(), Stop> {
        let size = standing.size;
        let (folder, tree) = (self.folder.clone(), self.tree.clone());
        let incarnation = self.audit.incarnation();
        let kept = spawn_blocking(move || {
            // Proofs and the fold wait for the tree, so that nothing is synced under its lock.
            let file = tree.write().hand_over()?;
            file.sync_data().map_err(|error| Halt::storage(&error))?;
            let tree_root = tree.read().root(size)?;
            let saved = folder.save(incarnation, tree_root, &standing);
            saved.map_err(|error| Halt::storage(&error))
        });
        kept.await.map_err(|_| Stop::Interrupted)??;
        self.kept = size;
        tracing::debug!(audit.size = %size, "the audit has kept what the log comes to");
        Ok(())
    }
}
