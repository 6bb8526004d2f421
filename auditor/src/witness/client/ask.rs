//! Asking one witness.

use std::{
    fmt,
    future::Future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use metrics::{counter, describe_counter};
use ordertrace_audit::{Cosignature, Path, PublicKey, SignedCheckpoint};
use ordertrace_domain::Sequence;
use reqwest::{
    Client, Response, StatusCode, Url,
    header::{CONTENT_TYPE, HeaderValue},
    redirect, retry,
};
use tokio::time::{Instant, timeout};

use super::{
    NoClient, WitnessAt, WitnessStatus,
    error::{AskError, Objection},
    memory::{Memory, News},
};
use crate::witness::{request, routes::TREE_SIZE};

/// All that asking a witness may take, for a checkpoint waits for it: a few round trips around the world and an fsync.
const ASK_MAX: Duration = Duration::from_secs(3);

/// A witness says where it stands, and is asked again from there; if it then stands elsewhere, another signer asks it too,
/// and the next checkpoint is soon enough.
const TRIES_MAX: usize = 2;

/// Our witness closes a connection after 10 s without a request. A request on one that is just being closed would fail.
const IDLE_MAX: Duration = Duration::from_secs(8);

/// Some cosignatures of 150 bytes, or a sentence.
const ANSWER_BYTES_MAX: usize = 16 * 1024;

/// So much of what a witness says gets into the log.
const SAID_CHARS_MAX: usize = 200;

const ASKED: &str = "ordertrace_audit_witness_answers_total";

/// A witness, and how it went with it.
pub(super) struct Asked {
    key: PublicKey,
    url: Url,
    client: Client,
    memory: Mutex<Memory>,
}

/// What a witness answers, if it does not say no.
enum Answer {
    Cosigned(Cosignature),
    /// It stands elsewhere than was thought.
    Elsewhere(Sequence),
}

impl Asked {
    pub(super) fn new(WitnessAt { key, mut url }: WitnessAt) -> Result<Self, NoClient> {
        describe_counter!(
            ASKED,
            "Checkpoints that a witness was asked to cosign, by whether it did"
        );
        let builder = match url.scheme() {
            // Nothing is ever encrypted here, so no root certificates need be read.
            "http" => Client::builder().tls_certs_only([]),
            _ => Client::builder(),
        };
        let client = builder
            .user_agent(concat!("ordertrace/", env!("CARGO_PKG_VERSION")))
            .pool_idle_timeout(IDLE_MAX)
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .no_proxy()
            .http1_only()
            .build()?;
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().push("add-checkpoint");
        }
        Ok(Self {
            key,
            url,
            client,
            memory: Mutex::default(),
        })
    }

    /// Its name, by its key.
    pub(super) fn name(&self) -> Arc<str> {
        self.key.name().into()
    }

    /// Asks it, unless it is left alone for a while.
    ///
    /// # Errors
    /// It does not cosign, and what it says against the log, if it does.
    pub(super) async fn ask<P, F>(
        &self,
        signed: &SignedCheckpoint,
        prove: &P,
    ) -> Result<Cosignature, Option<Objection>>
    where
        P: Fn(Sequence) -> F + Sync,
        F: Future<Output = Option<Path>> + Send,
    {
        if self.memory().is_resting(Instant::now()) {
            return Err(None);
        }
        let asked = timeout(ASK_MAX, self.cosigned(signed, prove)).await;
        match asked.unwrap_or(Err(AskError::TooSlow(ASK_MAX))) {
            Ok(cosignature) => {
                self.tell_success(signed.checkpoint().size);
                Ok(cosignature)
            }
            Err(error) => {
                let objection = error.objection();
                self.tell_failure(error);
                Err(objection)
            }
        }
    }

    /// How it goes with it.
    pub(super) fn status(&self) -> WitnessStatus {
        let memory = self.memory();
        WitnessStatus {
            name: self.key.name().to_owned(),
            size: memory.size,
            trouble: memory.trouble(),
        }
    }

    async fn cosigned<P, F>(
        &self,
        signed: &SignedCheckpoint,
        prove: &P,
    ) -> Result<Cosignature, AskError>
    where
        P: Fn(Sequence) -> F + Sync,
        F: Future<Output = Option<Path>> + Send,
    {
        let size = signed.checkpoint().size;
        // A witness that was ahead may have been set up anew: asked from nothing, it says where it stands.
        let known = Some(self.memory().size).filter(|known| *known <= size);
        let mut old = known.unwrap_or(Sequence::START);
        for _ in 0..TRIES_MAX {
            let proof = prove(old).await.ok_or(AskError::NoProof(old))?;
            match self
                .post(request::write(old, &proof, signed), signed)
                .await?
            {
                Answer::Cosigned(cosignature) => return Ok(cosignature),
                // Some witnesses answer a fork like this: with the very size that they were asked from.
                Answer::Elsewhere(at) if at == old => {
                    return Err(AskError::OtherLog(
                        format!("it stands at size {at} too").into(),
                    ));
                }
                Answer::Elsewhere(at) => {
                    self.memory().size = at;
                    if at > size {
                        return Err(AskError::Ahead(at));
                    }
                    old = at;
                }
            }
        }
        Err(AskError::Unsettled)
    }

    async fn post(&self, body: String, signed: &SignedCheckpoint) -> Result<Answer, AskError> {
        let request = self.client.post(self.url.clone()).body(body);
        let response = request.send().await.map_err(unreachable)?;
        let status = response.status();
        let is_size = response
            .headers()
            .get(CONTENT_TYPE)
            .is_some_and(is_tree_size);
        let body = text(response).await?;
        match status {
            StatusCode::OK => {
                let cosignature = find(&body, signed, &self.key);
                cosignature
                    .map(Answer::Cosigned)
                    .ok_or(AskError::NoCosignature)
            }
            StatusCode::CONFLICT if is_size => {
                let size = body.strip_suffix('\n').and_then(request::size);
                let said = said(&body);
                size.map(Answer::Elsewhere)
                    .ok_or(AskError::Refused { status, said })
            }
            StatusCode::CONFLICT | StatusCode::UNPROCESSABLE_ENTITY => {
                Err(AskError::OtherLog(said(&body)))
            }
            _ => Err(AskError::Refused {
                status,
                said: said(&body),
            }),
        }
    }

    fn tell_success(&self, size: Sequence) {
        counter!(ASKED, "outcome" => "cosigned").increment(1);
        if self.memory().cosigned(size) == News::Recovered {
            tracing::info!(witness.name = self.key.name(), "the witness cosigns again");
        }
    }

    fn tell_failure(&self, error: AskError) {
        counter!(ASKED, "outcome" => "failed").increment(1);
        let (error, news) = self.memory().failed(error, Instant::now());
        if news == News::None {
            return;
        }
        let is_alarm = error.is_alarm();
        let (name, error) = (self.key.name(), &error as &dyn std::error::Error);
        if is_alarm {
            tracing::error!(
                witness.name = name,
                error,
                "the witness has seen another log than this one"
            );
        } else {
            tracing::warn!(
                witness.name = name,
                error,
                "the witness does not cosign; checkpoints go out without it"
            );
        }
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Without the URL, which may hold a password.
impl fmt::Debug for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Asked({})", self.key)
    }
}

/// Without the URL, which may hold a password.
fn unreachable(error: reqwest::Error) -> AskError {
    AskError::Unreachable(error.without_url())
}

fn is_tree_size(value: &HeaderValue) -> bool {
    value.as_bytes().trim_ascii() == TREE_SIZE.as_bytes()
}

/// The body, if it is no longer than one can be.
async fn text(mut response: Response) -> Result<String, AskError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
        if bytes.len() + chunk.len() > ANSWER_BYTES_MAX {
            return Err(AskError::TooLong);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The cosignature of the checkpoint by this key; lines by others are passed over.
fn find(body: &str, signed: &SignedCheckpoint, key: &PublicKey) -> Option<Cosignature> {
    let lines = body.split_inclusive('\n');
    let mut cosignatures = lines.filter_map(|line| Cosignature::parse(line).ok());
    cosignatures.find(|it| signed.clone().with(it).check_cosignature(key).is_ok())
}

/// The beginning of it, fit for a line of a log.
fn said(body: &str) -> Arc<str> {
    let shown = body.trim_end().chars().flat_map(char::escape_debug);
    shown.take(SAID_CHARS_MAX).collect::<String>().into()
}
