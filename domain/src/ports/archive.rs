//! One order's past, as queries show it.

use async_trait::async_trait;

use super::{LogError, RecordedEvent};
use crate::OrderId;

/// What is asked for an order as it stood at some time, and for all that is stored of it.
#[async_trait]
pub trait EventArchive: Send + Sync {
    /// All events of an order as the log has them now, in their order, each with the time at which it was recorded; none if
    /// there is no such order. It costs as much as the order has events, however long the log is.
    ///
    /// # Errors
    /// See [`LogError`].
    async fn events_of(&self, order: OrderId) -> Result<Vec<RecordedEvent>, LogError>;
}
