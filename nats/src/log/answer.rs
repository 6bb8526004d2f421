//! What an answer to an append means. The table was measured on nats-server 2.15.1.
//!
//! Invariant: the server's error is told by its code alone, never by its text, and whatever is not certainly "not stored"
//! is in doubt. It deliberately does not know what was tried before: that is [`super::retry`]'s.

use async_nats::jetstream::ErrorCode;
use async_nats::jetstream::publish::PublishAck;
use async_nats::jetstream::response::Response;
use async_nats::{Message, RequestError, RequestErrorKind};
use ordertrace_domain::{Cause, Sequence};

/// What one try of an append came to.
#[derive(Debug)]
pub(crate) enum Answer {
    /// Stored; the last message stands here.
    Stored(Sequence),
    /// The order has moved on, or the server knows the id: what stands in the log decides, not this answer.
    ReadBack,
    /// This try was not stored; an identical one may be.
    NotNow(Pace, Cause),
    /// Nobody said: stored or not.
    InDoubt(Cause),
    /// This try was not stored, and an identical one will not be.
    Refused(Cause),
}

/// How long it takes until another try makes sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pace {
    /// Another message of the subject is on its way through the replicas: milliseconds.
    InFlight,
    /// The stream has no leader or no room at the moment: up to seconds.
    Unavailable,
}

/// Why there was no answer.
#[derive(Debug, thiserror::Error)]
pub enum NoAnswer {
    /// The server did not answer in time.
    #[error("no answer within {0:?}")]
    TimedOut(std::time::Duration),
    /// The connection was lost while the answer was waited for.
    #[error("the connection was lost")]
    ConnectionLost,
    /// There is no connection, and nothing was sent.
    #[error("not connected")]
    NotConnected,
    /// Nothing listens on the stream's subjects: it has no leader, or there is no stream.
    #[error("the stream has no leader")]
    NoLeader,
    /// The task that waited for the answer is gone.
    #[error("the append was abandoned")]
    Abandoned,
}

/// Reads the reply to an append of `count` messages.
pub(crate) fn classify(reply: Result<Message, RequestError>, count: u64) -> Answer {
    match reply {
        Ok(message) => classify_body(&message.payload, count),
        Err(error) => match error.kind() {
            RequestErrorKind::NoResponders => {
                Answer::NotNow(Pace::Unavailable, NoAnswer::NoLeader.into())
            }
            RequestErrorKind::MaxPayloadExceeded | RequestErrorKind::InvalidSubject => {
                Answer::Refused(error.into())
            }
            RequestErrorKind::TimedOut | RequestErrorKind::Other => Answer::InDoubt(error.into()),
        },
    }
}

fn classify_body(body: &[u8], count: u64) -> Answer {
    match serde_json::from_slice::<Response<PublishAck>>(body) {
        Ok(Response::Ok(ack)) if ack.duplicate => Answer::ReadBack,
        // A batch's answer says how many messages were committed; a plain one says nothing of the kind.
        Ok(Response::Ok(ack)) if ack.batch_size.unwrap_or(1) == count => {
            Answer::Stored(Sequence::new(ack.sequence))
        }
        Ok(Response::Ok(ack)) => Answer::InDoubt(
            format!(
                "{count} messages were sent, the answer is for {:?}",
                ack.batch_size
            )
            .into(),
        ),
        Ok(Response::Err { error }) => classify_code(error.error_code(), error.into()),
        Err(unreadable) => Answer::InDoubt(unreadable.into()),
    }
}

fn classify_code(code: ErrorCode, cause: Cause) -> Answer {
    match code {
        ErrorCode::STREAM_WRONG_LAST_SEQUENCE
        | ErrorCode::ATOMIC_PUBLISH_CONTAINS_DUPLICATE_MESSAGE => Answer::ReadBack,

        ErrorCode::STREAM_WRONG_LAST_SEQUENCE_CONSTANT
        | ErrorCode::STREAM_EXPECTED_LAST_SEQ_PER_SUBJECT_NOT_READY => {
            Answer::NotNow(Pace::InFlight, cause)
        }

        // The id is being stored at this moment, so the next answer tells.
        ErrorCode::STREAM_DUPLICATE_MESSAGE_CONFLICT
        // Too many batches are open; the messages before the last are refused without a word, and the last is then
        // told that the batch is incomplete. The same when the leader changed in the middle of a batch.
        | ErrorCode::ATOMIC_PUBLISH_TOO_MANY_INFLIGHT
        | ErrorCode::ATOMIC_PUBLISH_INCOMPLETE_BATCH
        | ErrorCode::STREAM_TOO_MANY_REQUESTS
        | ErrorCode::CLUSTER_NOT_AVAILABLE
        | ErrorCode::CLUSTER_NOT_LEADER
        | ErrorCode::STREAM_NOT_FOUND
        | ErrorCode::STREAM_OFFLINE
        | ErrorCode::STREAM_OFFLINE_REASON => Answer::NotNow(Pace::Unavailable, cause),

        // A full store (10077, 10047 …), a message too large, a wrong stream (10060), a batch too large (10199): an error
        // reply means that nothing was stored, and none of these pass by themselves.
        _ => Answer::Refused(cause),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn error(code: u64) -> Vec<u8> {
        format!(
            r#"{{"error":{{"code":400,"err_code":{code},"description":"x"}},"stream":"S","seq":0}}"#
        )
        .into_bytes()
    }

    #[test]
    fn an_acknowledgement_is_stored() {
        let answer = classify_body(br#"{"stream":"S","seq":7}"#, 1);
        assert!(matches!(answer, Answer::Stored(at) if at == Sequence::new(7)));
    }

    #[test]
    fn a_batch_is_stored_when_all_of_it_was_committed() {
        let ack = br#"{"stream":"S","seq":9,"batch":"b","count":3}"#;
        assert!(matches!(classify_body(ack, 3), Answer::Stored(at) if at == Sequence::new(9)));
        assert!(matches!(classify_body(ack, 4), Answer::InDoubt(_)));
    }

    #[test]
    fn a_plain_acknowledgement_is_none_for_a_batch() {
        let answer = classify_body(br#"{"stream":"S","seq":7}"#, 2);
        assert!(matches!(answer, Answer::InDoubt(_)));
    }

    #[test]
    fn a_duplicate_is_read_back_since_its_body_may_be_anothers() {
        let answer = classify_body(br#"{"stream":"S","seq":7,"duplicate":true}"#, 1);
        assert!(matches!(answer, Answer::ReadBack));
    }

    #[rstest]
    #[case::wrong_last_sequence(10071)]
    #[case::known_id_in_a_batch(10201)]
    fn what_may_be_our_own_earlier_try_is_read_back(#[case] code: u64) {
        assert!(matches!(classify_body(&error(code), 1), Answer::ReadBack));
    }

    #[rstest]
    #[case::in_flight(10164, Pace::InFlight)]
    #[case::expectation_not_ready(10163, Pace::InFlight)]
    #[case::id_in_process(10158, Pace::Unavailable)]
    #[case::too_many_open_batches(10210, Pace::Unavailable)]
    #[case::incomplete_batch(10176, Pace::Unavailable)]
    #[case::too_many_requests(10167, Pace::Unavailable)]
    #[case::temporarily_unavailable(10008, Pace::Unavailable)]
    #[case::not_leader(10009, Pace::Unavailable)]
    #[case::stream_offline(10118, Pace::Unavailable)]
    fn what_passes_by_itself_is_tried_again(#[case] code: u64, #[case] expected: Pace) {
        let answer = classify_body(&error(code), 1);
        assert!(matches!(answer, Answer::NotNow(pace, _) if pace == expected));
    }

    #[rstest]
    #[case::store_failed(10077)]
    #[case::storage_exceeded(10047)]
    #[case::message_too_large(10054)]
    #[case::header_too_large(10097)]
    #[case::batch_too_large(10199)]
    #[case::wrong_stream(10060)]
    #[case::sealed(10109)]
    #[case::batches_disabled(10174)]
    #[case::unknown(19999)]
    fn any_other_error_reply_means_not_stored(#[case] code: u64) {
        assert!(matches!(classify_body(&error(code), 1), Answer::Refused(_)));
    }

    #[test]
    fn the_text_of_an_error_changes_nothing() {
        let misleading =
            br#"{"error":{"code":400,"err_code":10077,"description":"wrong last sequence: 5"}}"#;
        assert!(matches!(classify_body(misleading, 1), Answer::Refused(_)));
    }

    #[rstest]
    #[case(RequestErrorKind::TimedOut)]
    #[case(RequestErrorKind::Other)]
    fn silence_and_a_broken_pipe_are_in_doubt(#[case] kind: RequestErrorKind) {
        let answer = classify(Err(RequestError::new(kind)), 1);
        assert!(matches!(answer, Answer::InDoubt(_)));
    }

    #[test]
    fn an_answer_that_is_none_is_in_doubt() {
        assert!(matches!(classify_body(b"<html>", 1), Answer::InDoubt(_)));
        assert!(matches!(classify_body(b"{}", 1), Answer::InDoubt(_)));
    }

    #[test]
    fn without_a_leader_nothing_was_stored_yet() {
        let answer = classify(Err(RequestError::new(RequestErrorKind::NoResponders)), 1);
        assert!(matches!(answer, Answer::NotNow(Pace::Unavailable, _)));
    }

    #[test]
    fn what_the_client_refuses_to_send_was_not_stored() {
        let answer = classify(
            Err(RequestError::new(RequestErrorKind::MaxPayloadExceeded)),
            1,
        );
        assert!(matches!(answer, Answer::Refused(_)));
    }
}
