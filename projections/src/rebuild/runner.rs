//! Carries out rebuilds, one after the other, for as long as the process lives.
//!
//! Invariant: whatever happens to a rebuild is told in its status, and ends nothing else.

use std::{convert::Infallible, sync::Arc, time::Duration};

use ordertrace_domain::{EventFeed, FeedError};
use tokio::{
    sync::{mpsc, watch},
    task::spawn_blocking,
    time::{Instant, sleep_until},
};
use tokio_util::sync::CancellationToken;

use super::{NotBegun, RebuildReason, RebuildRequest, RebuildState, Rebuilds, follow::bring_level};
use crate::{
    Comparison, Halt, StoreError, ViewStatus,
    store::{Comparing, Successor},
};

/// When a rebuild for a new revision that has failed is tried again, for as long as the process lives: a disk may have room by then,
/// and to read the log in vain once in that time is no burden.
const TRY_AGAIN_AFTER: Duration = Duration::from_secs(600);

/// How long to stand back when a batch waits: longer than it takes to get its turn, shorter than anybody notices.
const STAND_BACK: Duration = Duration::from_millis(1);

/// Carries out the rebuilds that are begun.
pub struct Rebuilder {
    rebuilds: Rebuilds,
    feed: Arc<dyn EventFeed>,
    requests: mpsc::Receiver<RebuildRequest>,
    /// When to begin a rebuild for a new revision, if the view is of another one then.
    due_at: Instant,
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
        Self {
            rebuilds,
            feed,
            requests,
            due_at: Instant::now(),
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
        let store = &self.rebuilds.store;
        let (from, to) = (store.revision(), store.revision_wanted());
        if from != to {
            let mut status = store.watch_status();
            tokio::select! {
                biased;
                request = requested(&mut self.requests) => return request,
                () = due(self.due_at, &mut status) => {}
            }
            self.begin_new_revision(from, to);
        }
        requested(&mut self.requests).await
    }

    /// Begins the rebuild for a new revision.
    fn begin_new_revision(&mut self, from: u32, to: u32) {
        let begun =
            (self.rebuilds).begin_for(RebuildReason::NewRevision, RebuildRequest::default());
        match begun {
            Ok(_) => {
                self.due_at = Instant::now() + TRY_AGAIN_AFTER;
                tracing::info!(
                    view.revision = from,
                    rebuild.revision = to,
                    "the view is of another revision: it is rebuilt"
                );
            }
            // That one was begun at this moment. If it does not come to the new revision, this is due again after it.
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
        self.view_is_ready(shutdown).await?;
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

    /// Waits until the view has what it lacks since the start: until then there is little to be compared with.
    async fn view_is_ready(&self, shutdown: &CancellationToken) -> Result<(), Failure> {
        let mut status = self.rebuilds.store.watch_status();
        if status.borrow().is_ready() {
            return Ok(());
        }
        let mut stopped = status.clone();
        tokio::select! {
            biased;
            () = shutdown.cancelled() => return Err(Failure::Stopped),
            halt = halted(&mut stopped) => return Err(halt.into()),
            () = ready(&mut status) => {}
        }
        let position = status.borrow().position;
        self.rebuilds.update(|rebuild| rebuild.aim_at(position));
        Ok(())
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

/// Waits until it is time, and the view is ready.
async fn due(at: Instant, status: &mut watch::Receiver<ViewStatus>) {
    sleep_until(at).await;
    ready(status).await;
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
