//! Requests to Stripe: sent, timed, and read within bounds.
//!
//! Invariant: a POST is sent once. A GET may be sent again, within the time of its call. After a POST that may have done
//! something, no call says any more that nothing has happened.

use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use ordertrace_domain::Reason;
use ordertrace_http::trace::{self, EXPORTED_ONLY, TRACEPARENT_HEADER};
use reqwest::{Client, RequestBuilder, Response, Url};
use serde::de::DeserializeOwned;
use tokio::time::Instant;
use tracing::{Instrument as _, Span, field::Empty};

use super::{
    alarm::Alarms,
    config::{self, StripeConfig, StripeConfigError},
    endpoint::Endpoint,
    reading::{Failure, RawAnswer, Refusal, answered_with},
};

/// All requests of one call of the port together: the saga cuts a call off at 18 s, and an answer that is cut off is
/// lost.
const CALL_MAX: Duration = Duration::from_secs(15);

/// A POST is not begun with less time left: it would be cut off while Stripe, which mostly takes as long, carries it out.
const POST_TIME_MIN: Duration = Duration::from_secs(1);

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
    alarms: Alarms,
}

impl Http {
    pub(super) fn new(config: StripeConfig) -> Result<Self, StripeConfigError> {
        Ok(Self {
            client: config::client(&config)?,
            base_url: config.base_url,
            request_timeout: config.request_timeout,
            alarms: Alarms::default(),
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
            Ok(Err(refusal)) => Failure::Unclear(answered_with(refusal.status)),
            Err(failure) => failure,
        };
        Err(self.judged(refusal))
    }

    async fn get_once<T: DeserializeOwned>(
        &self,
        endpoint: Endpoint<'_>,
    ) -> Result<Result<T, Refusal>, Failure> {
        let url = endpoint.url(&self.http.base_url);
        let request = self.http.client.get(url);
        self.send(endpoint, request).await?.read()
    }

    /// Has something done.
    pub(super) async fn post<T: DeserializeOwned>(
        &mut self,
        endpoint: Endpoint<'_>,
        form: &[(&str, &str)],
        key: &str,
    ) -> Result<Result<T, Refusal>, Failure> {
        if self.remaining() < POST_TIME_MIN {
            return Err(self.judged(Failure::not_asked("there was no time left to ask")));
        }
        let url = endpoint.url(&self.http.base_url);
        let request = self.http.client.post(url).header("idempotency-key", key);
        let answer = match self.send(endpoint, request.form(form)).await {
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

    /// Sends it as a part of the span's trace, for a provider that cares to join.
    async fn send_in(&self, span: &Span, request: RequestBuilder) -> Result<RawAnswer, Failure> {
        let timeout = self.remaining().min(self.http.request_timeout);
        let request = match trace::of(span).or_else(trace::current) {
            Some(trace) => request.header(TRACEPARENT_HEADER, trace.as_str()),
            None => request,
        };
        let response = request.timeout(timeout).send().await.map_err(broken)?;
        bounded(response).await
    }

    async fn send(
        &self,
        endpoint: Endpoint<'_>,
        request: RequestBuilder,
    ) -> Result<RawAnswer, Failure> {
        let span = span_of(endpoint);
        let sending = self.send_in(&span, request);
        let answer = sending.instrument(span.clone()).await;
        match &answer {
            Ok(answer) => span.record("http.response.status_code", answer.status.as_u16()),
            Err(_) => span.record("otel.status_code", "ERROR"),
        };
        let answer = answer?;
        self.http.alarms.note(endpoint.operation(), &answer);
        Ok(answer)
    }
}

/// A span for the exporter alone: what is worth a line is told by others.
fn span_of(endpoint: Endpoint<'_>) -> Span {
    tracing::trace_span!(
        target: EXPORTED_ONLY,
        "payment provider",
        otel.name = format_args!("payment provider {:?}", endpoint.operation()),
        otel.kind = "client",
        otel.status_code = Empty,
        http.response.status_code = Empty,
    )
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

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;

    use ordertrace_domain::ProviderRef;
    use serde_json::Value;
    use tokio::net::TcpListener;

    use super::*;

    /// What becomes of a POST that would begin with so little time left; nobody may have come to the door.
    async fn post_at_the_last_moment(has_acted: bool) -> Failure {
        let door = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", door.local_addr().unwrap());
        let config = StripeConfig::new(address.parse().unwrap(), "sk_test_x".to_owned().into());
        let http = Http::new(config).unwrap();
        let mut call = Call {
            until: Instant::now() + POST_TIME_MIN / 2,
            has_acted,
            ..http.begin()
        };
        let intent = ProviderRef::parse("pi_1").unwrap();
        let answer = call
            .post::<Value>(Endpoint::Confirm(&intent), &[], "key")
            .await;
        let door = door.into_std().unwrap();
        assert_eq!(door.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
        answer.unwrap_err()
    }

    #[tokio::test]
    async fn what_there_is_no_time_for_is_not_begun() {
        let failure = post_at_the_last_moment(false).await;
        assert!(matches!(failure, Failure::NotAsked { .. }), "{failure:?}");
    }

    #[tokio::test]
    async fn what_there_is_no_time_for_after_something_was_done_is_unknown() {
        let failure = post_at_the_last_moment(true).await;
        assert!(matches!(failure, Failure::Unknown(_)), "{failure:?}");
    }
}
