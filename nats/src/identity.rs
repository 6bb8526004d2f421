//! Which log this process works on, and whether it still is that log.
//!
//! Invariant: once the stream is known to be another one, it stays so for the life of the process. Whoever finds out
//! says so here; whoever reads or writes asks here first. It deliberately does not ask the server itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ordertrace_domain::Incarnation;
use tokio::sync::watch;

/// The stream that this process was started on; clones share what is found out about it.
#[derive(Debug, Clone)]
pub struct StreamIdentity {
    incarnation: Incarnation,
    recreated: Arc<watch::Sender<bool>>,
    silent: Arc<AtomicBool>,
}

impl StreamIdentity {
    /// The stream of this incarnation, as it was found at the start.
    pub fn new(incarnation: Incarnation) -> Self {
        Self {
            incarnation,
            recreated: Arc::new(watch::Sender::new(false)),
            silent: Arc::new(AtomicBool::new(false)),
        }
    }

    /// The incarnation that was found at the start.
    pub fn incarnation(&self) -> Incarnation {
        self.incarnation
    }

    /// Whether the stream was found to be another one since.
    pub fn is_recreated(&self) -> bool {
        *self.recreated.borrow()
    }

    /// Whether the server did not answer when it was last asked about the stream.
    pub fn is_silent(&self) -> bool {
        self.silent.load(Ordering::Relaxed)
    }

    pub(crate) fn set_silent(&self, is_silent: bool) {
        self.silent.store(is_silent, Ordering::Relaxed);
    }

    /// Waits until the stream is found to be another one, if it ever is.
    pub async fn recreated(&self) {
        // The sender is ours, so the wait ends by the news only.
        let _ = self.recreated.subscribe().wait_for(|gone| *gone).await;
    }

    /// Compares with the incarnation that the server shows now; another one is remembered. Says whether it is the same.
    pub fn confirm(&self, found: Incarnation) -> bool {
        if found != self.incarnation {
            self.mark_recreated(&format!("its incarnation is {found} now"));
        }
        !self.is_recreated()
    }

    /// Remembers that the stream is another one, and logs it the first time.
    pub fn mark_recreated(&self, evidence: &str) {
        if !self.recreated.send_replace(true) {
            tracing::error!(
                stream.incarnation = %self.incarnation,
                evidence,
                "the event stream was deleted or re-created: nothing is read from it or appended to it any more"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recreated_stream_stays_so_for_all_who_share_it() {
        let started_on = Incarnation::from_created_nanos(1);
        let identity = StreamIdentity::new(started_on);
        let shared = identity.clone();
        assert!(identity.confirm(started_on));
        assert!(!identity.confirm(Incarnation::from_created_nanos(2)));
        assert!(!shared.confirm(started_on));
        assert!(shared.is_recreated());
    }
}
