//! A crowd: clients that place one order after the other as fast as they are answered, each order under a key of its own, and
//! that remember every word they were told.
//!
//! A client that was refused does not insist: it goes on with another order once it may come again. Invariant: nothing that a
//! client was told is forgotten. What became of the orders is for [`Tale`] to compare with the log.

mod tale;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::{Api, PATIENCE, wait_until};
pub(crate) use tale::Tale;
use tale::Word;

/// Clients at a time: what one process is asked for by a shop on a busy day.
const CLIENTS: usize = 32;

/// A fault counts only under a load of so many acknowledged commands a second.
const PACE_MIN: f64 = 100.0;

/// Over which time the pace is measured.
const PACE_OVER: Duration = Duration::from_secs(1);

/// What a refusal says in `Retry-After`, and a client that gets no answer takes.
const COME_AGAIN: Duration = Duration::from_secs(1);

/// Clients at work, until they are [sent home](Self::finish).
pub(crate) struct Crowd {
    clients: Vec<JoinHandle<Vec<Word>>>,
    heard: Arc<Heard>,
    /// A test that fails does not leave its clients behind.
    _over: DropGuard,
}

/// What all clients together have heard so far.
#[derive(Debug, Default)]
struct Heard {
    begun: AtomicU64,
    acknowledged: AtomicU64,
    refused: AtomicU64,
    unanswered: AtomicU64,
    over: CancellationToken,
}

impl Crowd {
    /// Clients of this API; the numbers of their orders follow this one, so that a second crowd's orders are others.
    pub(crate) fn start(api: &Api, after: u64) -> Self {
        let heard = Arc::new(Heard::default());
        heard.begun.store(after, Ordering::SeqCst);
        let client = || tokio::spawn(Arc::clone(&heard).order(api.clone()));
        Self {
            clients: (0..CLIENTS).map(|_| client()).collect(),
            _over: heard.over.clone().drop_guard(),
            heard,
        }
    }

    /// Waits until the clients are acknowledged at the least pace that counts as a load, and gives the pace.
    pub(crate) async fn at_pace(&self) -> f64 {
        Self::at_pace_together(&[self]).await
    }

    /// The same, for several crowds that are one load.
    pub(crate) async fn at_pace_together(crowds: &[&Self]) -> f64 {
        let acknowledged = || crowds.iter().map(|crowd| crowd.acknowledged()).sum::<u64>();
        let mut since = (Instant::now(), acknowledged());
        wait_until("clients are acknowledged at a pace", PATIENCE, async || {
            let (now, acknowledged) = (Instant::now(), acknowledged());
            let span = now.duration_since(since.0);
            if span < PACE_OVER {
                return None;
            }
            let more = u32::try_from(acknowledged - since.1).unwrap();
            since = (now, acknowledged);
            let pace = f64::from(more) / span.as_secs_f64();
            (pace >= PACE_MIN).then_some(pace)
        })
        .await
    }

    /// Waits until so many more requests are acknowledged.
    pub(crate) async fn acknowledged_more(&self, requests: u64) {
        let until = self.acknowledged() + requests;
        wait_until("clients are acknowledged again", PATIENCE, async || {
            (self.acknowledged() >= until).then_some(())
        })
        .await;
    }

    /// How many requests were refused so far.
    pub(crate) fn refused(&self) -> u64 {
        self.heard.refused.load(Ordering::SeqCst)
    }

    /// How many requests were acknowledged so far.
    pub(crate) fn acknowledged(&self) -> u64 {
        self.heard.acknowledged.load(Ordering::SeqCst)
    }

    /// Sends the clients home once they have got their last answers, and gives what they were told.
    pub(crate) async fn finish(self) -> Tale {
        self.heard.over.cancel();
        let mut words = Vec::new();
        for client in self.clients {
            words.extend(client.await.unwrap());
        }
        Tale::of(words)
    }
}

impl Heard {
    /// One client.
    async fn order(self: Arc<Self>, api: Api) -> Vec<Word> {
        let mut words = Vec::new();
        while !self.over.is_cancelled() {
            let number = self.begun.fetch_add(1, Ordering::SeqCst) + 1;
            let word = Word::ask(&api, number).await;
            let count = match &word {
                Word::Acknowledged { .. } => &self.acknowledged,
                Word::Refused { .. } => &self.refused,
                Word::Silence { .. } => &self.unanswered,
            };
            count.fetch_add(1, Ordering::SeqCst);
            if !word.is_acknowledged() {
                // Whoever is sent home meanwhile does not come again.
                let _ = timeout(COME_AGAIN, self.over.cancelled()).await;
            }
            words.push(word);
        }
        words
    }
}
