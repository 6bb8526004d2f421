//! Messages that wait for an operator, and what became of them: a list of records, of which each message's last one counts.

use async_trait::async_trait;

use super::MemoryLog;
use crate::{
    ActorId, DeadLetter, DeadLetterId, DeadLetterPage, DeadLetters, LogError, Parked, Parking,
    Sequence, Settlement, Timestamp, Verdict,
};

/// All that was ever parked or settled, in that order. Nothing is taken away.
#[derive(Default)]
pub(super) struct Letters {
    records: Vec<DeadLetter>,
}

impl Letters {
    fn last_of(&self, id: &DeadLetterId) -> Option<&DeadLetter> {
        self.records.iter().rev().find(|letter| letter.id() == *id)
    }

    /// Each message as it is now, in the order of their last records.
    fn current(&self) -> impl Iterator<Item = &DeadLetter> {
        let is_last = |letter: &&DeadLetter| {
            let last = self.last_of(&letter.id());
            last.is_some_and(|last| last.record == letter.record)
        };
        self.records.iter().filter(is_last)
    }

    fn put(&mut self, parked: Parked, parked_at: Timestamp, settled: Option<Settlement>) {
        let last = self.records.last().map(|letter| letter.record);
        self.records.push(DeadLetter {
            parked,
            parked_at,
            settled,
            record: last.unwrap_or(Sequence::START).next(),
        });
    }
}

impl MemoryLog {
    /// The messages that wait for an operator, in the order in which they were parked.
    pub fn parked(&self) -> Vec<Parked> {
        let store = self.shared.store();
        let current = store.letters.current();
        let waiting = current.filter(|letter| letter.settled.is_none());
        waiting.map(|letter| letter.parked.clone()).collect()
    }
}

#[async_trait]
impl Parking for MemoryLog {
    async fn park(&self, parked: Parked) -> Result<(), LogError> {
        let now = self.shared.now();
        let mut store = self.shared.answering()?;
        let id = DeadLetterId {
            consumer: parked.consumer.clone(),
            sequence: parked.sequence,
        };
        let last = store.letters.last_of(&id);
        let is_known = last.is_some_and(|letter| {
            letter.settled.is_none() && letter.parked.reason == parked.reason
        });
        if !is_known {
            store.letters.put(parked, now, None);
        }
        drop(store);
        self.shared.announce_change();
        Ok(())
    }
}

#[async_trait]
impl DeadLetters for MemoryLog {
    async fn list(&self, after: Sequence, limit: usize) -> Result<DeadLetterPage, LogError> {
        let store = self.shared.answering()?;
        let mut later = store
            .letters
            .current()
            .filter(|letter| letter.record > after);
        let letters: Vec<DeadLetter> = later.by_ref().take(limit).cloned().collect();
        let end = letters.last().map_or(after, |letter| letter.record);
        let next = later.next().map(|_| end);
        Ok(DeadLetterPage { letters, next })
    }

    async fn find(&self, id: &DeadLetterId) -> Result<Option<DeadLetter>, LogError> {
        Ok(self.shared.answering()?.letters.last_of(id).cloned())
    }

    async fn settle(
        &self,
        letter: &DeadLetter,
        verdict: Verdict,
        by: &ActorId,
    ) -> Result<bool, LogError> {
        let settlement = Settlement {
            verdict,
            by: by.clone(),
            at: self.shared.now(),
        };
        let mut store = self.shared.answering()?;
        let last = store.letters.last_of(&letter.id());
        let is_as_seen = last.is_some_and(|last| last.record == letter.record);
        if is_as_seen {
            let parked = letter.parked.clone();
            store
                .letters
                .put(parked, letter.parked_at, Some(settlement));
        }
        drop(store);
        self.shared.announce_change();
        Ok(is_as_seen)
    }
}
