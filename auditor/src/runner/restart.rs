//! Beginning again without the process: from what the folder has, or from the first event of the log.
//!
//! Invariant: trouble with the folder says nothing of the log, so it is tried again before it ends the audit, and never
//! without a bound. What was half done is not gone on with: fold and tree are read again.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use ordertrace_domain::Sequence;
use tokio::{
    task::spawn_blocking,
    time::{Instant, sleep},
};

use super::{Auditor, Before, Stop};
use crate::{
    Halt, OpenError,
    fold::{Fold, Standing},
};

/// So often in a row the folder is tried again: some three minutes, in which somebody makes room on the disk, or a log is
/// rotated.
const STORAGE_TRIES_MAX: u32 = 10;

/// The wait before the first of them is twice the time between two looks, and doubles until this factor.
const WAIT_LOOKS_MAX: u32 = 64;

/// So often in a row the folder is built anew on suspicion. A disk that loses what it was given does so again.
const REFOLDS_MAX: u32 = 3;

/// After so long without trouble the next one is the first again.
const CALM: Duration = Duration::from_secs(600);

/// From where to begin.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Restart {
    /// It has begun, and goes on.
    #[default]
    No,
    /// From what is kept in the folder.
    FromKept,
    /// From the first event of the log.
    FromNothing,
}

/// How often something was tried again in a row.
#[derive(Debug, Default)]
pub(super) struct Tries {
    made: u32,
    last: Option<Instant>,
}

impl Tries {
    /// Which try the next one is, unless there were enough.
    fn next(&mut self, max: u32, now: Instant) -> Option<u32> {
        if self.last.is_some_and(|last| now - last > CALM) {
            self.made = 0;
        }
        self.last = Some(now);
        self.made += 1;
        (self.made <= max).then_some(self.made)
    }
}

impl Auditor {
    /// Whether to begin again after this, and how.
    ///
    /// # Errors
    /// The audit has to stop for good.
    pub(super) fn recover(&mut self, halt: Option<Halt>) -> Result<(), Halt> {
        match halt {
            Some(Halt::Storage(why)) => self.try_storage_again(why),
            Some(halt) if halt.may_be_the_folders_fault() && self.is_restored() => {
                tracing::warn!(%halt, "the audit's folder and the log don't agree; the log is folded anew before anything is concluded");
                self.restart = Restart::FromNothing;
                Ok(())
            }
            Some(halt) => Err(halt),
            None => self.refold_on_suspicion(),
        }
    }

    fn try_storage_again(&mut self, why: Arc<str>) -> Result<(), Halt> {
        let Some(nth) = self.storage_tries.next(STORAGE_TRIES_MAX, Instant::now()) else {
            return Err(Halt::Storage(why));
        };
        let looks = 1_u32
            .checked_shl(nth)
            .map_or(WAIT_LOOKS_MAX, |looks| looks.min(WAIT_LOOKS_MAX));
        let wait = self.settings.look_every * looks;
        if nth == 1 {
            tracing::warn!(
                error = &*why,
                "the audit's folder can't be used; nothing is signed until it can, and it is tried again"
            );
        }
        self.audit.update(|status| status.trouble = Some(why));
        self.restart = self.restart.max(Restart::FromKept);
        self.wait = Some(wait);
        Ok(())
    }

    fn refold_on_suspicion(&mut self) -> Result<(), Halt> {
        if self.refolds.next(REFOLDS_MAX, Instant::now()).is_none() {
            let why = "proofs do not lead to their roots, however often the tree is built anew";
            return Err(Halt::Storage(why.into()));
        }
        self.restart = Restart::FromNothing;
        Ok(())
    }

    /// Begins again, if that has to be.
    pub(super) async fn restart(&mut self) -> Result<(), Stop> {
        if let Some(wait) = self.wait.take() {
            sleep(wait).await;
        }
        if self.restart == Restart::No {
            return Ok(());
        }
        let kept = self.reload(self.restart == Restart::FromNothing).await?;
        let size = kept.as_ref().map_or(Sequence::START, |kept| kept.size);
        let faults = kept
            .as_ref()
            .map_or_else(Default::default, |kept| kept.faults);
        self.audit.begin_anew(size, faults);
        let fold = Fold::new(self.audit.incarnation(), self.tree.clone(), kept);
        self.fold = Arc::new(Mutex::new(fold));
        self.read = Before::default();
        self.pending.clear();
        self.is_more = true;
        self.last = None;
        self.last_at = self.clock.now();
        self.last_seen = Instant::now();
        self.short_since = None;
        self.ahead = None;
        self.conflicts = 0;
        self.kept = size;
        self.restart = Restart::No;
        Ok(())
    }

    /// Reads the tree and the map again, or empties them. Nobody reads the tree meanwhile: its file is cut.
    async fn reload(&self, is_emptied: bool) -> Result<Option<Standing>, Stop> {
        let (folder, tree) = (Arc::clone(&self.folder), self.tree.clone());
        let incarnation = self.audit.incarnation();
        let reloaded = spawn_blocking(move || {
            let mut tree = tree.write();
            let (loaded, kept) = if is_emptied {
                (folder.empty_tree()?, None)
            } else {
                folder.load(incarnation)?
            };
            *tree = loaded;
            Ok::<_, OpenError>(kept)
        });
        let reloaded = reloaded.await.map_err(|_| Stop::Interrupted)?;
        Ok(reloaded.map_err(|error| Halt::storage(&error))?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_tried_often_enough_is_tried_again_after_a_while() {
        let (mut tries, now) = (Tries::default(), Instant::now());
        let made: Vec<_> = (0..4).map(|_| tries.next(3, now)).collect();
        assert_eq!(made, [Some(1), Some(2), Some(3), None]);
        assert_eq!(tries.next(3, now + CALM), None);
        assert_eq!(tries.next(3, now + CALM * 3), Some(1));
    }
}
