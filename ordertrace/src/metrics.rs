//! What the process counts, in Prometheus's text format at `/metrics`.
//!
//! Invariant: one recorder a process, and memory for what it counts is bounded: labels are words of the program, never
//! ids, and what histograms keep is summed up regularly.

use std::time::Duration;

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

use crate::{openapi::MACHINES, roles::Parts};

/// The exporter asks for this every few seconds.
const UPKEEP_EVERY: Duration = Duration::from_secs(5);

/// Seconds, from a call on this machine to one that is given up.
const SECONDS: [f64; 12] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 4.0, 16.0,
];

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
}

impl Metrics {
    /// Begins to count.
    pub(crate) fn install() -> anyhow::Result<Self> {
        let handle = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)
            .and_then(PrometheusBuilder::install_recorder)
            .context("metrics could not be set up")?;
        Ok(Self { handle })
    }

    /// `/metrics`.
    pub(crate) fn api(&self) -> ApiRouter {
        let handle = self.handle.clone();
        let render = move || async move { ([(CONTENT_TYPE, PROMETHEUS_TEXT)], handle.render()) };
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
