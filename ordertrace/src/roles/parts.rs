//! The parts of a process that run side by side.
//!
//! Invariant: they live and die together. When one ends before it was told to, the others are told to stop, and the
//! process ends with that part's error.

use std::{future::Future, time::Duration};

use anyhow::{Context as _, anyhow};
use tokio::{task::JoinSet, time::timeout};
use tokio_util::sync::CancellationToken;

/// How long a stop may take: answers under way and work in hand have 10 s each, side by side.
const STOP_MAX: Duration = Duration::from_secs(15);

/// Running parts.
pub(crate) struct Parts {
    running: JoinSet<(&'static str, anyhow::Result<()>)>,
    shutdown: CancellationToken,
}

impl Parts {
    /// No parts yet; `shutdown` tells them to stop.
    pub(crate) fn new(shutdown: CancellationToken) -> Self {
        Self {
            running: JoinSet::new(),
            shutdown,
        }
    }

    /// Starts a part.
    pub(crate) fn start<E: Into<anyhow::Error>>(
        &mut self,
        name: &'static str,
        part: impl Future<Output = Result<(), E>> + Send + 'static,
    ) {
        self.running
            .spawn(async move { (name, part.await.map_err(Into::into)) });
    }

    /// Waits until the process is told to stop, or a part ends by itself; then until all have ended.
    pub(crate) async fn run(mut self) -> anyhow::Result<()> {
        let first = tokio::select! {
            () = self.shutdown.cancelled() => None,
            ended = self.running.join_next() => ended,
        };
        let result = match first {
            None => Ok(()),
            Some(Ok((name, Ok(())))) if self.shutdown.is_cancelled() => {
                tracing::debug!(part = name, "stopped");
                Ok(())
            }
            Some(Ok((name, Ok(())))) => Err(anyhow!("{name} ended by itself")),
            Some(Ok((name, Err(error)))) => Err(error.context(format!("{name} failed"))),
            Some(Err(panic)) => Err(panic).context("a part of the process panicked"),
        };
        self.shutdown.cancel();
        let rest = timeout(STOP_MAX, async {
            while let Some(ended) = self.running.join_next().await {
                if let Ok((name, Err(error))) = ended {
                    tracing::error!(part = name, error = format!("{error:#}"), "failed");
                }
            }
        });
        if rest.await.is_err() {
            tracing::warn!("some parts did not stop in time and were cut off");
        }
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_part_that_ends_by_itself_takes_the_others_along() {
        let shutdown = CancellationToken::new();
        let mut parts = Parts::new(shutdown.clone());
        parts.start("short", async { anyhow::Ok(()) });
        let told = shutdown.clone();
        parts.start("long", async move {
            told.cancelled().await;
            anyhow::Ok(())
        });
        let error = parts.run().await.unwrap_err();
        assert_eq!(error.to_string(), "short ended by itself");
    }

    #[tokio::test]
    async fn a_failure_is_told_with_the_name_of_the_part() {
        let mut parts = Parts::new(CancellationToken::new());
        parts.start("saga", async { Err::<(), _>(anyhow!("the queue ended")) });
        let error = parts.run().await.unwrap_err();
        assert_eq!(format!("{error:#}"), "saga failed: the queue ended");
    }
}
