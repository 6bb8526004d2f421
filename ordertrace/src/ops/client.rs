//! Speaks to the API.

use std::time::Duration;

use anyhow::{anyhow, bail};
use reqwest::{Method, RequestBuilder, Url};
use serde_json::Value;

use crate::cli::UrlArgs;

/// Longer than the API takes over any of these calls.
const ANSWER_MAX: Duration = Duration::from_secs(30);

/// More pages than a list of any use has.
const PAGES_MAX: usize = 10_000;

/// Nobody answers at the address.
#[derive(Debug, thiserror::Error)]
#[error("no answer from {url}: {cause}")]
pub(crate) struct Unreachable {
    url: Url,
    cause: String,
}

/// The API at an address.
pub(super) struct Client {
    http: reqwest::Client,
    base: Url,
}

impl Client {
    pub(super) fn new(api: &UrlArgs) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder().timeout(ANSWER_MAX).no_proxy();
        Ok(Self {
            http: api.showing(http)?.build()?,
            base: api.url.clone(),
        })
    }

    /// Gets a resource. Parts of the path may be anything an operator types.
    pub(super) async fn get(&self, path: &[&str]) -> anyhow::Result<Value> {
        let url = self.url(path)?;
        self.answer(self.http.request(Method::GET, url)).await
    }

    /// Asks for something to be done.
    pub(super) async fn post(&self, path: &[&str], body: &Value) -> anyhow::Result<Value> {
        let url = self.url(path)?;
        self.answer(self.http.request(Method::POST, url).json(body))
            .await
    }

    /// The first `limit` items of a collection, over as many pages as it takes.
    pub(super) async fn list(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
        items: &str,
        limit: usize,
    ) -> anyhow::Result<Vec<Value>> {
        let mut url = self.url(path)?;
        url.query_pairs_mut().extend_pairs(query);
        let mut found = Vec::new();
        for _ in 0..PAGES_MAX {
            let request = self.http.request(Method::GET, url.clone());
            let mut page = self.answer(request).await?;
            if let Some(Value::Array(more)) = page.pointer_mut(&format!("/_embedded/{items}")) {
                found.append(more);
            }
            found.truncate(limit);
            let next = page.pointer("/_links/next/href").and_then(Value::as_str);
            match next {
                Some(next) if found.len() < limit => url = self.base.join(next)?,
                Some(_) | None => return Ok(found),
            }
        }
        bail!("the list has more than {PAGES_MAX} pages")
    }

    fn url(&self, path: &[&str]) -> anyhow::Result<Url> {
        let mut url = self.base.clone();
        url.path_segments_mut()
            .map_err(|()| anyhow!("{} is no URL of an API", self.base))?
            .pop_if_empty()
            .extend(path);
        Ok(url)
    }

    async fn answer(&self, request: RequestBuilder) -> anyhow::Result<Value> {
        let unreachable = |error: reqwest::Error| Unreachable {
            url: self.base.clone(),
            cause: root(&error),
        };
        let answer = request
            .header("accept", "application/json, application/problem+json")
            .send()
            .await
            .map_err(unreachable)?;
        let status = answer.status();
        let text = answer.text().await.map_err(unreachable)?;
        let body: Value = serde_json::from_str(&text).unwrap_or_default();
        if status.is_success() {
            return Ok(body);
        }
        let field = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
        let title = field("title").unwrap_or_else(|| format!("the API answered {status}"));
        match field("detail") {
            Some(detail) => bail!("{title}: {detail}"),
            None => bail!("{title}"),
        }
    }
}

/// What is at the bottom of an error: the rest only says that a request failed.
fn root(error: &reqwest::Error) -> String {
    let mut root: &dyn std::error::Error = error;
    while let Some(cause) = root.source() {
        root = cause;
    }
    root.to_string()
}
