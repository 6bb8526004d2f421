//! The way to the collector.
//!
//! Invariant: a collector that does not take spans is told of once, and once more when it takes them again. It speaks on this
//! process's runtime, because the thread that empties the queue has none.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use async_trait::async_trait;
use metrics::counter;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use reqwest::{Client, redirect};
use tokio::runtime::Handle;

/// How long the collector may take for a connection.
const CONNECT_MAX: Duration = Duration::from_secs(2);

/// How long it may take for all of it. The exporter's own bound does not end what is under way here.
const EXCHANGE_MAX: Duration = Duration::from_secs(5);

const EXPORTS: &str = "ordertrace_trace_exports_total";

/// Takes spans to the collector.
#[derive(Debug)]
pub(super) struct Collector {
    client: Client,
    runtime: Handle,
    is_failing: AtomicBool,
}

impl Collector {
    /// The way to it from here. No other is taken, though the collector should say so.
    pub(super) fn new() -> Result<Self, reqwest::Error> {
        let client = Client::builder()
            .redirect(redirect::Policy::none())
            .connect_timeout(CONNECT_MAX)
            .timeout(EXCHANGE_MAX)
            .build()?;
        Ok(Self {
            client,
            runtime: Handle::current(),
            is_failing: AtomicBool::new(false),
        })
    }

    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (client, request) = (self.client.clone(), request.try_into()?);
        let sending = async move { client.execute(request).await };
        let answer = self.runtime.spawn(sending).await??;
        // What it says beyond that is of no use: what it refused is not sent again.
        let answer = Response::builder().status(answer.status());
        Ok(answer.body(Bytes::new())?)
    }

    fn note(&self, trouble: Option<String>) {
        let outcome = if trouble.is_none() { "taken" } else { "lost" };
        counter!(EXPORTS, "outcome" => outcome).increment(1);
        let was_failing = self.is_failing.swap(trouble.is_some(), Ordering::Relaxed);
        match trouble {
            Some(error) if !was_failing => {
                tracing::warn!(
                    error,
                    "the collector does not take spans; they are dropped until it does"
                );
            }
            None if was_failing => tracing::info!("the collector takes spans again"),
            Some(_) | None => {}
        }
    }
}

#[async_trait]
impl HttpClient for Collector {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let sent = self.send(request).await;
        self.note(match &sent {
            Ok(answer) if answer.status().is_success() => None,
            Ok(answer) => Some(format!("it answered {}", answer.status())),
            Err(error) => Some(chain(error.as_ref())),
        });
        sent
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
