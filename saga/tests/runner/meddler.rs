//! Somebody else at work on the same log, at the worst moment: right before an append of the saga's, or on a leader that lags.

use std::sync::{
    Arc, Mutex, MutexGuard,
    atomic::{AtomicBool, Ordering},
};

use ordertrace_domain::{CommandRequest, Draft, Executor, History, Version};

/// What happens to a saga's reads and appends behind its back.
#[derive(Clone)]
pub(crate) struct Meddler {
    executor: Executor,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    /// The name of the event that somebody is quicker than, and with what.
    before_append: Mutex<Option<(&'static str, CommandRequest)>>,
    is_leader_behind: AtomicBool,
}

impl Meddler {
    pub(crate) fn new(executor: Executor) -> Self {
        Self {
            executor,
            shared: Arc::default(),
        }
    }

    /// Right before the saga appends the next event of this name, somebody gives this command.
    pub(crate) fn is_quicker_than(&self, event: &'static str, request: CommandRequest) {
        let mut planned = self.planned();
        *planned = Some((event, request));
    }

    /// Whether what was planned has happened.
    pub(crate) fn was_quicker(&self) -> bool {
        self.planned().is_none()
    }

    /// Whether even the leader's reads lack the order's last event.
    pub(crate) fn leader_is_behind(&self, is_behind: bool) {
        self.shared
            .is_leader_behind
            .store(is_behind, Ordering::SeqCst);
    }

    pub(crate) async fn before_append(&self, events: &[Draft]) {
        let is_named = |name| {
            let mut drafts = events.iter();
            drafts.any(|draft| draft.envelope.event.event_type().name == name)
        };
        let planned = self.planned().take_if(|(name, _)| is_named(*name));
        if let Some((_, request)) = planned {
            let outcome = self.executor.execute(&request).await.expect("an answer");
            outcome.expect("the command is carried out");
        }
    }

    fn planned(&self) -> MutexGuard<'_, Option<(&'static str, CommandRequest)>> {
        self.shared.before_append.lock().expect("nobody panicked")
    }

    /// What the saga gets to see of a history.
    pub(crate) fn shown(&self, history: History) -> History {
        if self.shared.is_leader_behind.load(Ordering::SeqCst) {
            let before = history.version().get().saturating_sub(1);
            return history.until(Version::new(before));
        }
        history
    }
}
