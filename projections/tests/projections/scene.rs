//! A view that follows a feed, as it does in the process.

use std::{sync::Arc, time::Duration};

use ordertrace_domain::Sequence;
use ordertrace_projections::{ProjectionError, Projector, ViewStatus, ViewStore};
use tokio::{task::JoinHandle, time::timeout};
use tokio_util::sync::CancellationToken;

use crate::feed::Feed;

/// How long a test waits for what is to happen. It is only ever waited out when it does not.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A projector at work.
pub(crate) struct Running {
    shutdown: CancellationToken,
    task: JoinHandle<Result<(), ProjectionError>>,
}

impl Running {
    pub(crate) fn start(feed: &Feed, store: &ViewStore) -> Self {
        let shutdown = CancellationToken::new();
        let feed = Arc::new(feed.clone());
        let run = Projector::run(feed, store.clone(), shutdown.clone());
        Self {
            shutdown,
            task: tokio::spawn(run),
        }
    }

    /// Asks it to stop, and waits until it has.
    pub(crate) async fn stop(self) -> Result<(), ProjectionError> {
        self.shutdown.cancel();
        self.ended().await
    }

    /// Waits until it stops by itself.
    pub(crate) async fn ended(self) -> Result<(), ProjectionError> {
        timeout(PATIENCE, self.task).await.unwrap().unwrap()
    }
}

/// Waits until the view's status is as the test expects it.
pub(crate) async fn until(store: &ViewStore, is_so: impl Fn(&ViewStatus) -> bool) -> ViewStatus {
    let mut status = store.watch_status();
    let status = timeout(PATIENCE, status.wait_for(is_so)).await;
    status.unwrap().unwrap().clone()
}

/// Waits until the view has a message.
pub(crate) async fn until_at(store: &ViewStore, sequence: Sequence) -> ViewStatus {
    until(store, |status| status.position.sequence >= sequence).await
}
