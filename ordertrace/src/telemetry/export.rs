//! Spans on their way to a collector, by OTLP over HTTP.
//!
//! Invariant: who ends a span never waits: it goes into a bounded queue, or is dropped when that is full. A thread of its own
//! empties the queue. Whether a trace is recorded is decided where it begins, and whoever joins it goes by that.

use std::{sync::OnceLock, time::Duration};

use anyhow::Context as _;
use opentelemetry::{KeyValue, trace::TracerProvider as _};
use opentelemetry_otlp::{SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::{
    Resource,
    trace::{BatchConfigBuilder, BatchSpanProcessor, Sampler, SdkTracerProvider, SpanLimits},
};
use ordertrace_http::trace::EXPORTED_ONLY;
use tokio::task::spawn_blocking;
use tracing::{Subscriber, level_filters::LevelFilter};
use tracing_subscriber::{Layer, filter::Targets, registry::LookupSpan};
use uuid::Uuid;

use super::collector::Collector;
use crate::cli::TraceArgs;

/// How many spans may wait. At 1 kB each that is 4 MB; a busy process fills it within a second or two of an outage, and then
/// drops what comes.
const SPANS_WAITING_MAX: usize = 4_096;

/// How many go out at once: collectors take 4 MB.
const SPANS_A_REQUEST_MAX: usize = 512;

/// How long a span waits for company.
const WAIT_MAX: Duration = Duration::from_secs(1);

/// How long the collector may take to answer.
const ANSWER_MAX: Duration = Duration::from_secs(5);

/// How long a process that stops waits for its last spans to go out.
const FLUSH_MAX: Duration = Duration::from_secs(2);

/// How much a span may have of anything that grows with the work: there are tens at most of what we put there.
const ENTRIES_A_SPAN_MAX: u32 = 64;

/// What this program calls itself; all its crates' names begin with it.
const NAME: &str = "ordertrace";

/// What sends the spans of this process, if anything does.
static PROVIDER: OnceLock<SdkTracerProvider> = OnceLock::new();

/// The layer that exports spans; none without a collector.
pub(super) fn layer<S>(
    args: &TraceArgs,
    role: &'static str,
) -> anyhow::Result<Option<impl Layer<S> + use<S>>>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    let Some(endpoint) = args.endpoint() else {
        return Ok(None);
    };
    let provider = provider(endpoint, args.ratio, role)
        .with_context(|| format!("spans could not be exported to {endpoint}"))?;
    let tracer = PROVIDER.get_or_init(|| provider).tracer(NAME);
    let layer = tracing_opentelemetry::layer()
        .with_tracer(tracer)
        // Nothing here asks OpenTelemetry for its own current context.
        .with_context_activation(false)
        .with_tracked_inactivity(false)
        .with_location(false)
        .with_threads(false);
    // The spans of libraries are their business.
    let ours = Targets::new()
        .with_target(NAME, LevelFilter::INFO)
        .with_target(EXPORTED_ONLY, LevelFilter::TRACE);
    Ok(Some(layer.with_filter(ours)))
}

fn provider(endpoint: &str, ratio: f64, role: &str) -> anyhow::Result<SdkTracerProvider> {
    let exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(Collector::new()?)
        .with_endpoint(format!("{}/v1/traces", endpoint.trim_end_matches('/')))
        .with_timeout(ANSWER_MAX)
        .build()?;
    let queue = BatchConfigBuilder::default()
        .with_max_queue_size(SPANS_WAITING_MAX)
        .with_max_export_batch_size(SPANS_A_REQUEST_MAX)
        .with_scheduled_delay(WAIT_MAX)
        .build();
    let processor = BatchSpanProcessor::builder(exporter)
        .with_batch_config(queue)
        .build();
    Ok(SdkTracerProvider::builder()
        .with_span_processor(processor)
        .with_sampler(Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(
            ratio,
        ))))
        .with_span_limits(limits())
        .with_resource(resource(role))
        .build())
}

fn limits() -> SpanLimits {
    SpanLimits {
        max_events_per_span: ENTRIES_A_SPAN_MAX,
        max_attributes_per_span: ENTRIES_A_SPAN_MAX,
        max_links_per_span: ENTRIES_A_SPAN_MAX,
        ..SpanLimits::default()
    }
}

/// Who this is. `OTEL_RESOURCE_ATTRIBUTES` adds what else is known of the place it runs at.
fn resource(role: &str) -> Resource {
    Resource::builder()
        .with_service_name(NAME)
        .with_attributes([
            KeyValue::new("service.version", env!("CARGO_PKG_VERSION")),
            KeyValue::new("service.instance.id", Uuid::now_v7().to_string()),
            KeyValue::new("ordertrace.role", role.to_owned()),
        ])
        .build()
}

/// Whether spans go anywhere.
pub(super) fn is_on() -> bool {
    PROVIDER.get().is_some()
}

/// Sends what waits, for as long as a process that stops may take for it.
pub(crate) async fn flush() {
    let Some(provider) = PROVIDER.get() else {
        return;
    };
    let stopped = spawn_blocking(|| provider.shutdown_with_timeout(FLUSH_MAX)).await;
    if !matches!(stopped, Ok(Ok(()))) {
        tracing::debug!("the last spans were not exported");
    }
}
