//! Stopping: Ctrl-C, or SIGTERM from whoever runs the process.
//!
//! Invariant: a stop has three steps, each with a bound, and none begins before the one before it has ended: whoever sends
//! requests is told to send them elsewhere; answers under way are finished; then everything they needed ends.

use std::{future::pending, time::Duration};

use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    time::sleep,
};
use tokio_util::sync::CancellationToken;

/// 128 + SIGINT, as a shell would show it.
const EXIT_SECOND_SIGNAL: i32 = 130;

/// The steps of a stop.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stop {
    /// Not ready any more, and everything goes on: whoever stands before this process gets to know it.
    pub(crate) leaving: CancellationToken,
    /// No connection is taken any more. Live streams are closed, answers under way are finished.
    pub(crate) closing: CancellationToken,
    /// Everything else ends: it was there for the answers.
    pub(crate) ending: CancellationToken,
}

impl Stop {
    /// Leaves out the first step: what can't go on has nothing to wait for.
    pub(crate) fn at_once(&self) {
        self.leaving.cancel();
        self.closing.cancel();
    }
}

/// A stop that the first SIGINT or SIGTERM begins, with so much time for its first step. A second signal ends the
/// process at once.
pub(crate) fn on_signal_with(drain: Duration) -> anyhow::Result<Stop> {
    let stop = Stop::default();
    let mut signals = Signals {
        interrupt: signal(SignalKind::interrupt())?,
        terminate: signal(SignalKind::terminate())?,
    };
    let told = stop.clone();
    tokio::spawn(async move {
        signals.next().await;
        tracing::info!(drain_secs = drain.as_secs(), "stopping");
        tokio::select! {
            () = steps(&told, drain) => {}
            () = signals.next() => {}
        }
        tracing::warn!("stopped at once, by a second signal");
        std::process::exit(EXIT_SECOND_SIGNAL);
    });
    Ok(stop)
}

/// A token that is cancelled by the first SIGINT or SIGTERM, for what answers nobody. A second one ends the process at once.
pub(crate) fn on_signal() -> anyhow::Result<CancellationToken> {
    Ok(on_signal_with(Duration::ZERO)?.closing)
}

/// Takes the steps that only need time, and never returns: the process ends when its parts have.
async fn steps(stop: &Stop, drain: Duration) {
    stop.leaving.cancel();
    sleep(drain).await;
    stop.closing.cancel();
    pending().await
}

struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::poll;
    use std::pin::pin;
    use tokio::time::advance;

    #[tokio::test(start_paused = true)]
    async fn nothing_is_closed_before_the_drain_is_over() {
        let stop = Stop::default();
        let mut steps = pin!(steps(&stop, Duration::from_secs(5)));
        assert!(poll!(&mut steps).is_pending());
        assert!(stop.leaving.is_cancelled() && !stop.closing.is_cancelled());
        advance(Duration::from_millis(4_900)).await;
        assert!(poll!(&mut steps).is_pending());
        assert!(!stop.closing.is_cancelled());
        advance(Duration::from_millis(200)).await;
        assert!(poll!(&mut steps).is_pending());
        assert!(stop.closing.is_cancelled() && !stop.ending.is_cancelled());
    }
}
