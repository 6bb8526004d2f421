//! Checkpoints, in a list.

use async_trait::async_trait;

use super::{AppendFault, MemoryLog, Shared};
use crate::{AppendError, Checkpoints, LogError, RecordedAt, Sequence, StoredCheckpoint};

#[async_trait]
impl Checkpoints for MemoryLog {
    async fn last(&self) -> Result<Option<StoredCheckpoint>, LogError> {
        Ok(self.shared.answering()?.checkpoints.last().cloned())
    }

    async fn after(
        &self,
        number: Sequence,
        limit: usize,
    ) -> Result<Vec<StoredCheckpoint>, LogError> {
        let store = self.shared.answering()?;
        let later = store.checkpoints.iter().filter(|it| it.number > number);
        Ok(later.take(limit).cloned().collect())
    }

    async fn append(&self, behind: Sequence, note: &[u8]) -> Result<Sequence, AppendError> {
        let fault = self.shared.store().faults.checkpoints.pop_front();
        match fault {
            Some(AppendFault::Conflict) => Err(AppendError::Conflict),
            Some(AppendFault::NotStored) => Err(AppendError::NotStored("a fault".into())),
            Some(AppendFault::LostAndUnknown) => Err(AppendError::OutcomeUnknown("a fault".into())),
            Some(AppendFault::StoredButUnknown) => {
                // A refusal gets lost on the way back just as well.
                let _ = self.shared.append_checkpoint(behind, note);
                Err(AppendError::OutcomeUnknown("a fault".into()))
            }
            None => self.shared.append_checkpoint(behind, note),
        }
    }
}

impl Shared {
    fn append_checkpoint(&self, behind: Sequence, note: &[u8]) -> Result<Sequence, AppendError> {
        let now = self.now().micros().saturating_mul(1_000);
        let mut store = self.answering().map_err(|error| match error {
            LogError::Recreated => AppendError::Recreated,
            error => AppendError::NotStored(error.into()),
        })?;
        let number = behind.next();
        if store.checkpoints_end == behind {
            store.checkpoints_end = number;
            store.checkpoints.push(StoredCheckpoint {
                number,
                recorded_at: RecordedAt::from_nanos(now),
                note: note.to_vec(),
            });
            return Ok(number);
        }
        let mut checkpoints = store.checkpoints.iter();
        let is_there = checkpoints.any(|it| it.number == number && it.note == note);
        is_there.then_some(number).ok_or(AppendError::Conflict)
    }
}
