//! Asks the `audit` role, which has the proofs.

use std::error::Error;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use ordertrace_audit::escaped;
use reqwest::{Client, Response, StatusCode, Url};
use serde_json::Value;

use super::Failure;
use crate::cli::UrlArgs;

/// How long a connection may take: the role is there, or it is not.
const CONNECT_MAX: Duration = Duration::from_secs(5);

/// How long the role may be silent. It may look through millions of events before it finds the next one that is asked for.
const SILENCE_MAX: Duration = Duration::from_secs(300);

/// The most of a problem's text that is read.
const PROBLEM_BYTES_MAX: usize = 64 * 1024;

/// The type of the problem that there is no such thing.
const NOT_FOUND: &str = "urn:ordertrace:problem:not-found";

/// The role does not do what it is asked for.
#[derive(Debug, thiserror::Error)]
#[error("{told}")]
pub(super) struct Refused {
    /// In its own words.
    told: String,
    is_not_found: bool,
}

impl Refused {
    /// Whether that is because what was asked for is not there.
    pub(super) const fn is_not_found(&self) -> bool {
        self.is_not_found
    }
}

/// The API of an `audit` role.
pub(super) struct Api {
    client: Client,
    base: Url,
}

impl Api {
    /// The one at this address.
    pub(super) fn at(api: &UrlArgs) -> anyhow::Result<Self> {
        let client = Client::builder()
            .connect_timeout(CONNECT_MAX)
            .read_timeout(SILENCE_MAX)
            .no_proxy();
        Ok(Self {
            client: api.showing(client)?.build()?,
            base: api.url.clone(),
        })
    }

    /// Asks for what is at this path. What is no success is an error that says what the role says.
    pub(super) async fn get(
        &self,
        path: &[&str],
        query: impl IntoIterator<Item = (&str, &str)>,
    ) -> anyhow::Result<Response> {
        let mut url = self.base.clone();
        match url.path_segments_mut() {
            Ok(mut segments) => segments.pop_if_empty().extend(path),
            Err(()) => bail!("{} is no URL of an API", self.base),
        };
        // One that has no parameters is to have no question mark either.
        let mut query = query.into_iter().peekable();
        if query.peek().is_some() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let sent = self.client.get(url).send().await;
        let answer = sent.map_err(|error| self.unreachable(&error))?;
        if answer.status().is_success() {
            return Ok(answer);
        }
        Err(problem(answer).await)
    }

    fn unreachable(&self, error: &reqwest::Error) -> Failure {
        let (base, cause) = (&self.base, root(error));
        Failure::Unreachable(format!(
            "no answer from {base}, which was asked because the `audit` role has the proofs: {cause}"
        ))
    }
}

/// All of an answer, which is no longer than that.
pub(super) async fn whole(mut answer: Response, bytes_max: usize) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some(chunk) = answer
        .chunk()
        .await
        .context("the answer was cut off on its way")?
    {
        bytes.extend_from_slice(&chunk);
        ensure!(
            bytes.len() <= bytes_max,
            "the answer is longer than any can be"
        );
    }
    Ok(bytes)
}

/// What the role says is wrong. One that can't answer for now is as good as none.
async fn problem(answer: Response) -> anyhow::Error {
    let status = answer.status();
    let text = whole(answer, PROBLEM_BYTES_MAX).await.unwrap_or_default();
    let body: Value = serde_json::from_slice(&text).unwrap_or_default();
    let field = |name: &str| body.get(name).and_then(Value::as_str);
    let title = field("title").map_or_else(|| format!("the API answered {status}"), str::to_owned);
    let told = field("detail").map_or_else(|| title.clone(), |detail| format!("{title}: {detail}"));
    let told = escaped(&told).into_owned();
    if status.is_server_error() && status != StatusCode::INTERNAL_SERVER_ERROR {
        return Failure::Unreachable(told).into();
    }
    let is_not_found = field("type") == Some(NOT_FOUND);
    Refused { told, is_not_found }.into()
}

/// What is at the bottom of an error: the rest only says that a request failed.
fn root(error: &reqwest::Error) -> String {
    let mut root: &dyn Error = error;
    while let Some(cause) = root.source() {
        root = cause;
    }
    root.to_string()
}
