//! Parks messages that could not be handled, and lets an operator settle them.
//!
//! Each message has a subject of its own, and there a short history: parked, then retried or discarded, perhaps parked
//! again. The last record says how it stands. Invariant: a record is put behind the one that its writer saw, so a message
//! is parked once for one reason however many park it, and a decision holds for what the operator saw. Nothing is deleted
//! here, and nothing is told as news: whoever parks a message says so.

#[cfg(feature = "fuzzing")]
pub(crate) mod fuzzing;
mod listing;
mod record;
mod shelf;

use std::time::Duration;

use async_trait::async_trait;
use ordertrace_domain::{
    ActorId, DeadLetter, DeadLetterId, DeadLetterPage, DeadLetters, LogError, Parked, Parking,
    Sequence, Verdict,
};
use tokio::time::timeout;

use crate::connection::Connection;
use crate::subject;
use shelf::Shelf;

/// How often a message is tried to be parked while others write of it too. There are few: an operator who settles it,
/// and the consumers it is redelivered to, of which the first that parks it for a reason does so for all.
const TRIES_MAX: u32 = 8;

/// How long a part of the list may take: a long one takes a second, and a cluster's election seven.
const LIST_BUDGET: Duration = Duration::from_secs(15);

/// A consumer's name that can't stand in a subject: a mistake of the caller.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no name for a consumer: lowercase letters, digits and hyphens")]
pub struct InvalidConsumerName(String);

/// Others wrote of the message at every try to park it. It will be delivered again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("others wrote of the message each of {TRIES_MAX} times that it was to be parked")]
struct Contended;

/// [`Parking`] and [`DeadLetters`] over JetStream.
#[derive(Debug, Clone)]
pub struct JetStreamParking {
    shelf: Shelf,
}

impl JetStreamParking {
    /// The topology must be there.
    pub fn new(connection: &Connection) -> Self {
        Self {
            shelf: Shelf::new(connection),
        }
    }

    /// Whether it was parked, and did not wait already for the same reason.
    async fn park_once(&self, subject: &str, parked: &Parked) -> Result<bool, LogError> {
        // Most messages were never parked before.
        let mut behind = Sequence::START;
        for _ in 0..TRIES_MAX {
            let record = record::waiting(parked);
            let put = self.shelf.put(subject, behind, record).await;
            if put.map_err(LogError::Unavailable)? {
                return Ok(true);
            }
            let last = self.shelf.last(subject).await;
            behind = match last.map_err(LogError::Unavailable)? {
                Some(entry) if is_known(&entry, parked) => return Ok(false),
                Some(entry) => entry.sequence,
                None => Sequence::START,
            };
        }
        Err(LogError::Unavailable(Contended.into()))
    }
}

#[async_trait]
impl Parking for JetStreamParking {
    async fn park(&self, parked: Parked) -> Result<(), LogError> {
        let subject = subject_of(&parked.consumer, parked.sequence)?;
        let is_news = self.park_once(&subject, &parked).await?;
        tracing::debug!(
            consumer.name = parked.consumer,
            message.sequence = parked.sequence.get(),
            is_news,
            "a message is on record as parked"
        );
        Ok(())
    }
}

#[async_trait]
impl DeadLetters for JetStreamParking {
    async fn list(&self, after: Sequence, limit: usize) -> Result<DeadLetterPage, LogError> {
        let page = listing::list(&self.shelf, after, limit);
        let page = timeout(LIST_BUDGET, page).await;
        let page = page.map_err(|elapsed| LogError::Unavailable(elapsed.into()))?;
        page.map_err(LogError::Unavailable)
    }

    async fn find(&self, id: &DeadLetterId) -> Result<Option<DeadLetter>, LogError> {
        // A name that nobody can have parked under; it comes from outside.
        let Ok(subject) = subject_of(&id.consumer, id.sequence) else {
            return Ok(None);
        };
        let last = self.shelf.last(&subject).await;
        let last = last.map_err(LogError::Unavailable)?;
        Ok(last.as_ref().and_then(record::shown))
    }

    async fn settle(
        &self,
        letter: &DeadLetter,
        verdict: Verdict,
        by: &ActorId,
    ) -> Result<bool, LogError> {
        let subject = subject_of(&letter.parked.consumer, letter.parked.sequence)?;
        let record = record::settled(letter, &verdict, by);
        let put = self.shelf.put(&subject, letter.record, record).await;
        put.map_err(LogError::Unavailable)
    }
}

/// Whether this record shows the message as waiting, for this very reason. Another reason may be graver than what an
/// operator has seen so far, and a record that can't be read says nothing at all: in both cases it is parked anew.
fn is_known(entry: &shelf::Entry, parked: &Parked) -> bool {
    record::read(entry)
        .is_ok_and(|letter| letter.settled.is_none() && letter.parked.reason == parked.reason)
}

fn subject_of(consumer: &str, sequence: Sequence) -> Result<String, LogError> {
    if subject::is_consumer_name(consumer) {
        Ok(subject::parked(consumer, sequence.get()))
    } else {
        let invalid = InvalidConsumerName(consumer.to_owned());
        Err(LogError::Unavailable(invalid.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("")]
    #[case("*")]
    #[case(">")]
    #[case("a.b")]
    #[case("a b")]
    fn a_name_that_would_change_the_subject_is_refused(#[case] name: &str) {
        assert!(subject_of(name, Sequence::new(7)).is_err());
    }

    #[test]
    fn a_message_has_a_subject_of_its_own() {
        let subject = subject_of("saga", Sequence::new(7)).unwrap();
        assert_eq!(subject, "ordertrace.dlq.saga.7");
    }
}
