//! The runner: follows the log and its checkpoints for as long as the process lives, and signs when that is due.
//!
//! Invariant: every checkpoint that is read or signed here follows on the one before it, and on the log as it was folded.
//! Where it does not, the audit stops for good, says what it has expected and what is there, and signs nothing more; it
//! goes on to answer. What merely can't be reached is asked again until it can, and a folder that can't be used is tried again
//! for a while.

mod begin;
mod keep;
mod look;
mod meter;
mod published;
mod restart;
mod settings;
mod sign;
mod take;

use std::{
    collections::VecDeque,
    convert::Infallible,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures::StreamExt;
use ordertrace_audit::TreeError;
use ordertrace_domain::{
    Checkpoints, Clock, FeedError, LogError, Position, Records, Sequence, Span, Timestamp,
};
use tokio::{
    task::spawn_blocking,
    time::{Instant, MissedTickBehavior, interval},
};
use tokio_util::sync::CancellationToken;

use crate::{
    Audit, AuditStatus, Faults, Halt, OpenError,
    fold::{Fold, Published, SharedTree},
    state::{Folder, Pin},
};
use published::Before;
use restart::{Restart, Tries};
pub use settings::Settings;
use sign::Ahead;
use take::chunks;

/// Why the runner has ended though nobody told it to.
#[derive(Debug, thiserror::Error)]
pub enum AuditorError {
    /// The runtime is shutting down and took the work away. The next start goes on from what was kept.
    #[error("the audit was interrupted by the end of the process")]
    Interrupted,
    /// The folder does not take the bytes.
    #[error("{0}")]
    Storage(Halt),
}

/// Why a step was not taken.
#[derive(Debug)]
enum Stop {
    Halted(Halt),
    /// The folder has to be built anew.
    Suspected,
    Interrupted,
}

impl From<Halt> for Stop {
    fn from(halt: Halt) -> Self {
        Self::Halted(halt)
    }
}

impl From<FeedError> for Stop {
    fn from(error: FeedError) -> Self {
        Self::Halted(error.into())
    }
}

impl From<TreeError> for Stop {
    fn from(error: TreeError) -> Self {
        Self::Halted(error.into())
    }
}

/// Follows the log and its checkpoints.
pub struct Auditor {
    records: Arc<dyn Records>,
    checkpoints: Arc<dyn Checkpoints>,
    clock: Arc<dyn Clock>,
    settings: Settings,
    audit: Audit,
    folder: Arc<Folder>,
    tree: SharedTree,
    fold: Arc<Mutex<Fold>>,
    /// The last checkpoint that was read, and is behind all that are pending.
    read: Before,
    /// Checkpoints that were read, and that the fold has not come to.
    pending: VecDeque<Published>,
    /// Whether there may be more to read right away.
    is_more: bool,
    /// The last checkpoint that was accepted.
    last: Option<Published>,
    /// When that was, by the clock; before there is one, when the audit began.
    last_at: Timestamp,
    /// The same by what the process itself counts, which nobody sets back.
    last_seen: Instant,
    /// The newest checkpoint that is remembered beyond this process.
    pinned: Option<Pin>,
    /// How often the checkpoints were looked at since somebody looked whether that one is still there.
    looks: u32,
    /// How many records were folded since the checkpoints were read.
    unread: usize,
    /// A witness that has seen more of the log than was folded here.
    ahead: Option<Ahead>,
    /// How often in a row an append was refused though nothing stands in its place.
    conflicts: u32,
    /// Since when the log ends before a checkpoint over it.
    short_since: Option<Instant>,
    /// Where the log ended when the audit began.
    head_at_start: Sequence,
    /// Where the map was kept last.
    kept: Sequence,
    /// Whether the checkpoints were out of reach when they were asked for last.
    is_silent: bool,
    /// Whether fold and tree have to be read again, before anything else.
    restart: Restart,
    /// How long to wait before that.
    wait: Option<Duration>,
    storage_tries: Tries,
    refolds: Tries,
}

impl Auditor {
    /// Opens the folder. This blocks: it reads what was kept, and waits for another process to let go of the folder.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn open(
        folder: &Path,
        records: Arc<dyn Records>,
        checkpoints: Arc<dyn Checkpoints>,
        clock: Arc<dyn Clock>,
        settings: Settings,
    ) -> Result<(Audit, Self), OpenError> {
        meter::describe();
        let folder = Folder::open(folder)?;
        let incarnation = records.incarnation();
        let (tree, kept) = folder.load(incarnation)?;
        let position = Position {
            incarnation,
            sequence: tree.size(),
        };
        let faults = kept.as_ref().map_or(Faults::default(), |kept| kept.faults);
        let tree = SharedTree::new(tree);
        let status = AuditStatus::at(position, faults);
        let audit = Audit::new(incarnation, tree.clone(), status);
        let fold = Fold::new(incarnation, tree.clone(), kept);
        let auditor = Self {
            records,
            checkpoints,
            last_at: clock.now(),
            last_seen: Instant::now(),
            pinned: None,
            looks: 0,
            unread: 0,
            ahead: None,
            conflicts: 0,
            clock,
            settings,
            audit: audit.clone(),
            folder: Arc::new(folder),
            tree,
            fold: Arc::new(Mutex::new(fold)),
            read: Before::default(),
            pending: VecDeque::new(),
            is_more: true,
            last: None,
            short_since: None,
            head_at_start: Sequence::START,
            kept: position.sequence,
            is_silent: false,
            restart: Restart::No,
            wait: None,
            storage_tries: Tries::default(),
            refolds: Tries::default(),
        };
        Ok((audit, auditor))
    }

    /// Follows the log until `shutdown`, and then keeps what it has come to. An audit that has stopped for good waits for
    /// the end of the process: its status is asked for until then.
    ///
    /// # Errors
    /// See [`AuditorError`].
    pub async fn run(mut self, shutdown: CancellationToken) -> Result<(), AuditorError> {
        loop {
            let stop = tokio::select! {
                biased;
                () = shutdown.cancelled() => return self.keep_at_the_end().await,
                stop = self.follow() => match stop {
                    Ok(never) => match never {},
                    Err(stop) => stop,
                },
            };
            let halt = match stop {
                Stop::Interrupted => return Err(AuditorError::Interrupted),
                Stop::Suspected => None,
                Stop::Halted(halt) => Some(halt),
            };
            if let Err(halt) = self.recover(halt) {
                tracing::error!(reason = %halt, "the audit has stopped for good and signs nothing any more; an operator has to look");
                meter::halted();
                self.audit.halt(halt);
                shutdown.cancelled().await;
                return Ok(());
            }
        }
    }

    async fn follow(&mut self) -> Result<Infallible, Stop> {
        self.restart().await?;
        self.begin().await?;
        let span = Span {
            after: self.fold().size(),
            upto: None,
        };
        let mut chunks = chunks(self.records.scan(span, None));
        let mut due = interval(self.settings.look_every);
        due.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let chunk = tokio::select! {
                biased;
                _ = due.tick() => None,
                chunk = chunks.next() => Some(chunk.ok_or(Halt::FeedEnded)?),
            };
            match chunk {
                Some(chunk) => self.take(chunk).await?,
                None => self.look().await?,
            }
            if self.audit.is_suspected() {
                return Err(Stop::Suspected);
            }
        }
    }

    /// What is shared with the steps that block. A step that panicked has ended the runner.
    fn fold(&self) -> MutexGuard<'_, Fold> {
        locked(&self.fold)
    }

    fn is_restored(&self) -> bool {
        self.fold().is_restored()
    }

    /// Does something with the fold where blocking is allowed.
    async fn with_fold<T: Send + 'static>(
        &self,
        step: impl FnOnce(&mut Fold) -> T + Send + 'static,
    ) -> Result<T, Stop> {
        let fold = Arc::clone(&self.fold);
        let done = spawn_blocking(move || step(&mut locked(&fold))).await;
        done.map_err(|_| Stop::Interrupted)
    }

    /// Says once that something is out of reach, and once that it is back.
    fn reached<T>(&mut self, answer: Result<T, LogError>) -> Result<Option<T>, Stop> {
        match answer {
            Ok(answer) => {
                if std::mem::take(&mut self.is_silent) {
                    self.audit.update(|status| status.is_log_silent = false);
                    tracing::info!("the audit reaches the log and its checkpoints again");
                }
                Ok(Some(answer))
            }
            Err(LogError::Recreated) => Err(Halt::Recreated.into()),
            Err(error) => {
                if !std::mem::replace(&mut self.is_silent, true) {
                    self.audit.update(|status| status.is_log_silent = true);
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "the audit can't reach the log or its checkpoints and asks again until it can"
                    );
                }
                Ok(None)
            }
        }
    }
}

fn locked(fold: &Mutex<Fold>) -> MutexGuard<'_, Fold> {
    fold.lock().unwrap_or_else(PoisonError::into_inner)
}
