//! What the runner tells of its work: to the metrics, to whoever follows a trace, and in each line it logs.

use metrics::{counter, histogram};
use ordertrace_domain::{
    Command, ExecuteError, OrderId, Outcome, Refusal, TraceParent, WorkItem, ending,
};
use ordertrace_http::trace;
use tokio::time::Instant;
use tracing::Span;

/// Commands by their end; the API counts its own under the same name.
const COMMANDS: &str = "ordertrace_commands_total";
const WORK: &str = "ordertrace_saga_work_total";
const WORK_SECONDS: &str = "ordertrace_saga_work_seconds";

/// What became of a piece of work.
#[derive(Debug, Clone, Copy)]
pub(super) enum End {
    /// All that was due is done.
    Done,
    /// It waits for an operator.
    Parked,
    /// It stays on the queue, and comes again.
    Left,
}

impl End {
    const fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Parked => "parked",
            Self::Left => "left",
        }
    }
}

/// Counts a piece of work.
pub(super) fn ended(end: End) {
    counter!(WORK, "outcome" => end.word()).increment(1);
}

/// Notes how long it was in hand.
pub(super) fn took(began: Instant) {
    histogram!(WORK_SECONDS).record(began.elapsed());
}

/// Counts a command.
pub(super) fn commanded(
    command: &Command,
    result: &Result<Result<Outcome, Refusal>, ExecuteError>,
) {
    counter!(COMMANDS, "by" => "saga", "command" => command.name(), "outcome" => ending(result))
        .increment(1);
}

/// The span of a piece of work. What an event leads to goes on in that event's trace; of which trace a timer is
/// only its order can tell, so [`joins`] says so later, before there is any span within this one.
///
/// It is of the highest level, so that it is there whatever is logged: a warning is to say whose it is.
pub(super) fn span(order: OrderId, item: &WorkItem) -> Span {
    let event = match item {
        WorkItem::Event(recorded) => Some(&recorded.event),
        WorkItem::Timer(_) | WorkItem::Unreadable(_) => None,
    };
    let event_type = event.map(|event| event.envelope.event.event_type().name);
    let name = match item {
        WorkItem::Timer(fired) => fired.timer.name(),
        WorkItem::Event(_) | WorkItem::Unreadable(_) => event_type.unwrap_or("unreadable"),
    };
    let parent = event.and_then(|event| event.envelope.traceparent.as_ref());
    // All at once: a field that comes later has the log write the others anew.
    let span = tracing::error_span!(
        "saga",
        otel.name = format_args!("saga {name}"),
        otel.kind = "consumer",
        order.id = %order,
        event.r#type = event_type,
        log.sequence = event.map(|event| event.sequence.get()),
        trace.id = parent.map(trace::id),
    );
    if let Some(parent) = parent {
        trace::join(&span, parent);
    }
    span
}

/// Makes the span of a timer a part of this trace.
pub(super) fn joins(span: &Span, parent: Option<&TraceParent>) {
    if let Some(parent) = parent {
        trace::join(span, parent);
        span.record("trace.id", trace::id(parent));
    }
}
