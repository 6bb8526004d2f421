//! What a request brings: names in the path, a body that may be left out. All of it is read strictly: what is not understood is
//! refused, never ignored.

use axum::{
    extract::{FromRequestParts, Path},
    http::request::Parts,
};
use ordertrace_domain::{DeadLetterId, OrderId, Sequence};
use ordertrace_http::{
    Faulty, Fields, FromJson, Json, JsonBody, Problem, ProblemKind, check_accept,
};

/// The longest name of a consumer: ours have a few letters, and a subject of NATS has to stay short.
const CONSUMER_CHARS_MAX: usize = 32;

/// The client takes JSON.
pub(super) struct TakesJson;

impl<S: Sync> FromRequestParts<S> for TakesJson {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        check_accept(&parts.headers).map(|()| Self)
    }
}

/// The order in a path.
pub(super) struct OrderPath(pub(super) OrderId);

impl<S: Send + Sync> FromRequestParts<S> for OrderPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let text = segment(parts, state).await?;
        OrderId::parse(&text)
            .map(Self)
            .map_err(|error| no_id(error.to_string()))
    }
}

/// The parked message in a path, such as `saga.17`.
pub(super) struct LetterPath(pub(super) DeadLetterId);

impl<S: Send + Sync> FromRequestParts<S> for LetterPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let text = segment(parts, state).await?;
        parse_letter_id(&text)
            .map(Self)
            .ok_or_else(|| no_id("a parked message has a name such as saga.17"))
    }
}

async fn segment<S: Send + Sync>(parts: &mut Parts, state: &S) -> Result<String, Problem> {
    let path = Path::<String>::from_request_parts(parts, state).await;
    path.map(|Path(text)| text)
        .map_err(|_| no_id("the path holds bytes that are no text"))
}

fn no_id(detail: impl Into<String>) -> Problem {
    Problem::new(ProblemKind::InvalidId, detail)
}

/// The name of a parked message, in exactly the form in which it is given out.
pub(super) fn letter_id(id: &DeadLetterId) -> String {
    format!("{}.{}", id.consumer, id.sequence)
}

fn parse_letter_id(text: &str) -> Option<DeadLetterId> {
    let (consumer, number) = text.split_once('.')?;
    let is_name = (1..=CONSUMER_CHARS_MAX).contains(&consumer.len())
        && consumer
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
    let id = DeadLetterId {
        consumer: consumer.to_owned(),
        sequence: Sequence::new(number.parse().ok()?),
    };
    let is_message = id.sequence > Sequence::START;
    (is_name && is_message && letter_id(&id) == text).then_some(id)
}

/// Whether a call is only to be checked, and nothing done. A body that may be left out; then it is meant.
#[derive(Default)]
pub(super) struct DryRun {
    pub(super) is_dry: bool,
}

impl FromJson for DryRun {
    fn from_json(fields: &mut Fields<'_>) -> Result<Self, Faulty> {
        let is_dry = fields.optional("dryRun", Json::truth)?;
        Ok(Self {
            is_dry: is_dry.unwrap_or_default(),
        })
    }
}

impl DryRun {
    /// What the body says, if there is one.
    pub(super) fn of(body: Option<JsonBody<Self>>) -> Self {
        body.map(|JsonBody(given)| given).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[test]
    fn the_name_of_a_parked_message_reads_back() {
        let id = parse_letter_id("saga.17").unwrap();
        assert_eq!((id.consumer.as_str(), id.sequence.get()), ("saga", 17));
        assert_eq!(letter_id(&id), "saga.17");
    }

    #[rstest]
    #[case("")]
    #[case("17")]
    #[case("saga")]
    #[case("saga.")]
    #[case(".17")]
    #[case("saga.0")]
    #[case("saga.017")]
    #[case("saga.+17")]
    #[case("saga.17.1")]
    #[case("Saga.17")]
    #[case("sa*ga.17")]
    #[case("saga.18446744073709551616")]
    #[case("a-name-of-more-than-thirty-two-letters.17")]
    fn any_other_name_is_refused(#[case] text: &str) {
        assert_eq!(parse_letter_id(text), None);
    }
}
