//! Notices that the event stream was deleted and created anew.

use std::time::Duration;

use async_nats::jetstream::Context;
use tokio::time::sleep;

use super::Link;
use crate::facts::StreamFacts;
use crate::identity::StreamIdentity;

/// A stream that is created anew while the connection holds is noticed as late as this by who only appends.
const CHECK_EVERY: Duration = Duration::from_secs(30);

/// Runs until the stream is found to be another one, or the connection is closed. A check that gets no answer is made
/// again in its turn: whoever reads or writes then gets none either.
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
        match StreamFacts::ask_within(CHECK_EVERY, &context).await {
            Ok(facts) if !identity.confirm(facts.incarnation) => return,
            Ok(_) => {}
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "the event stream could not be checked"
                );
            }
        }
    }
}
