//! What a live stream tells, and when.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use futures::StreamExt as _;
use serde_json::Value;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

/// How often it is looked whether all orders were told of.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// The orders that were told of so far, with the time of the first telling.
type Told = Arc<Mutex<HashMap<String, Instant>>>;

/// A listener to the stream of all traces.
pub(super) struct Heard {
    told: Told,
    listening: JoinHandle<()>,
}

impl Heard {
    /// Begins to listen to what happens from now on.
    pub(super) async fn listen(queries: &str) -> anyhow::Result<Self> {
        let client = reqwest::Client::builder().no_proxy().build()?;
        let stream = client.get(format!("{queries}/orderTraces/stream"));
        let stream = stream.send().await?.error_for_status()?;
        let told = Told::default();
        let listening = tokio::spawn(listen(stream, Arc::clone(&told)));
        Ok(Self { told, listening })
    }

    /// When each of so many orders was told of first.
    pub(super) async fn all(
        self,
        count: usize,
        patience: Duration,
    ) -> anyhow::Result<HashMap<String, Instant>> {
        let count_now = || {
            self.told
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .len()
        };
        let all = async {
            while count_now() < count {
                sleep(LOOK_EVERY).await;
            }
        };
        let waited = timeout(patience, all).await;
        waited.with_context(|| format!("{} of {count} orders were told of", count_now()))?;
        self.listening.abort();
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(std::mem::take(&mut told))
    }
}

impl Drop for Heard {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn listen(stream: reqwest::Response, told: Told) {
    let mut messages = sse_stream::SseStream::from_bytes_stream(stream.bytes_stream());
    while let Some(Ok(message)) = messages.next().await {
        let now = Instant::now();
        let data = message.data.unwrap_or_default();
        let data: Value = serde_json::from_str(&data).unwrap_or_default();
        if let Some(id) = data["orderId"].as_str() {
            let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
            told.entry(id.to_owned()).or_insert(now);
        }
    }
}
