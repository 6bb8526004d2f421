//! What the runner tells of each batch: to the metrics, and to whoever follows the trace of an event.

use metrics::histogram;
use ordertrace_domain::{FeedItem, RecordedEvent};
use ordertrace_http::trace::{self, EXPORTED_ONLY};
use tokio::time::Instant;
use tracing::Span;

const COMMIT_SECONDS: &str = "ordertrace_projection_commit_seconds";
const BATCH_EVENTS: &str = "ordertrace_projection_batch_events";

/// The most events of one batch that get a span each: beyond that a batch is a backlog, and its spans would crowd out others.
const SPANS_A_BATCH_MAX: usize = 50;

/// Watches one batch on its way into the view.
pub(crate) struct Watch {
    began: Instant,
    items: usize,
    /// One for each event whose trace is recorded.
    spans: Vec<Span>,
}

impl Watch {
    /// Begins; with spans only where `is_level`, so that each event has one at most.
    pub(crate) fn start(items: &[FeedItem], is_level: bool) -> Self {
        let spans =
            match is_level && tracing::enabled!(target: EXPORTED_ONLY, tracing::Level::TRACE) {
                true => items
                    .iter()
                    .filter_map(span)
                    .take(SPANS_A_BATCH_MAX)
                    .collect(),
                false => Vec::new(),
            };
        Self {
            began: Instant::now(),
            items: items.len(),
            spans,
        }
    }

    /// The batch is in the view.
    #[expect(
        clippy::cast_precision_loss,
        reason = "a batch has a thousand events at most"
    )]
    pub(crate) fn end(self) {
        histogram!(COMMIT_SECONDS).record(self.began.elapsed());
        histogram!(BATCH_EVENTS).record(self.items as f64);
        drop(self.spans);
    }
}

/// The span of one event, if its trace is recorded.
fn span(item: &FeedItem) -> Option<Span> {
    let FeedItem::Event(RecordedEvent { event, .. }) = item else {
        return None;
    };
    let parent = event.envelope.traceparent.as_ref();
    let parent = parent.filter(|parent| trace::is_sampled(parent))?;
    let name = event.envelope.event.event_type().name;
    let span = tracing::trace_span!(
        target: EXPORTED_ONLY,
        parent: None,
        "apply",
        otel.name = format_args!("apply {name}"),
        otel.kind = "consumer",
        event.r#type = name,
        order.id = %event.envelope.order_id,
        log.sequence = event.sequence.get(),
    );
    trace::join(&span, parent);
    Some(span)
}
