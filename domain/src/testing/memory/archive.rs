//! An order's past, from the messages in memory.

use async_trait::async_trait;

use super::MemoryLog;
use crate::{EventArchive, FeedItem, LogError, OrderId, RecordedEvent};

#[async_trait]
impl EventArchive for MemoryLog {
    async fn events_of(&self, order: OrderId) -> Result<Vec<RecordedEvent>, LogError> {
        let store = self.shared.answering()?;
        let history = store.history(order)?;
        let messages = history
            .events()
            .iter()
            .map(|event| store.message(event.sequence));
        let recorded = messages.filter_map(|message| match message {
            Some(FeedItem::Event(recorded)) => Some(recorded),
            Some(FeedItem::Unreadable(_)) | None => None,
        });
        Ok(recorded.collect())
    }
}
