//! The place for messages that could not be handled.

use async_trait::async_trait;

use super::LogError;
use crate::{OrderId, Sequence};

/// A message that waits for an operator: a pointer to it, not a copy, so that it is read anew when it is retried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parked {
    /// Where the message stands in the log.
    pub sequence: Sequence,
    /// Whose it is, if that can be told.
    pub order_id: Option<OrderId>,
    /// Who could not handle it.
    pub consumer: String,
    /// Why.
    pub reason: String,
    /// How often it was tried.
    pub attempts: u32,
}

/// The place for messages that could not be handled.
#[async_trait]
pub trait Parking: Send + Sync {
    /// Records durably that a message waits. To park it twice is to park it once.
    ///
    /// # Errors
    /// See [`LogError`].
    async fn park(&self, parked: Parked) -> Result<(), LogError>;
}
