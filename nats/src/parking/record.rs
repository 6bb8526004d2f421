//! What stands in the stream of parked messages: JSON, for whoever looks with the `nats` CLI.
//!
//! Invariant: a record alone shows the whole letter, so the last one of a subject is all that has to be read. One that
//! can't be read is still shown, by its subject, as waiting: nothing that was parked disappears from the list.

use std::error::Error;

use chrono::DateTime;
use ordertrace_domain::{
    ActorId, DeadLetter, InvalidId, OrderId, Parked, Reason, Sequence, Settlement, Timestamp,
    Verdict,
};
use serde::{Deserialize, Serialize};

use super::shelf::Entry;
use crate::subject::parse_parked;

/// A record's fields. Those of a settlement come after those of the message, which are the same in both.
#[derive(Serialize, Deserialize)]
struct Record {
    sequence: u64,
    order_id: Option<String>,
    consumer: String,
    reason: String,
    attempts: u32,
    /// When the message was parked. A record of that itself does not say so: the server dates it.
    #[serde(skip_serializing_if = "Option::is_none")]
    parked_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    settled: Option<Settled>,
    #[serde(skip_serializing_if = "Option::is_none")]
    settled_by: Option<ActorId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    settled_reason: Option<Reason>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Settled {
    Retried,
    Discarded,
}

/// Why a record can't be read: somebody else wrote it, or a later version of this program.
#[derive(Debug, thiserror::Error)]
pub(super) enum RecordError {
    /// It is not the JSON that it should be.
    #[error("it is no record of a parked message")]
    Json(#[from] serde_json::Error),
    /// It is one of another message than its subject says.
    #[error("it speaks of another message than its subject")]
    Mismatch,
    /// Its order is none.
    #[error("its order has no valid id")]
    Order(#[from] InvalidId),
    /// Its time is none.
    #[error("its time can't be read")]
    Time(#[from] chrono::ParseError),
    /// A settlement that does not say who, or why.
    #[error("it is settled, but {0} is missing")]
    Missing(&'static str),
}

/// The record of a message that waits.
pub(super) fn waiting(parked: &Parked) -> Vec<u8> {
    encode(&Record::of(parked))
}

/// The record of a decision on a message.
pub(super) fn settled(letter: &DeadLetter, verdict: &Verdict, by: &ActorId) -> Vec<u8> {
    let (settled, settled_reason) = match verdict {
        Verdict::Retried => (Settled::Retried, None),
        Verdict::Discarded { reason } => (Settled::Discarded, Some(reason.clone())),
    };
    encode(&Record {
        parked_at: Some(letter.parked_at.to_string()),
        settled: Some(settled),
        settled_by: Some(by.clone()),
        settled_reason,
        ..Record::of(&letter.parked)
    })
}

/// The letter that a record shows.
pub(super) fn read(entry: &Entry) -> Result<DeadLetter, RecordError> {
    let record: Record = serde_json::from_slice(&entry.payload)?;
    let name = parse_parked(&entry.subject);
    if name != Some((record.consumer.as_str(), record.sequence)) {
        return Err(RecordError::Mismatch);
    }
    Ok(DeadLetter {
        settled: record.settlement(entry.recorded_at)?,
        parked_at: record.parked_at()?.unwrap_or(entry.recorded_at),
        parked: record.parked()?,
        record: entry.sequence,
    })
}

/// The same for one that can't be read, as far as its subject tells. `None` if the subject names no message.
pub(super) fn shown(entry: &Entry) -> Option<DeadLetter> {
    let (consumer, sequence) = parse_parked(&entry.subject)?;
    let letter = read(entry).unwrap_or_else(|error| DeadLetter {
        parked: Parked {
            sequence: Sequence::new(sequence),
            order_id: None,
            consumer: consumer.to_owned(),
            reason: unreadable(&error),
            attempts: 0,
        },
        parked_at: entry.recorded_at,
        settled: None,
        record: entry.sequence,
    });
    Some(letter)
}

fn unreadable(error: &RecordError) -> String {
    let source = error.source().map(|source| format!(": {source}"));
    let source = source.unwrap_or_default();
    format!("the record of this parked message can't be read: {error}{source}")
}

#[expect(
    clippy::expect_used,
    reason = "a record is plain data with named fields: it has a JSON form"
)]
fn encode(record: &Record) -> Vec<u8> {
    serde_json::to_vec(record).expect("a record has a JSON form")
}

impl Record {
    fn of(parked: &Parked) -> Self {
        Self {
            sequence: parked.sequence.get(),
            order_id: parked.order_id.map(|order| order.to_string()),
            consumer: parked.consumer.clone(),
            reason: parked.reason.clone(),
            attempts: parked.attempts,
            parked_at: None,
            settled: None,
            settled_by: None,
            settled_reason: None,
        }
    }

    fn parked(self) -> Result<Parked, RecordError> {
        let order_id = self.order_id.map(|id| OrderId::parse(&id)).transpose()?;
        Ok(Parked {
            sequence: Sequence::new(self.sequence),
            order_id,
            consumer: self.consumer,
            reason: self.reason,
            attempts: self.attempts,
        })
    }

    fn parked_at(&self) -> Result<Option<Timestamp>, RecordError> {
        let time = self.parked_at.as_deref();
        let time = time.map(DateTime::parse_from_rfc3339).transpose()?;
        Ok(time.map(|time| time.to_utc().into()))
    }

    fn settlement(&self, at: Timestamp) -> Result<Option<Settlement>, RecordError> {
        let Some(settled) = self.settled else {
            return Ok(None);
        };
        let verdict = match (settled, &self.settled_reason) {
            (Settled::Retried, _) => Verdict::Retried,
            (Settled::Discarded, Some(reason)) => Verdict::Discarded {
                reason: reason.clone(),
            },
            (Settled::Discarded, None) => return Err(RecordError::Missing("settled_reason")),
        };
        let by = self.settled_by.clone();
        let by = by.ok_or(RecordError::Missing("settled_by"))?;
        Ok(Some(Settlement { verdict, by, at }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const NOW: Timestamp = Timestamp::from_micros(1_700_000_000_000_001);
    const WAITING: &str = r#"{"sequence":7,"order_id":"01890a5d-ac96-774b-bcce-b302099a8057","consumer":"saga","reason":"no \"reason\"","attempts":3}"#;

    fn letter() -> DeadLetter {
        DeadLetter {
            parked: Parked {
                sequence: Sequence::new(7),
                order_id: OrderId::parse("01890a5d-ac96-774b-bcce-b302099a8057").ok(),
                consumer: "saga".to_owned(),
                reason: "no \"reason\"".to_owned(),
                attempts: 3,
            },
            parked_at: NOW,
            settled: None,
            record: Sequence::new(1),
        }
    }

    fn entry(payload: &[u8]) -> Entry {
        Entry {
            sequence: Sequence::new(1),
            recorded_at: NOW,
            subject: "ordertrace.dlq.saga.7".to_owned(),
            id: None,
            payload: payload.to_vec().into(),
        }
    }

    #[test]
    fn a_waiting_message_is_json_as_it_always_was() {
        let written = waiting(&letter().parked);
        assert_eq!(String::from_utf8(written).unwrap(), WAITING);
        assert_eq!(read(&entry(WAITING.as_bytes())).unwrap(), letter());
    }

    #[rstest]
    #[case(Verdict::Retried, r#""settled":"retried","settled_by":"ada""#)]
    #[case(
        Verdict::Discarded { reason: Reason::lossy("a test") },
        r#""settled":"discarded","settled_by":"ada","settled_reason":"a test""#
    )]
    fn a_settlement_shows_the_message_and_the_decision(
        #[case] verdict: Verdict,
        #[case] decision: &str,
    ) {
        let by = ActorId::parse("ada").unwrap();
        let written = settled(&letter(), &verdict, &by);
        let message = WAITING.trim_end_matches('}');
        let expected =
            format!(r#"{message},"parked_at":"2023-11-14T22:13:20.000001Z",{decision}}}"#);
        assert_eq!(String::from_utf8(written.clone()).unwrap(), expected);

        let at = NOW.after(std::time::Duration::from_secs(1));
        let record = Entry {
            recorded_at: at,
            ..entry(&written)
        };
        let expected = DeadLetter {
            settled: Some(Settlement { verdict, by, at }),
            ..letter()
        };
        assert_eq!(read(&record).unwrap(), expected);
    }

    #[rstest]
    #[case("")]
    #[case("garbage")]
    #[case("{}")]
    #[case(&WAITING.replace("\"saga\"", "\"other\""))]
    #[case(&WAITING.replace(":7", ":8"))]
    #[case(&WAITING.replace("01890a5d", "x"))]
    #[case(&WAITING.replace('}', r#","settled":"postponed","settled_by":"ada"}"#))]
    #[case(&WAITING.replace('}', r#","settled":"retried"}"#))]
    #[case(&WAITING.replace('}', r#","settled":"discarded","settled_by":"ada"}"#))]
    #[case(&WAITING.replace('}', r#","settled":"retried","settled_by":"ada","parked_at":"now"}"#))]
    fn what_can_not_be_read_is_shown_as_waiting(#[case] payload: &str) {
        let entry = entry(payload.as_bytes());
        assert!(read(&entry).is_err());
        let shown = shown(&entry).unwrap();
        assert_eq!(
            (shown.parked.consumer.as_str(), shown.parked.sequence),
            ("saga", Sequence::new(7))
        );
        assert_eq!(shown.settled, None);
        assert!(shown.parked.reason.contains("can't be read"), "{shown:?}");
    }

    #[test]
    fn a_field_of_a_later_version_does_no_harm() {
        let later = WAITING.replace('}', r#","colour":"blue"}"#);
        assert_eq!(read(&entry(later.as_bytes())).unwrap(), letter());
    }

    #[test]
    fn a_subject_that_names_no_message_shows_none() {
        let foreign = Entry {
            subject: "ordertrace.dlq.notes".to_owned(),
            ..entry(b"")
        };
        assert_eq!(shown(&foreign), None);
    }
}
