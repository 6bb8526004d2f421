//! Loading and appending.

use async_trait::async_trait;

use super::{AppendFault, MemoryLog, store::Store};
use crate::{
    AppendError, Draft, EventLog, Freshness, History, Incarnation, LogError, OrderId, Timestamp,
    Version,
};

#[async_trait]
impl EventLog for MemoryLog {
    fn incarnation(&self) -> Incarnation {
        self.shared.incarnation
    }

    async fn load(&self, order: OrderId, freshness: Freshness) -> Result<History, LogError> {
        let store = self.shared.answering()?;
        let history = store.history(order)?;
        let is_stale = freshness == Freshness::MayBeStale && store.faults.reads_are_stale;
        let lag = u64::from(is_stale);
        Ok(history.until(Version::new(history.version().get().saturating_sub(lag))))
    }

    async fn append(&self, base: &History, events: Vec<Draft>) -> Result<History, AppendError> {
        let recorded_at = self.shared.now();
        let fault = self.shared.store().faults.appends.pop_front();
        let answer = match fault {
            Some(AppendFault::Conflict) => Err(AppendError::Conflict),
            Some(AppendFault::NotStored) => Err(AppendError::NotStored("a fault".into())),
            Some(AppendFault::LostAndUnknown) => Err(AppendError::OutcomeUnknown("a fault".into())),
            Some(AppendFault::StoredButUnknown) => {
                // A refusal gets lost on the way back just as well.
                let _ = append(&mut self.shared.store(), base, &events, recorded_at);
                Err(AppendError::OutcomeUnknown("a fault".into()))
            }
            None => match self.shared.answering() {
                Ok(mut store) => append(&mut store, base, &events, recorded_at),
                Err(LogError::Recreated) => Err(AppendError::Recreated),
                Err(error) => Err(AppendError::NotStored(error.into())),
            },
        };
        self.shared.announce_change();
        answer
    }
}

/// What the stream's leader does with an append: the expectation first, then all of it or nothing.
fn append(
    store: &mut Store,
    base: &History,
    events: &[Draft],
    recorded_at: Timestamp,
) -> Result<History, AppendError> {
    let order = base.order_id();
    if base.last_sequence() != store.last_of(order) {
        return Err(AppendError::Conflict);
    }
    // A draft that does not follow is a mistake of the caller, which a server would not notice.
    let following = store.following(base, events);
    let history = following.map_err(|error| AppendError::NotStored(error.into()))?;
    let mut expected = Some(base.last_sequence());
    for draft in events {
        store.write(order, &draft.payload, expected.take(), recorded_at);
    }
    Ok(history)
}
