//! What a token says of whom it was made for, once its signature holds.

use std::time::Duration;

use ordertrace_domain::Timestamp;
use ordertrace_http::{Principal, Role, Roles};
use serde_json::{Map, Value};

use crate::{Authenticated, Refused, name};

/// The last second that a date may name: the end of the year 9999. Beyond it nobody means a date.
const SECOND_MAX: f64 = 253_402_300_799.0;

/// Reads the claims of a token that counts now.
pub(super) fn read(
    claims: Value,
    now: Timestamp,
    leeway: Duration,
    lifetime_max: Duration,
) -> Result<Authenticated, Refused> {
    let Value::Object(claims) = claims else {
        return Err(Refused::Malformed);
    };
    // `jsonwebtoken` also takes a list of issuers, of which one is ours.
    if !claims.get("iss").is_some_and(Value::is_string) {
        return Err(Refused::Claim("iss"));
    }
    // A principal has one subject, and it is text; `jsonwebtoken` has only seen that it is there.
    let subject = claims.get("sub").and_then(Value::as_str);
    let customer_id = name::customer(subject.ok_or(Refused::Claim("sub"))?)?;
    let principal = Principal {
        id: name::actor(&customer_id)?,
        customer_id,
        roles: roles(&claims)?,
        is_anonymous: false,
    };
    let expires_at = date(&claims, "exp")?.ok_or(Refused::Claim("exp"))?;
    let issued_at = date(&claims, "iat")?.unwrap_or(now);
    if issued_at > now.after(leeway) {
        return Err(Refused::Claim("iat"));
    }
    if expires_at > issued_at.after(lifetime_max) {
        return Err(Refused::Lifetime);
    }
    Ok(Authenticated {
        principal,
        expires_at: Some(expires_at.after(leeway)),
    })
}

/// The words of `scope` (RFC 8693, 4.2) that are roles of ours; the others are for somebody else.
fn roles(claims: &Map<String, Value>) -> Result<Roles, Refused> {
    match claims.get("scope") {
        None => Ok(Roles::NONE),
        Some(Value::String(scope)) => Ok(scope.split(' ').filter_map(Role::named).collect()),
        Some(_) => Err(Refused::Claim("scope")),
    }
}

/// A point in time, in seconds since 1970 that need not be whole (RFC 7519, 2).
fn date(claims: &Map<String, Value>, name: &'static str) -> Result<Option<Timestamp>, Refused> {
    let Some(claim) = claims.get(name) else {
        return Ok(None);
    };
    let seconds = claim
        .as_f64()
        .filter(|seconds| (0.0..=SECOND_MAX).contains(seconds))
        .ok_or(Refused::Claim(name))?;
    Ok(Some(
        Timestamp::from_micros(0).after(Duration::from_secs_f64(seconds)),
    ))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    const NOW: Timestamp = Timestamp::from_micros(1_800_000_000_000_000);
    const HOUR: Duration = Duration::from_secs(3600);

    fn read_now(claims: Value) -> Result<Authenticated, Refused> {
        read(claims, NOW, Duration::from_secs(30), 24 * HOUR)
    }

    fn with(field: &str, value: Value) -> Value {
        let mut claims = json!({
            "iss": "https://issuer.example", "sub": "alice", "exp": 1_800_003_600, "iat": 1_799_999_990,
        });
        claims[field] = value;
        claims
    }

    #[rstest]
    #[case("customer", &[Role::Customer])]
    #[case("openid operator auditor", &[Role::Operator, Role::Auditor])]
    #[case("courier  courier", &[Role::Courier])]
    #[case("Customer", &[])]
    #[case("customer\tcourier", &[])]
    #[case("customer,courier", &[])]
    #[case("", &[])]
    fn the_words_of_the_scope_are_roles(#[case] scope: &str, #[case] roles: &[Role]) {
        let read = read_now(with("scope", scope.into())).unwrap();
        assert_eq!(read.principal.roles, roles.iter().copied().collect());
    }

    #[test]
    fn the_subject_is_who_asks() {
        let read = read_now(with("scope", "customer".into())).unwrap();
        assert_eq!(read.principal.id.as_str(), "alice");
        assert_eq!(read.principal.customer_id.as_str(), "alice");
        assert!(!read.principal.is_anonymous);
        let expires_at = NOW.after(HOUR + Duration::from_secs(30));
        assert_eq!(read.expires_at, Some(expires_at));
    }

    #[rstest]
    #[case::scope_is_a_list("scope", json!(["customer"]))]
    #[case::sub_is_a_number("sub", json!(7))]
    #[case::sub_is_a_list("sub", json!(["alice"]))]
    #[case::sub_is_null("sub", Value::Null)]
    #[case::sub_is_ours("sub", "saga".into())]
    #[case::sub_is_empty("sub", "".into())]
    #[case::sub_is_long("sub", "a".repeat(10_000).into())]
    #[case::several_issuers("iss", json!(["https://issuer.example", "https://evil.example"]))]
    #[case::exp_is_text("exp", "1800003600".into())]
    #[case::exp_is_far("exp", json!(1e300))]
    #[case::exp_is_negative("exp", json!(-1))]
    #[case::iat_is_text("iat", "yesterday".into())]
    #[case::iat_is_null("iat", Value::Null)]
    #[case::issued_in_the_future("iat", json!(1_800_000_031))]
    #[case::issued_long_ago("iat", json!(1_799_910_000))]
    #[case::lasts_too_long("exp", json!(1_800_086_401))]
    fn a_claim_that_is_not_as_it_should_be_refuses_the_token(
        #[case] field: &str,
        #[case] value: Value,
    ) {
        read_now(with(field, value)).unwrap_err();
    }

    #[test]
    fn a_token_that_does_not_say_when_it_was_issued_counts_from_now() {
        let mut claims = with("exp", json!(1_800_086_400));
        claims.as_object_mut().unwrap().remove("iat");
        read_now(claims.clone()).unwrap();
        claims["exp"] = json!(1_800_086_401);
        assert!(matches!(read_now(claims), Err(Refused::Lifetime)));
    }
}
