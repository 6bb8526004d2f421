//! Rebuilds: a view is built anew beside the one that answers, compared with it at one position, and put in its place.
//!
//! Invariant: one at a time; and the view that answers goes on whatever becomes of it. A rebuild has the feed and the store, and
//! nothing else: it can give no command, and can't change what another has told.
//!
//! What it deliberately does not do: it keeps no record. What the last rebuild came to is known until the process ends; a
//! rebuild that was cut off leaves nothing that the next start does not remove.

mod follow;
mod runner;
mod status;

use std::sync::Arc;

use ordertrace_domain::{Clock, EventFeed};
use tokio::sync::{mpsc, watch};

use crate::{Halt, ViewStore};

pub use runner::Rebuilder;
pub use status::{Rebuild, RebuildReason, RebuildState};

/// How many rebuilds wait for their turn: only the one that is just being begun.
const BEGUN_MAX: usize = 1;

/// What kind of rebuild is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RebuildRequest {
    /// It is only to be compared, and never to be put in the view's place.
    pub dry_run: bool,
    /// It is to be put in the view's place though both are of one revision and yet differ.
    pub switch_despite_differences: bool,
}

/// Why no rebuild was begun.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotBegun {
    /// Another one has not ended yet. Wait for it, or watch it.
    #[error("a rebuild is under way")]
    UnderWay,
    /// The view has stopped: there is nothing to be compared with, and the process is about to end.
    #[error("the view has stopped: {0}")]
    Halted(Halt),
    /// The process is about to end.
    #[error("the process is stopping")]
    Stopping,
}

/// Where rebuilds are asked for and looked at. Its clones are the same.
#[derive(Clone)]
pub struct Rebuilds {
    store: ViewStore,
    clock: Arc<dyn Clock>,
    last: watch::Sender<Option<Rebuild>>,
    begun: mpsc::Sender<RebuildRequest>,
}

impl Rebuilds {
    /// For this view, from this feed; the [`Rebuilder`] has to be run, for it does the work.
    pub fn new(
        store: ViewStore,
        feed: Arc<dyn EventFeed>,
        clock: Arc<dyn Clock>,
    ) -> (Self, Rebuilder) {
        let (begun, requests) = mpsc::channel(BEGUN_MAX);
        let rebuilds = Self {
            store,
            clock,
            last: watch::Sender::new(None),
            begun,
        };
        let rebuilder = Rebuilder::new(rebuilds.clone(), feed, requests);
        (rebuilds, rebuilder)
    }

    /// The present rebuild, or the last one since the start of the process.
    pub fn last(&self) -> Option<Rebuild> {
        self.last.borrow().clone()
    }

    /// The same, from now on.
    pub fn watch(&self) -> watch::Receiver<Option<Rebuild>> {
        self.last.subscribe()
    }

    /// Begins a rebuild, and gives how it stands.
    ///
    /// # Errors
    /// See [`NotBegun`].
    pub fn begin(&self, request: RebuildRequest) -> Result<Rebuild, NotBegun> {
        self.begin_for(RebuildReason::AskedFor, request)
    }

    fn begin_for(
        &self,
        reason: RebuildReason,
        request: RebuildRequest,
    ) -> Result<Rebuild, NotBegun> {
        let status = self.store.status();
        if let Some(halt) = status.halted {
            return Err(NotBegun::Halted(halt));
        }
        let begun = Rebuild::begun(reason, request.dry_run, self.clock.now(), status.position);
        let is_begun = self.last.send_if_modified(|last| {
            let is_free = last.as_ref().is_none_or(|last| last.state.has_ended());
            if is_free {
                *last = Some(begun.clone());
            }
            is_free
        });
        if !is_begun {
            return Err(NotBegun::UnderWay);
        }
        // There is room: a rebuild ends after its request was taken.
        self.begun.try_send(request).map_err(|_| {
            self.end(RebuildState::Failed, Some(NotBegun::Stopping.to_string()));
            NotBegun::Stopping
        })?;
        Ok(begun)
    }

    /// Tells how the present rebuild stands.
    fn update(&self, update: impl FnOnce(&mut Rebuild)) {
        self.last.send_modify(|last| {
            if let Some(last) = last {
                update(last);
            }
        });
    }

    fn end(&self, state: RebuildState, failure: Option<String>) {
        let now = self.clock.now();
        self.update(|rebuild| {
            rebuild.state = state;
            rebuild.ended_at = Some(now);
            rebuild.eta_seconds = None;
            rebuild.failure = failure;
        });
    }
}
