//! The parts of a process that run side by side.
//!
//! Invariant: they live and die together. When one ends before it was told to, the others are told to stop, and the
//! process ends with that part's error. The server of a process ends before the other parts are told to: its answers under
//! way need them.

use std::{future::Future, time::Duration};

use anyhow::{Context as _, anyhow};
use tokio::{task::JoinSet, time::timeout};

use crate::{server::GRACE, shutdown::Stop};

/// How long work in hand may take at a stop, once the server has ended: the saga's has 10 s, and there is some time to say
/// so.
const WORK_IN_HAND_MAX: Duration = Duration::from_secs(15);

/// How long a stop may take from when no connection is taken any more.
pub(crate) const STOP_MAX: Duration = GRACE.saturating_add(WORK_IN_HAND_MAX);

/// Running parts.
pub(crate) struct Parts {
    running: JoinSet<(&'static str, anyhow::Result<()>)>,
    stop: Stop,
    has_server: bool,
}

impl Parts {
    /// No parts yet; `stop` tells them to.
    pub(crate) fn new(stop: Stop) -> Self {
        Self {
            running: JoinSet::new(),
            stop,
            has_server: false,
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

    /// Starts the HTTP server, which the other parts outlive.
    pub(crate) fn serve<E: Into<anyhow::Error> + Send>(
        &mut self,
        server: impl Future<Output = Result<(), E>> + Send + 'static,
    ) {
        self.has_server = true;
        let ending = self.stop.ending.clone().drop_guard();
        self.start("the HTTP server", async move {
            let result = server.await;
            drop(ending);
            result
        });
    }

    /// Waits until the process is told to stop, or a part ends by itself; then until all have ended.
    pub(crate) async fn run(mut self) -> anyhow::Result<()> {
        let first = tokio::select! {
            () = self.stop.closing.cancelled() => None,
            ended = self.running.join_next() => ended,
        };
        let result = match first {
            None => Ok(()),
            Some(Ok((name, Ok(())))) if self.stop.closing.is_cancelled() => {
                tracing::debug!(part = name, "stopped");
                Ok(())
            }
            Some(Ok((name, Ok(())))) => Err(anyhow!("{name} ended by itself")),
            Some(Ok((name, Err(error)))) => Err(error.context(format!("{name} failed"))),
            Some(Err(panic)) => Err(panic).context("a part of the process panicked"),
        };
        self.end().await;
        result
    }

    /// Tells all parts to end, the server first, and waits for them.
    async fn end(&mut self) {
        self.stop.at_once();
        if !self.has_server {
            self.stop.ending.cancel();
        }
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
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio_util::sync::CancellationToken;

    /// A part that goes on until it is told to end.
    async fn until(told: CancellationToken) -> anyhow::Result<()> {
        told.cancelled().await;
        Ok(())
    }

    #[tokio::test]
    async fn a_part_that_ends_by_itself_takes_the_others_along() {
        let stop = Stop::default();
        let mut parts = Parts::new(stop.clone());
        parts.start("short", async { anyhow::Ok(()) });
        parts.start("long", until(stop.ending.clone()));
        parts.serve(until(stop.closing.clone()));
        let error = parts.run().await.unwrap_err();
        assert_eq!(error.to_string(), "short ended by itself");
    }

    #[tokio::test]
    async fn a_failure_is_told_with_the_name_of_the_part() {
        let mut parts = Parts::new(Stop::default());
        parts.start("saga", async { Err::<(), _>(anyhow!("the queue ended")) });
        let error = parts.run().await.unwrap_err();
        assert_eq!(format!("{error:#}"), "saga failed: the queue ended");
    }

    #[tokio::test(start_paused = true)]
    async fn the_other_parts_are_there_until_the_last_answer_is_given() {
        let stop = Stop::default();
        let mut parts = Parts::new(stop.clone());
        let (closing, ending) = (stop.closing.clone(), stop.ending.clone());
        parts.serve(async move {
            closing.cancelled().await;
            // An answer is under way.
            tokio::time::sleep(Duration::from_secs(5)).await;
            anyhow::ensure!(!ending.is_cancelled(), "what it needs is gone");
            Ok(())
        });
        parts.start("the views", until(stop.ending.clone()));
        stop.closing.cancel();
        let begun = tokio::time::Instant::now();
        parts.run().await.unwrap();
        assert_eq!(begun.elapsed().as_secs(), 5, "and not a moment longer");
        assert!(stop.ending.is_cancelled());
    }

    #[tokio::test(start_paused = true)]
    async fn a_part_that_does_not_stop_is_cut_off() {
        let stop = Stop::default();
        let mut parts = Parts::new(stop.clone());
        parts.serve(until(stop.closing.clone()));
        parts.start("stuck", std::future::pending::<anyhow::Result<()>>());
        stop.closing.cancel();
        let begun = tokio::time::Instant::now();
        parts.run().await.unwrap();
        assert_eq!(begun.elapsed(), STOP_MAX);
    }
}
