//! Many at once: so many workers, each with its share of the work, one piece after the other.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use super::super::times::{Percentile, Times};

/// What a run came to.
pub(in crate::bench) struct Driven {
    count: usize,
    took: Duration,
    times: Times,
}

impl Driven {
    /// How many a second.
    pub(in crate::bench) fn rate(&self) -> f64 {
        self.count as f64 / self.took.as_secs_f64()
    }

    /// In milliseconds.
    pub(in crate::bench) fn at(&self, percentile: Percentile) -> f64 {
        self.times.at(percentile)
    }
}

/// Does all of the work, so many pieces at once.
///
/// # Errors
/// The first piece that fails ends it.
pub(super) async fn drive<W, F>(
    in_flight: u32,
    work: Vec<W>,
    act: impl Fn(W) -> F + Send + Sync + 'static,
) -> anyhow::Result<Driven>
where
    W: Send + 'static,
    F: Future<Output = anyhow::Result<()>> + Send,
{
    let act = Arc::new(act);
    let count = work.len();
    let mut shares: Vec<Vec<W>> = (0..in_flight).map(|_| Vec::new()).collect();
    for (piece, share) in work.into_iter().zip((0..shares.len()).cycle()) {
        shares[share].push(piece);
    }
    let began = Instant::now();
    let mut workers = JoinSet::new();
    for share in shares {
        let act = Arc::clone(&act);
        workers.spawn(async move {
            let mut times = Times::default();
            for piece in share {
                let began = Instant::now();
                act(piece).await?;
                times.add(began.elapsed());
            }
            anyhow::Ok(times)
        });
    }
    let mut times = Times::default();
    while let Some(worker) = workers.join_next().await {
        times.merge(worker??);
    }
    let took = began.elapsed();
    Ok(Driven { count, took, times })
}
