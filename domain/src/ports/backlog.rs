//! How much work waits, and whether anybody takes it.

use async_trait::async_trait;

use super::LogError;
use crate::Shard;

/// What a durable queue hands out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BacklogKind {
    /// The events of a shard's orders.
    Events,
    /// Their timers that have gone off.
    Timers,
}

impl BacklogKind {
    /// A stable word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::Timers => "timers",
        }
    }
}

/// How far one durable queue has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backlog {
    /// The queue's name, such as `saga-07`.
    pub consumer: String,
    /// What it hands out.
    pub kind: BacklogKind,
    /// Of which orders.
    pub shard: Shard,
    /// How many messages were not handed out yet.
    pub waiting: u64,
    /// How many were handed out and not acknowledged yet.
    pub in_hand: u64,
    /// Whether a process asks for them.
    pub is_active: bool,
}

/// The durable queues, looked at from outside.
#[async_trait]
pub trait Backlogs: Send + Sync {
    /// Every queue there is as it stands now, those of events first, each by the number of its shard.
    ///
    /// # Errors
    /// See [`LogError`].
    async fn backlogs(&self) -> Result<Vec<Backlog>, LogError>;
}
