//! Messages that wait for an operator.

use async_trait::async_trait;

use super::MemoryLog;
use crate::{LogError, Parked, Parking};

impl MemoryLog {
    /// The parked messages, in the order in which they were first parked.
    pub fn parked(&self) -> Vec<Parked> {
        self.shared.store().parked.clone()
    }
}

#[async_trait]
impl Parking for MemoryLog {
    async fn park(&self, parked: Parked) -> Result<(), LogError> {
        let mut store = self.shared.answering()?;
        let is_known = store
            .parked
            .iter()
            .any(|known| known.sequence == parked.sequence && known.consumer == parked.consumer);
        if !is_known {
            store.parked.push(parked);
        }
        drop(store);
        self.shared.announce_change();
        Ok(())
    }
}
