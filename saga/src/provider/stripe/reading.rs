//! What an answer over HTTP means, before anybody looks at what was asked.
//!
//! Invariant: only an answer that says so itself counts as "nothing has happened". What is not clearly Stripe saying
//! anything is unknown: a 500, a page of some gateway, half a document. What Stripe says that is neither yes nor no is
//! unclear: it is up, so that nobody else has to wait for it.

use std::time::Duration;

use chrono::{DateTime, Utc};
use ordertrace_domain::Reason;
use reqwest::{
    StatusCode,
    header::{HeaderMap, RETRY_AFTER},
};
use serde::de::DeserializeOwned;

use super::wire::{ApiError, ErrorBody};
use crate::provider::NoAnswer;

/// A longer wish to be left alone is taken for this one: it is a mistake, or a clock that is wrong.
const RETRY_AFTER_MAX: Duration = Duration::from_hours(1);

/// There is no answer to go by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Failure {
    /// It was not done.
    NotAsked {
        reason: Reason,
        retry_after: Option<Duration>,
    },
    /// There was no answer: it may have been done.
    Unknown(Reason),
    /// There was one, but nothing to go by: it may have been done.
    Unclear(Reason),
    /// Nothing new will ever be done under this idempotency key: it stands for a failure that Stripe keeps, or for other
    /// words.
    KeySpent(Reason),
}

impl Failure {
    pub(super) fn unknown(text: &str) -> Self {
        Self::Unknown(Reason::lossy(text))
    }

    pub(super) fn unclear(text: &str) -> Self {
        Self::Unclear(Reason::lossy(text))
    }

    pub(super) fn not_asked(text: &str) -> Self {
        Self::NotAsked {
            reason: Reason::lossy(text),
            retry_after: None,
        }
    }

    /// The same, for a caller that has had something done before.
    pub(super) fn after_the_fact(self) -> Self {
        match self {
            Self::NotAsked { reason, .. } => Self::Unknown(reason),
            Self::Unknown(_) | Self::Unclear(_) | Self::KeySpent(_) => self,
        }
    }
}

impl From<Failure> for NoAnswer {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::NotAsked {
                reason,
                retry_after,
            } => Self::NotAsked {
                reason,
                retry_after,
            },
            Failure::Unknown(reason) => Self::Unknown(reason),
            Failure::Unclear(reason) | Failure::KeySpent(reason) => Self::Unclear(reason),
        }
    }
}

/// Stripe's clear no, with what it says about it.
#[derive(Debug, Clone)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) error: ApiError,
    /// Whether it is what Stripe answered to an earlier request with the same key.
    pub(super) is_replayed: bool,
}

/// An answer as it came in.
#[derive(Debug)]
pub(super) struct RawAnswer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl RawAnswer {
    /// Whether it is about something that our key is not for.
    pub(super) fn is_elsewhere(&self) -> bool {
        let is_no = self.status.is_client_error();
        is_no && self.error().is_some_and(|error| error.is_elsewhere())
    }

    fn error(&self) -> Option<ApiError> {
        let body: Result<ErrorBody, _> = serde_json::from_slice(&self.body);
        body.ok().map(|body| body.error)
    }

    /// Reads yes, no, or neither.
    pub(super) fn read<T: DeserializeOwned>(&self) -> Result<Result<T, Refusal>, Failure> {
        if self.status.is_success() {
            return serde_json::from_slice(&self.body)
                .map(Ok)
                .map_err(|_| Failure::unknown("its answer can't be read"));
        }
        match self.error() {
            _ if self.status == StatusCode::UNAUTHORIZED => {
                Err(Failure::not_asked("it does not accept our secret key"))
            }
            // Another request holds the object: a twin of this one may be at work on it.
            Some(error) if error.has_code("lock_timeout") => {
                Err(Failure::unclear("it is busy with the same payment"))
            }
            _ if self.status == StatusCode::TOO_MANY_REQUESTS => Err(Failure::NotAsked {
                reason: Reason::lossy("it has too many requests at the moment"),
                retry_after: self.retry_after(Utc::now()),
            }),
            _ if self.status.is_server_error() => Err(self.broken()),
            Some(error) if self.status.is_client_error() => self.refused(error).map(Err),
            _ => Err(Failure::Unknown(answered_with(self.status))),
        }
    }

    fn broken(&self) -> Failure {
        let reason = answered_with(self.status);
        if self.is_replayed() {
            Failure::KeySpent(reason)
        } else {
            Failure::Unknown(reason)
        }
    }

    /// Reads an error of Stripe's own.
    fn refused(&self, error: ApiError) -> Result<Refusal, Failure> {
        match self.status {
            StatusCode::FORBIDDEN => {
                Err(Failure::unclear("it does not let our secret key do this"))
            }
            StatusCode::BAD_REQUEST if error.is_of("idempotency_error") => Err(Failure::KeySpent(
                Reason::lossy("it was asked the same in other words"),
            )),
            _ if error.is_elsewhere() => Err(Failure::unclear(
                "our secret key is of another account or mode than what it was asked for",
            )),
            StatusCode::BAD_REQUEST | StatusCode::PAYMENT_REQUIRED | StatusCode::NOT_FOUND => {
                Ok(Refusal {
                    status: self.status,
                    error,
                    is_replayed: self.is_replayed(),
                })
            }
            // Such as a 409: a request with the same key is under way.
            status => Err(Failure::Unclear(answered_with(status))),
        }
    }

    /// Whether this is what Stripe answered to an earlier request with the same key.
    fn is_replayed(&self) -> bool {
        self.headers
            .get("idempotent-replayed")
            .is_some_and(|value| value == "true")
    }

    fn retry_after(&self, now: DateTime<Utc>) -> Option<Duration> {
        let value = self.headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
        let wait = match value.parse() {
            Ok(secs) => Duration::from_secs(secs),
            Err(_) => {
                let at = DateTime::parse_from_rfc2822(value).ok()?;
                (at.to_utc() - now).to_std().unwrap_or_default()
            }
        };
        Some(wait.min(RETRY_AFTER_MAX))
    }
}

pub(super) fn answered_with(status: StatusCode) -> Reason {
    Reason::lossy(&format!("it answered with HTTP {}", status.as_u16()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn answer(status: u16, header: (&'static str, &str), body: &str) -> RawAnswer {
        let mut headers = HeaderMap::new();
        headers.insert(header.0, header.1.parse().unwrap());
        RawAnswer {
            status: StatusCode::from_u16(status).unwrap(),
            headers,
            body: body.as_bytes().to_vec(),
        }
    }

    fn read(status: u16, body: &str) -> Result<Result<u32, Refusal>, Failure> {
        answer(status, ("x-any", "1"), body).read()
    }

    #[rstest]
    #[case(200, "{")]
    #[case(302, "")]
    #[case(400, "<html>no such page</html>")]
    #[case(403, "<html>not here</html>")]
    #[case(404, r#"{"message": "no route"}"#)]
    #[case(500, r#"{"error": {"type": "api_error"}}"#)]
    #[case(502, "<html>bad gateway</html>")]
    fn what_is_not_clearly_of_stripe_is_unknown(#[case] status: u16, #[case] body: &str) {
        let read = read(status, body);
        assert!(matches!(read, Err(Failure::Unknown(_))), "{read:?}");
    }

    #[rstest]
    #[case(403, r#"{"error": {"type": "invalid_request_error"}}"#)]
    #[case(409, r#"{"error": {"type": "idempotency_error"}}"#)]
    #[case(418, r#"{"error": {"type": "invalid_request_error"}}"#)]
    #[case(429, r#"{"error": {"code": "lock_timeout"}}"#)]
    #[case(400, r#"{"error": {"code": "resource_missing", "message": "No such PaymentMethod: 'pm_1'; a similar object exists in test mode, but a live mode key was used to make this request."}}"#)]
    #[case(404, r#"{"error": {"code": "resource_missing", "message": "No such PaymentMethod: 'pm_1'; It's possible this PaymentMethod exists on one of your connected accounts, in which case you should retry this request on that connected account."}}"#)]
    fn what_stripe_says_that_is_neither_yes_nor_no_is_unclear(
        #[case] status: u16,
        #[case] body: &str,
    ) {
        let read = read(status, body);
        assert!(matches!(read, Err(Failure::Unclear(_))), "{read:?}");
    }

    #[rstest]
    #[case(401)]
    #[case(429)]
    fn who_is_turned_away_at_the_door_has_not_asked(#[case] status: u16) {
        let read = read(status, r#"{"error": {"type": "invalid_request_error"}}"#);
        assert!(matches!(read, Err(Failure::NotAsked { .. })), "{read:?}");
    }

    #[rstest]
    #[case(400)]
    #[case(402)]
    #[case(404)]
    fn an_error_of_stripes_own_is_a_refusal(#[case] status: u16) {
        let refusal = read(status, r#"{"error": {"code": "card_declined"}}"#);
        assert!(matches!(refusal, Ok(Err(refusal)) if refusal.error.has_code("card_declined")));
    }

    #[test]
    fn a_replayed_failure_and_changed_words_spend_the_key() {
        let replayed = answer(500, ("idempotent-replayed", "true"), "{}").read::<u32>();
        assert!(matches!(replayed, Err(Failure::KeySpent(_))));
        let changed = read(400, r#"{"error": {"type": "idempotency_error"}}"#);
        assert!(matches!(changed, Err(Failure::KeySpent(_))));
    }

    #[test]
    fn a_refusal_tells_whether_it_was_given_before() {
        let refused = |value| {
            let answer = answer(400, ("idempotent-replayed", value), r#"{"error": {}}"#);
            answer.read::<u32>().unwrap().unwrap_err()
        };
        assert!(refused("true").is_replayed);
        assert!(!refused("false").is_replayed);
    }

    #[test]
    fn once_something_was_done_nothing_says_that_nothing_was() {
        let busy = Failure::not_asked("busy").after_the_fact();
        assert_eq!(busy, Failure::unknown("busy"));
        let unclear = Failure::unclear("what?").after_the_fact();
        assert_eq!(unclear, Failure::unclear("what?"));
    }

    #[rstest]
    #[case("7", Some(7))]
    #[case("Sun, 06 Nov 1994 08:50:07 GMT", Some(30))]
    #[case("Sun, 06 Nov 1994 08:00:00 GMT", Some(0))]
    #[case("999999999", Some(3600))]
    #[case("soon", None)]
    #[case("-1", None)]
    fn a_wish_to_be_asked_later_is_seconds_or_a_date(
        #[case] value: &str,
        #[case] secs: Option<u64>,
    ) {
        let now = DateTime::parse_from_rfc2822("Sun, 06 Nov 1994 08:49:37 GMT").unwrap();
        let wait = answer(429, ("retry-after", value), "").retry_after(now.to_utc());
        assert_eq!(wait, secs.map(Duration::from_secs));
    }
}
