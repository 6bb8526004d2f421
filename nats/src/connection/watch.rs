//! Notices that the event stream was deleted, or deleted and created anew; and tells the metrics how large it is, since it asks.

use std::time::Duration;

use async_nats::jetstream::{Context, ErrorCode};
use metrics::gauge;
use tokio::time::sleep;

use super::Link;
use crate::facts::StreamFacts;
use crate::identity::StreamIdentity;

/// A stream that is deleted or created anew while the connection holds is noticed as late as this by who only appends.
/// The question costs a server next to nothing.
const CHECK_EVERY: Duration = Duration::from_secs(5);

/// A server that says there is no such stream is asked once more, this much later, before it is believed: it may have
/// only just started.
const ASK_AGAIN_AFTER: Duration = Duration::from_secs(2);

const LOG_BYTES: &str = "ordertrace_log_bytes";
const LOG_BYTES_MAX: &str = "ordertrace_log_bytes_max";

/// What is known of the stream after a check.
enum Found {
    /// It is the one we started on.
    Same,
    /// It is gone, or another one.
    Gone,
    /// Nobody could say.
    Unknown,
}

/// Runs until the stream is found to be gone or another one, or the connection is closed. A check that gets no answer is
/// made again in its turn: whoever reads or writes then gets none either.
pub(super) async fn watch(context: Context, mut link: Link, identity: StreamIdentity) {
    let mut checked = link.connects();
    loop {
        tokio::select! {
            is_open = link.later_than(checked) => {
                if !is_open {
                    return;
                }
            }
            () = sleep(CHECK_EVERY) => {}
        }
        checked = link.connects();
        let mut found = check(&context, &identity).await;
        if matches!(found, Found::Gone) && !identity.is_recreated() {
            sleep(ASK_AGAIN_AFTER).await;
            found = check(&context, &identity).await;
        }
        identity.set_silent(matches!(found, Found::Unknown));
        if matches!(found, Found::Gone) {
            identity.mark_recreated("it was deleted");
            return;
        }
    }
}

async fn check(context: &Context, identity: &StreamIdentity) -> Found {
    match StreamFacts::ask_within(CHECK_EVERY, context).await {
        Ok(facts) if identity.confirm(facts.incarnation) => {
            tell(&facts);
            Found::Same
        }
        Ok(_) => Found::Gone,
        Err(error) if error.code() == Some(ErrorCode::STREAM_NOT_FOUND) => Found::Gone,
        Err(error) => {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "the event stream could not be checked"
            );
            Found::Unknown
        }
    }
}

/// Without a limit the second is zero.
#[expect(
    clippy::cast_precision_loss,
    reason = "a gauge is a float; bytes are exact up to 2^53"
)]
fn tell(facts: &StreamFacts) {
    gauge!(LOG_BYTES).set(facts.bytes as f64);
    gauge!(LOG_BYTES_MAX).set(facts.bytes_max.unwrap_or_default() as f64);
}
