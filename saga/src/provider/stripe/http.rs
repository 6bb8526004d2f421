//! Requests to Stripe: sent, timed, and read within bounds.
//!
//! Invariant: a POST is sent once. A GET may be sent again, within the time of its call. After a POST that may have done
//! something, no call says any more that nothing has happened.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use backon::{ExponentialBuilder, Retryable};
use ordertrace_domain::Reason;
use reqwest::{Client, RequestBuilder, Response, Url};
use serde::de::DeserializeOwned;
use tokio::time::Instant;

use super::{
    config::{self, StripeConfig, StripeConfigError},
    endpoint::Endpoint,
    reading::{Failure, RawAnswer, Refusal, answered_with},
};

/// All requests of one call of the port together: the saga cuts a call off at 18 s, and an answer that is cut off is
/// lost.
const CALL_MAX: Duration = Duration::from_secs(15);

/// A GET changes nothing, and a dropped connection is mostly alone; more would only add to a provider's trouble.
const GET_REPEATS_MAX: usize = 2;

/// Before the first repeat; the second waits twice as long. To each, up to as much again is added at random.
const REPEAT_AFTER: Duration = Duration::from_millis(100);

/// An intent is 3 kB and a page of a hundred refunds 80 kB. Whatever is larger is not Stripe's.
const BODY_BYTES_MAX: usize = 1024 * 1024;

/// The connection to Stripe.
#[derive(Debug)]
pub(super) struct Http {
    client: Client,
    base_url: Url,
    request_timeout: Duration,
    /// Whether our secret was refused the last time, so that it is logged once and not with every order.
    is_locked_out: AtomicBool,
}

impl Http {
    pub(super) fn new(config: StripeConfig) -> Result<Self, StripeConfigError> {
        Ok(Self {
            client: config::client(&config)?,
            base_url: config.base_url,
            request_timeout: config.request_timeout,
            is_locked_out: AtomicBool::new(false),
        })
    }

    /// Begins one call of the port; its time runs from now.
    pub(super) fn begin(&self) -> Call<'_> {
        Call {
            http: self,
            until: Instant::now() + CALL_MAX,
            has_acted: false,
        }
    }

    fn note_lock_out(&self, answer: &RawAnswer) {
        let was = self
            .is_locked_out
            .swap(answer.is_locked_out(), Ordering::Relaxed);
        if answer.is_locked_out() && !was {
            tracing::error!(
                http.status = answer.status.as_u16(),
                "the payment provider does not accept our secret key: no card is charged until that is mended"
            );
        }
    }
}

/// One call of the port, which may take several requests.
pub(super) struct Call<'a> {
    http: &'a Http,
    until: Instant,
    /// Whether a POST of this call may have done something.
    has_acted: bool,
}

impl Call<'_> {
    /// Reads; a clear no is a failure, for whatever is read has been seen before.
    pub(super) async fn get<T: DeserializeOwned>(
        &self,
        endpoint: Endpoint<'_>,
    ) -> Result<T, Failure> {
        let pause = ExponentialBuilder::default()
            .with_min_delay(REPEAT_AFTER)
            .with_max_times(GET_REPEATS_MAX)
            .with_jitter();
        let read = (|| self.get_once(endpoint))
            .retry(pause)
            .when(|failure| matches!(failure, Failure::Unknown(_)) && !self.remaining().is_zero())
            .await;
        let refusal = match read {
            Ok(Ok(read)) => return Ok(read),
            Ok(Err(refusal)) => Failure::Unknown(answered_with(refusal.status)),
            Err(failure) => failure,
        };
        Err(self.judged(refusal))
    }

    async fn get_once<T: DeserializeOwned>(
        &self,
        endpoint: Endpoint<'_>,
    ) -> Result<Result<T, Refusal>, Failure> {
        let url = endpoint.url(&self.http.base_url);
        self.send(self.http.client.get(url)).await?.read()
    }

    /// Has something done.
    pub(super) async fn post<T: DeserializeOwned>(
        &mut self,
        endpoint: Endpoint<'_>,
        form: &[(&str, &str)],
        key: &str,
    ) -> Result<Result<T, Refusal>, Failure> {
        let url = endpoint.url(&self.http.base_url);
        let request = self.http.client.post(url).header("idempotency-key", key);
        let answer = match self.send(request.form(form)).await {
            Ok(answer) => answer.read(),
            Err(failure) => Err(failure),
        };
        let answer = answer.map_err(|failure| self.judged(failure));
        self.has_acted |= !matches!(answer, Err(Failure::NotAsked { .. }));
        answer
    }

    fn judged(&self, failure: Failure) -> Failure {
        if self.has_acted {
            failure.after_the_fact()
        } else {
            failure
        }
    }

    fn remaining(&self) -> Duration {
        self.until.saturating_duration_since(Instant::now())
    }

    async fn send(&self, request: RequestBuilder) -> Result<RawAnswer, Failure> {
        let timeout = self.remaining().min(self.http.request_timeout);
        let response = request.timeout(timeout).send().await.map_err(broken)?;
        let answer = bounded(response).await?;
        self.http.note_lock_out(&answer);
        Ok(answer)
    }
}

/// What a request that got no answer means. What fails at the connection has not left this machine.
fn broken(error: reqwest::Error) -> Failure {
    if error.is_connect() {
        Failure::not_asked("it can't be reached")
    } else if error.is_timeout() {
        Failure::unknown("it did not answer in time")
    } else {
        Failure::Unknown(Reason::lossy("the connection broke before it answered"))
    }
}

async fn bounded(mut response: Response) -> Result<RawAnswer, Failure> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(broken)? {
        body.extend_from_slice(&chunk);
        if body.len() > BODY_BYTES_MAX {
            return Err(Failure::unknown("its answer has no end"));
        }
    }
    Ok(RawAnswer {
        status: response.status(),
        headers: response.headers().clone(),
        body,
    })
}
