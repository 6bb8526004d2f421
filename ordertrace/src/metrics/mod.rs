//! What the process counts, in Prometheus's text format at `/metrics`.
//!
//! Invariant: one recorder a process, and memory for what it counts is bounded: labels are words of the program, never
//! ids, and what histograms keep is summed up regularly. Each metric stands in the [`catalogue`].

mod catalogue;
mod process;

use std::{sync::Arc, time::Duration};

use anyhow::Context as _;
use axum::http::{StatusCode, header::CONTENT_TYPE};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use ordertrace_http::{
    Access,
    openapi::{Answer, ApiRouter, Described},
};
use tokio::time::interval;
use tokio_util::sync::CancellationToken;
use utoipa::openapi::{
    HttpMethod::Get,
    schema::{ObjectBuilder, Type},
};

use crate::{openapi::MACHINES, roles::Parts, server::Health};
use process::Process;

/// The exporter asks for this every few seconds.
const UPKEEP_EVERY: Duration = Duration::from_secs(5);

/// Seconds, from a call on this machine to one that is given up.
const SECONDS: [f64; 12] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 4.0, 16.0,
];

/// How many go together, from a lone one to as many as there ever are.
const COUNTS: [f64; 10] = [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0];

/// The text that `/metrics` answers with.
const PROMETHEUS_TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

fn described() -> Described {
    Described::new(
        "getMetrics",
        MACHINES,
        Access::PUBLIC,
        "What this process counts",
    )
    .answers(|_| {
        let text = ObjectBuilder::new().schema_type(Type::String).build();
        let description = "In Prometheus's text format.";
        Answer::of_type(StatusCode::OK, PROMETHEUS_TEXT, text, description)
    })
}

/// What this process counts.
#[derive(Clone)]
pub(crate) struct Metrics {
    handle: PrometheusHandle,
    process: Arc<Process>,
}

impl Metrics {
    /// Begins to count. Must be called within the runtime that is counted, before anything else counts.
    pub(crate) fn install() -> anyhow::Result<Self> {
        let handle = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)
            .and_then(|it| {
                it.set_buckets_for_metric(Matcher::Suffix("_events".to_owned()), &COUNTS)
            })
            .and_then(|it| {
                it.set_buckets_for_metric(Matcher::Suffix("_decisions".to_owned()), &COUNTS)
            })
            .and_then(PrometheusBuilder::install_recorder)
            .context("metrics could not be set up")?;
        catalogue::describe();
        Ok(Self {
            handle,
            process: Arc::new(Process::begin()),
        })
    }

    /// `/metrics`. What is not counted as it happens is looked at when somebody asks.
    pub(crate) fn api(&self, health: &Health) -> ApiRouter {
        let (metrics, health) = (self.clone(), health.clone());
        let render = move || async move {
            health.measure();
            metrics.process.measure();
            ([(CONTENT_TYPE, PROMETHEUS_TEXT)], metrics.handle.render())
        };
        ApiRouter::new().route(Get, "/metrics", render, described())
    }

    /// Starts to sum up what is counted.
    pub(crate) fn start(&self, parts: &mut Parts, shutdown: CancellationToken) {
        parts.start("the metrics", self.clone().upkeep(shutdown));
    }

    async fn upkeep(self, shutdown: CancellationToken) -> anyhow::Result<()> {
        let mut due = interval(UPKEEP_EVERY);
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return Ok(()),
                _ = due.tick() => self.handle.run_upkeep(),
            }
        }
    }
}
