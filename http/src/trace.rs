//! W3C Trace Context: between the text that stands in headers and events, and the spans of this process.
//!
//! Invariant: whoever is handed a trace goes on in it, and what does not export its spans hands on what it was handed.
//! Nothing here decides whether a trace is recorded: its first span does, and everybody after it goes by that.

use axum::http::HeaderMap;
use opentelemetry::{
    Context, SpanId, TraceFlags, TraceId,
    trace::{SpanContext, TraceContextExt, TraceState},
};
use ordertrace_domain::TraceParent;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// The header that carries a trace from one process to the next.
pub const TRACEPARENT_HEADER: &str = "traceparent";

/// The target of spans that are only exported, and never in the log. They are of the level `TRACE`: where nothing exports
/// them they cost nothing.
pub const EXPORTED_ONLY: &str = "ordertrace::trace";

/// The trace that a request belongs to. A header that is not valid, or is there twice, is ignored (W3C Trace Context, 3.2).
pub fn traceparent(headers: &HeaderMap) -> Option<TraceParent> {
    let mut values = headers.get_all(TRACEPARENT_HEADER).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => TraceParent::parse(value.to_str().ok()?).ok(),
        _ => None,
    }
}

/// Makes a span that nobody has entered yet a child of whoever wrote this.
pub fn join(span: &Span, parent: &TraceParent) {
    if let Some(parent) = remote(parent) {
        // Where no spans are exported there is nothing to join.
        let _ = span.set_parent(Context::new().with_remote_span_context(parent));
    }
}

/// What to hand on so that others join this span; nothing where spans are not exported. The span can't join another one
/// after that.
pub fn of(span: &Span) -> Option<TraceParent> {
    let context = span.context();
    let context = context.span().span_context().clone();
    if !context.is_valid() {
        return None;
    }
    let (trace, span, flags) = (
        context.trace_id(),
        context.span_id(),
        context.trace_flags() & TraceFlags::SAMPLED,
    );
    TraceParent::parse(&format!("00-{trace:032x}-{span:016x}-{flags:02x}")).ok()
}

/// What to hand on so that others join the span of this task.
pub fn current() -> Option<TraceParent> {
    of(&Span::current())
}

/// The id that all spans and log lines of a trace share.
pub fn id(trace: &TraceParent) -> &str {
    trace.as_str().split('-').nth(1).unwrap_or_default()
}

/// Whether the trace is recorded.
pub fn is_sampled(trace: &TraceParent) -> bool {
    remote(trace).is_some_and(|context| context.is_sampled())
}

fn remote(trace: &TraceParent) -> Option<SpanContext> {
    let mut parts = trace.as_str().split('-').skip(1);
    let trace = TraceId::from_hex(parts.next()?).ok()?;
    let span = SpanId::from_hex(parts.next()?).ok()?;
    let flags = u8::from_str_radix(parts.next()?, 16).ok()?;
    let is_remote = true;
    Some(SpanContext::new(
        trace,
        span,
        TraceFlags::new(flags),
        is_remote,
        TraceState::NONE,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    const SAMPLED: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    fn parsed(text: &str) -> TraceParent {
        TraceParent::parse(text).unwrap()
    }

    #[test]
    fn a_trace_is_read_as_it_is_written() {
        let trace = parsed(SAMPLED);
        assert_eq!(id(&trace), "0af7651916cd43dd8448eb211c80319c");
        assert!(is_sampled(&trace));
        assert!(is_sampled(&parsed(&SAMPLED.replace("-01", "-03"))));
        assert!(!is_sampled(&parsed(&SAMPLED.replace("-01", "-02"))));
    }

    #[test]
    fn a_header_that_is_not_one_valid_trace_is_ignored() {
        let mut headers = HeaderMap::new();
        assert_eq!(traceparent(&headers), None);
        headers.append(TRACEPARENT_HEADER, HeaderValue::from_static(SAMPLED));
        assert_eq!(traceparent(&headers), Some(parsed(SAMPLED)));
        headers.append(TRACEPARENT_HEADER, HeaderValue::from_static(SAMPLED));
        assert_eq!(traceparent(&headers), None);
        headers.insert(TRACEPARENT_HEADER, HeaderValue::from_static("00-0-0-0"));
        assert_eq!(traceparent(&headers), None);
    }

    #[test]
    fn nothing_is_handed_on_where_nothing_is_exported() {
        let span = tracing::info_span!("a span");
        join(&span, &parsed(SAMPLED));
        assert_eq!(of(&span), None);
        assert_eq!(current(), None);
    }
}
