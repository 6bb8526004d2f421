//! Asks, and takes the time.

use std::time::{Duration, Instant};

use anyhow::ensure;
use reqwest::Url;
use serde_json::Value;

use crate::cli::UrlArgs;

/// Longer than any answer takes; a server that does not answer ends the bench.
const ANSWER_MAX: Duration = Duration::from_secs(30);

/// A client that keeps one connection.
pub(in crate::bench) struct Client {
    http: reqwest::Client,
    base: Url,
}

/// A page, and how long it took from the request to the last byte.
pub(in crate::bench) struct Page {
    pub(in crate::bench) took: Duration,
    pub(in crate::bench) body: Value,
    /// Where the page after it is.
    pub(in crate::bench) next: Option<String>,
}

impl Client {
    pub(in crate::bench) fn new(api: &UrlArgs) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder()
            .timeout(ANSWER_MAX)
            .pool_max_idle_per_host(1)
            .no_proxy();
        Ok(Self {
            http: api.showing(http)?.build()?,
            base: api.url.clone(),
        })
    }

    /// A page of a list.
    pub(in crate::bench) async fn page(&self, path: &str) -> anyhow::Result<Page> {
        let (took, text) = self.get(path).await?;
        let body: Value = serde_json::from_str(&text)?;
        let next = body.pointer("/_links/next/href").and_then(Value::as_str);
        let next = next.map(str::to_owned);
        Ok(Page { took, body, next })
    }

    /// An answer that says nothing but that the process runs.
    pub(in crate::bench) async fn raw(&self) -> anyhow::Result<Duration> {
        Ok(self.get("/livez").await?.0)
    }

    async fn get(&self, path: &str) -> anyhow::Result<(Duration, String)> {
        let url = self.base.join(path)?;
        let began = Instant::now();
        let answer = self.http.get(url).send().await?;
        let status = answer.status();
        let text = answer.text().await?;
        let took = began.elapsed();
        ensure!(status.is_success(), "{path} was answered with {status}");
        Ok((took, text))
    }
}
