//! Carries out rebuilds, one after the other, for as long as the process lives.
//!
//! Invariant: whatever happens to a rebuild is told in its status, and ends nothing else.

use std::{convert::Infallible, sync::Arc, time::Duration};

use ordertrace_domain::{EventFeed, FeedError};
use tokio::{
    sync::{mpsc, watch},
    task::spawn_blocking,
};
use tokio_util::sync::CancellationToken;

use super::{NotBegun, RebuildReason, RebuildRequest, RebuildState, Rebuilds, follow::bring_level};
use crate::{
    Comparison, Halt, StoreError, ViewStatus,
    store::{Comparing, Successor},
};

/// How long to stand back when a batch waits: longer than it takes to get its turn, shorter than anybody notices.
const STAND_BACK: Duration = Duration::from_millis(1);

/// Carries out the rebuilds that are begun.
pub struct Rebuilder {
    rebuilds: Rebuilds,
    feed: Arc<dyn EventFeed>,
    requests: mpsc::Receiver<RebuildRequest>,
    /// Whether the view is of another revision, and no rebuild was begun for that.
    is_due: bool,
}

/// Why a rebuild has failed. The view is as it was.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// The new view can't be written or read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The log can't be followed.
    #[error(transparent)]
    Feed(#[from] FeedError),
    /// The feed ended without an error, which no feed does.
    #[error("the log's feed ended")]
    FeedEnded,
    /// The view has stopped, so that there is nothing to be compared with.
    #[error("the view has stopped: {0}")]
    ViewHalted(#[from] Halt),
    /// The runtime took the work away, or sled panicked where nobody expects it.
    #[error("the work was interrupted")]
    Interrupted,
    /// The process is stopping.
    #[error("the process was stopped")]
    Stopped,
}

/// Works on the successor where blocking is allowed.
pub(super) async fn blocking<T: Send + 'static>(
    successor: &Arc<Successor>,
    work: impl FnOnce(&Successor) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, Failure> {
    let successor = successor.clone();
    let worked = spawn_blocking(move || work(&successor)).await;
    Ok(worked.map_err(|_| Failure::Interrupted)??)
}

impl Rebuilder {
    pub(super) fn new(
        rebuilds: Rebuilds,
        feed: Arc<dyn EventFeed>,
        requests: mpsc::Receiver<RebuildRequest>,
    ) -> Self {
        let store = &rebuilds.store;
        let is_due = store.revision() != store.revision_wanted();
        Self {
            rebuilds,
            feed,
            requests,
            is_due,
        }
    }

    /// Carries out what is asked for, until `shutdown`. A view of another revision is rebuilt by itself once it is ready.
    ///
    /// # Errors
    /// None: it ends when it is told to.
    pub async fn run(mut self, shutdown: CancellationToken) -> Result<(), Infallible> {
        loop {
            let request = tokio::select! {
                biased;
                () = shutdown.cancelled() => break,
                request = self.next() => request,
            };
            self.carry_out(request, &shutdown).await;
        }
        // One may have been begun at the last moment.
        self.requests.close();
        if self.requests.try_recv().is_ok() {
            let told = Failure::Stopped.to_string();
            self.rebuilds.end(RebuildState::Failed, Some(told));
        }
        Ok(())
    }

    /// The next rebuild that was begun.
    async fn next(&mut self) -> RebuildRequest {
        if self.is_due {
            let mut status = self.rebuilds.store.watch_status();
            tokio::select! {
                biased;
                request = requested(&mut self.requests) => return request,
                () = ready(&mut status) => {}
            }
            self.is_due = false;
            self.begin_new_revision();
        }
        requested(&mut self.requests).await
    }

    /// Begins the rebuild for a new revision, unless another one has switched to that already.
    fn begin_new_revision(&self) {
        let store = &self.rebuilds.store;
        let (from, to) = (store.revision(), store.revision_wanted());
        if from == to {
            return;
        }
        let begun =
            (self.rebuilds).begin_for(RebuildReason::NewRevision, RebuildRequest::default());
        match begun {
            Ok(_) => tracing::info!(
                view.revision = from,
                rebuild.revision = to,
                "the view is of another revision: it is rebuilt"
            ),
            // That one makes the new revision, too.
            Err(NotBegun::UnderWay) => {}
            Err(error) => tracing::warn!(%error, "the view of another revision is not rebuilt"),
        }
    }

    async fn carry_out(&self, request: RebuildRequest, shutdown: &CancellationToken) {
        tracing::info!(rebuild.dry_run = request.dry_run, "a rebuild begins");
        match self.rebuild(request, shutdown).await {
            Ok(state) => {
                self.rebuilds.end(state, None);
                tracing::info!(rebuild.state = state.name(), "a rebuild has ended");
            }
            Err(failure) => {
                let told = chain(&failure);
                match failure {
                    Failure::Stopped => {
                        tracing::info!("a rebuild was cut off by the end of the process")
                    }
                    _ => {
                        tracing::error!(error = %told, "a rebuild has failed; the view is as it was")
                    }
                }
                self.rebuilds.end(RebuildState::Failed, Some(told));
            }
        }
    }

    async fn rebuild(
        &self,
        request: RebuildRequest,
        shutdown: &CancellationToken,
    ) -> Result<RebuildState, Failure> {
        let store = self.rebuilds.store.clone();
        let successor = spawn_blocking(move || store.begin_successor()).await;
        let successor = Arc::new(successor.map_err(|_| Failure::Interrupted)??);
        let mut status = self.rebuilds.store.watch_status();
        let result = tokio::select! {
            biased;
            () = shutdown.cancelled() => Err(Failure::Stopped),
            halt = halted(&mut status) => Err(halt.into()),
            result = self.work(request, &successor) => result,
        };
        // It closes sled, and removes a folder.
        let dropped = spawn_blocking(move || drop(successor)).await;
        dropped.map_err(|_| Failure::Interrupted)?;
        result
    }

    async fn work(
        &self,
        request: RebuildRequest,
        successor: &Arc<Successor>,
    ) -> Result<RebuildState, Failure> {
        bring_level(&self.rebuilds, self.feed.as_ref(), successor).await?;
        tracing::debug!(rebuild.step = "level", "the next view is level");
        self.rebuilds
            .update(|rebuild| rebuild.state = RebuildState::Comparing);
        let comparison = self.compare(successor).await?;
        tracing::debug!(rebuild.step = "compared", "both views are compared");
        let is_to_switch = is_to_switch(request, &comparison);
        let is_equal = comparison.is_equal();
        self.rebuilds.update(|rebuild| {
            rebuild.position = comparison.position;
            rebuild.comparison = Some(comparison);
        });
        if request.dry_run {
            return Ok(RebuildState::Compared);
        }
        if !is_to_switch {
            return Ok(RebuildState::Kept);
        }
        blocking(successor, move |successor| successor.switch(is_equal)).await?;
        Ok(RebuildState::Switched)
    }

    async fn compare(&self, successor: &Arc<Successor>) -> Result<Comparison, Failure> {
        let mut comparing = Comparing::default();
        loop {
            let (compared, is_last) = blocking(successor, move |successor| {
                let is_last = successor.compare_slice(&mut comparing)?;
                Ok((comparing, is_last))
            })
            .await?;
            comparing = compared;
            let entries = comparing.entries();
            self.rebuilds
                .update(|rebuild| rebuild.entries_compared = entries);
            if is_last {
                break;
            }
            if self.rebuilds.store.is_batch_waiting() {
                tokio::time::sleep(STAND_BACK).await;
            }
        }
        blocking(successor, move |successor| successor.conclude(comparing)).await
    }
}

/// A view of the same revision has to be the same, or somebody has to say so. One of a new revision is meant to differ.
fn is_to_switch(request: RebuildRequest, comparison: &Comparison) -> bool {
    let is_new_revision = comparison.live.revision != comparison.rebuilt.revision;
    comparison.is_equal() || is_new_revision || request.switch_despite_differences
}

async fn requested(requests: &mut mpsc::Receiver<RebuildRequest>) -> RebuildRequest {
    match requests.recv().await {
        Some(request) => request,
        // The rebuilder itself holds a sender.
        None => std::future::pending().await,
    }
}

/// Waits until the view is ready.
async fn ready(status: &mut watch::Receiver<ViewStatus>) {
    if status.wait_for(ViewStatus::is_ready).await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Waits until the view has stopped, and says why.
async fn halted(status: &mut watch::Receiver<ViewStatus>) -> Halt {
    if let Ok(status) = status.wait_for(|status| status.halted.is_some()).await
        && let Some(halt) = status.halted.clone()
    {
        return halt;
    }
    std::future::pending().await
}

/// An error with all that led to it.
fn chain(error: &dyn std::error::Error) -> String {
    let mut told = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        told = format!("{told}: {error}");
        cause = error.source();
    }
    told
}
