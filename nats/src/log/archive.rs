//! An order's past with the times at which it was recorded.
//!
//! Invariant: which events there are is the reader's word, as for a decision; the messages are read once more only for
//! their times. A replica has them in one request; what it does not have yet, the leader has.

use std::collections::HashMap;

use ordertrace_domain::{
    Freshness, History, LogError, OrderId, RecordedEvent, Sequence, Timestamp,
};

use super::{answer::NoAnswer, message::StoredMessage, reader::Reader};

/// When each message of an order was recorded.
type Times = HashMap<Sequence, Timestamp>;

impl Reader {
    /// See [`ordertrace_domain::EventArchive::events_of`].
    pub(super) async fn recorded(&self, order: OrderId) -> Result<Vec<RecordedEvent>, LogError> {
        let history = self.load(order, Freshness::Current).await?;
        let mut times = Times::new();
        // A replica that is away or behind only costs the leader some requests.
        if let Ok(messages) = self.replica().after(order, Sequence::START).await {
            times.extend(messages.iter().filter_map(time_of));
        }
        self.complete(&history, &mut times).await?;
        let events = history.events().iter();
        let recorded = events.map(|event| {
            let recorded_at = times.get(&event.sequence).copied();
            let recorded_at = recorded_at.ok_or_else(|| gone(event.sequence))?;
            Ok(RecordedEvent {
                event: event.clone(),
                recorded_at,
            })
        });
        recorded.collect()
    }

    /// Asks the leader for the times that are missing; as many requests as the order has events, at the most.
    async fn complete(&self, history: &History, times: &mut Times) -> Result<(), LogError> {
        let mut before = Sequence::START;
        for event in history.events() {
            if !times.contains_key(&event.sequence) {
                let next = self.leader().next(history.order_id(), before).await;
                let message = next.map_err(LogError::Unavailable)?;
                times.extend(message.as_ref().and_then(time_of));
            }
            before = event.sequence;
        }
        Ok(())
    }
}

fn time_of(message: &StoredMessage) -> Option<(Sequence, Timestamp)> {
    Some((message.sequence, message.recorded_at?))
}

/// The leader has an event, and then again not.
fn gone(sequence: Sequence) -> LogError {
    tracing::warn!(
        event.position = sequence.get(),
        "the log did not say when an event was recorded"
    );
    LogError::Unavailable(NoAnswer::NoLeader.into())
}
