//! What an answer over HTTP means, before anybody looks at what was asked.
//!
//! Invariant: only an answer that says so itself counts as "nothing has happened". Everything that is not clearly Stripe
//! saying yes or no is unknown: a 500, a page of some gateway, half a document.

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
    /// It may have been done.
    Unknown(Reason),
    /// It was not done, nor ever will be under this idempotency key: the key stands for a failure that Stripe keeps, or
    /// for other words.
    KeySpent(Reason),
}

impl Failure {
    pub(super) fn unknown(text: &str) -> Self {
        Self::Unknown(Reason::lossy(text))
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
            Self::NotAsked { reason, .. } | Self::Unknown(reason) | Self::KeySpent(reason) => {
                Self::Unknown(reason)
            }
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
            Failure::Unknown(reason) | Failure::KeySpent(reason) => Self::Unknown(reason),
        }
    }
}

/// Stripe's clear no, with what it says about it.
#[derive(Debug, Clone)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) error: ApiError,
}

/// An answer as it came in.
#[derive(Debug)]
pub(super) struct RawAnswer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl RawAnswer {
    /// Whether Stripe does not take our secret, or won't let it do this.
    pub(super) fn is_locked_out(&self) -> bool {
        matches!(
            self.status,
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN
        )
    }

    /// Reads yes, no, or neither.
    pub(super) fn read<T: DeserializeOwned>(&self) -> Result<Result<T, Refusal>, Failure> {
        if self.status.is_success() {
            return serde_json::from_slice(&self.body)
                .map(Ok)
                .map_err(|_| Failure::unknown("its answer can't be read"));
        }
        let error = serde_json::from_slice(&self.body)
            .ok()
            .map(|body: ErrorBody| body.error);
        // Another request holds the object: a twin of this one may be at work on it.
        if error
            .as_ref()
            .is_some_and(|error| error.has_code("lock_timeout"))
        {
            return Err(Failure::unknown("it is busy with the same payment"));
        }
        match (self.status, error) {
            (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN, _) => {
                Err(Failure::not_asked("it does not accept our secret key"))
            }
            (StatusCode::TOO_MANY_REQUESTS, _) => Err(Failure::NotAsked {
                reason: Reason::lossy("it has too many requests at the moment"),
                retry_after: self.retry_after(Utc::now()),
            }),
            (StatusCode::BAD_REQUEST, Some(error)) if error.is_of("idempotency_error") => Err(
                Failure::KeySpent(Reason::lossy("it was asked the same in other words")),
            ),
            (
                status @ (StatusCode::BAD_REQUEST
                | StatusCode::PAYMENT_REQUIRED
                | StatusCode::NOT_FOUND),
                Some(error),
            ) => Ok(Err(Refusal { status, error })),
            (status, _) if status.is_server_error() && self.is_replayed() => {
                Err(Failure::KeySpent(answered_with(status)))
            }
            (status, _) => Err(Failure::Unknown(answered_with(status))),
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
    #[case(404, r#"{"message": "no route"}"#)]
    #[case(409, r#"{"error": {"type": "idempotency_error"}}"#)]
    #[case(429, r#"{"error": {"code": "lock_timeout"}}"#)]
    #[case(500, r#"{"error": {"type": "api_error"}}"#)]
    #[case(502, "<html>bad gateway</html>")]
    fn what_is_not_clearly_yes_or_no_is_unknown(#[case] status: u16, #[case] body: &str) {
        let read = read(status, body);
        assert!(matches!(read, Err(Failure::Unknown(_))), "{read:?}");
    }

    #[rstest]
    #[case(401)]
    #[case(403)]
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
