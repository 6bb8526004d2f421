//! Tokens that must not count. Each but for one thing is as it should be.

use serde_json::{Value, json};

use super::issuer::{
    AUDIENCE, Draft, ISSUER, KEYS, base64, public_rsa_as_secrets, signed, strange_jwk,
};

fn rsa() -> Draft {
    Draft::new("RS256", "rsa")
}

pub(crate) fn ed() -> Draft {
    Draft::new("EdDSA", "ed")
}

fn now() -> i64 {
    chrono::Utc::now().timestamp()
}

/// All of them, each with what is wrong with it.
pub(crate) fn all() -> Vec<(&'static str, String)> {
    [
        algorithms(),
        elsewhere(),
        headers(),
        dates(),
        claims(),
        bytes(),
    ]
    .concat()
}

/// The algorithm is not what it should be.
fn algorithms() -> Vec<(&'static str, String)> {
    let unsigned = |alg| {
        let token = rsa().header("alg", alg).sign();
        token[..=token.rfind('.').unwrap()].to_owned()
    };
    let mut all = vec![
        ("none", unsigned("none")),
        ("None", unsigned("None")),
        (
            "none, with a signature",
            rsa()
                .sign()
                .replace(&head(&rsa()), &head(&rsa().header("alg", "none"))),
        ),
        ("no algorithm", rsa().without_header("alg").sign()),
        (
            "a list of algorithms",
            rsa().header("alg", json!(["RS256"])).sign(),
        ),
        (
            "an algorithm that is not taken",
            rsa().header("alg", "RS384").sign(),
        ),
        ("another padding", rsa().header("alg", "PS256").sign()),
        (
            "lower case",
            signed(
                &rsa().header("alg", "rs256").header.to_string(),
                &rsa().claims.to_string(),
                "RS256",
            ),
        ),
        (
            "the key of another algorithm",
            Draft::new("ES256", "rsa").sign(),
        ),
        (
            "the key of another algorithm, the other way round",
            Draft::new("RS256", "ec").sign(),
        ),
        ("a curve key for EdDSA", Draft::new("EdDSA", "ec").sign()),
    ];
    for secret in public_rsa_as_secrets() {
        all.push((
            "the public key as a secret",
            rsa().header("alg", "HS256").sign_with_secret(&secret),
        ));
        all.push((
            "the same, said to be RS256",
            rsa().sign_with_secret(&secret),
        ));
    }
    all
}

/// The encoded header of a token.
fn head(draft: &Draft) -> String {
    base64(draft.header.to_string().as_bytes())
}

/// The header leads somewhere else.
fn elsewhere() -> Vec<(&'static str, String)> {
    let with = |field: &str, value: Value| ed().header(field, value);
    vec![
        (
            "jku",
            with("jku", "https://evil.example/jwks".into()).sign(),
        ),
        (
            "x5u",
            with("x5u", "https://evil.example/cert".into()).sign(),
        ),
        ("x5c", with("x5c", json!(["AAAA"])).sign()),
        ("jwk", with("jwk", strange_jwk()).sign()),
        (
            "jwk, and signed by it",
            with("jwk", strange_jwk()).sign_strangely(),
        ),
        ("jwk is null", with("jwk", Value::Null).sign()),
        ("unknown crit", with("crit", json!(["exp"])).sign()),
        ("empty crit", with("crit", json!([])).sign()),
        (
            "b64 in crit",
            with("crit", json!(["b64"])).header("b64", false).sign(),
        ),
    ]
}

/// The header does not say what it has to.
fn headers() -> Vec<(&'static str, String)> {
    let with = |field: &str, value: Value| ed().header(field, value);
    vec![
        (
            "kid up the tree",
            with("kid", "../../etc/passwd".into()).sign(),
        ),
        (
            "kid with a query",
            with("kid", "ed' OR '1'='1".into()).sign(),
        ),
        (
            "kid of 10 KB",
            with("kid", "k".repeat(10_000).into()).sign(),
        ),
        ("kid of 257", with("kid", "k".repeat(257).into()).sign()),
        ("kid with a NUL", with("kid", "ed\0".into()).sign()),
        ("kid not ASCII", with("kid", "éd".into()).sign()),
        ("kid empty", with("kid", "".into()).sign()),
        ("kid no text", with("kid", json!(1)).sign()),
        ("kid is null", with("kid", Value::Null).sign()),
        ("kid in other case", with("kid", "ED".into()).sign()),
        ("no kid", ed().without_header("kid").sign()),
        ("no typ", ed().without_header("typ").sign()),
        ("typ of a log-out", with("typ", "logout+jwt".into()).sign()),
        ("typ no text", with("typ", json!(["JWT"])).sign()),
        ("typ empty", with("typ", "".into()).sign()),
        (
            "a header that says it twice",
            signed(
                r#"{"alg":"none","alg":"EdDSA","kid":"ed","typ":"JWT"}"#,
                &ed().claims.to_string(),
                "EdDSA",
            ),
        ),
        (
            "a header that says it twice, inside",
            signed(
                r#"{"alg":"EdDSA","kid":"ed","typ":"JWT","a":{"b":1,"b":2}}"#,
                &ed().claims.to_string(),
                "EdDSA",
            ),
        ),
        (
            "a header that is no object",
            signed("[]", &ed().claims.to_string(), "EdDSA"),
        ),
        (
            "a header that goes on",
            signed(
                r#"{"alg":"EdDSA","kid":"ed","typ":"JWT"}{}"#,
                &ed().claims.to_string(),
                "EdDSA",
            ),
        ),
    ]
}

/// It does not count now.
fn dates() -> Vec<(&'static str, String)> {
    let with = |field: &str, value: Value| ed().claim(field, value).sign();
    let without = |field: &str| ed().without_claim(field).sign();
    vec![
        ("expired", with("exp", json!(now() - 60))),
        ("expired long ago", with("exp", json!(1))),
        ("no exp", without("exp")),
        ("exp as text", with("exp", (now() + 60).to_string().into())),
        ("exp negative", with("exp", json!(-1))),
        ("exp beyond all bounds", with("exp", json!(u64::MAX))),
        ("exp is null", with("exp", Value::Null)),
        ("not yet valid", with("nbf", json!(now() + 120))),
        ("nbf as text", with("nbf", "soon".into())),
        ("issued in the future", with("iat", json!(now() + 120))),
        ("lasts too long", with("exp", json!(now() + 25 * 3600))),
    ]
}

/// It was not made for us, or says of nobody what it says.
fn claims() -> Vec<(&'static str, String)> {
    let with = |field: &str, value: Value| ed().claim(field, value).sign();
    let without = |field: &str| ed().without_claim(field).sign();
    let twice = |first: &str| {
        let claims = ed().claims.to_string();
        let claims = format!("{{{first},{}", &claims[1..]);
        signed(&ed().header.to_string(), &claims, "EdDSA")
    };
    vec![
        ("wrong aud", with("aud", "other".into())),
        (
            "aud begins like ours",
            with("aud", format!("{AUDIENCE}2").into()),
        ),
        ("aud among none", with("aud", json!([]))),
        ("aud among others", with("aud", json!(["a", "b"]))),
        ("aud no text", with("aud", json!({AUDIENCE: true}))),
        ("no aud", without("aud")),
        ("wrong iss", with("iss", "https://evil.example/".into())),
        (
            "iss without its slash",
            with("iss", ISSUER.trim_end_matches('/').into()),
        ),
        (
            "several iss",
            with("iss", json!([ISSUER, "https://evil.example/"])),
        ),
        ("no iss", without("iss")),
        ("no sub", without("sub")),
        ("sub no text", with("sub", json!(7))),
        ("sub is an object", with("sub", json!({"id": "alice"}))),
        ("sub of 10 KB", with("sub", "a".repeat(10_000).into())),
        ("sub of 129", with("sub", "a".repeat(129).into())),
        ("sub empty", with("sub", "".into())),
        ("sub is ours", with("sub", "anonymous".into())),
        ("sub is ours, too", with("sub", "saga".into())),
        ("sub is a key's", with("sub", "apikey:shop".into())),
        (
            "sub reorders what is shown",
            with("sub", "al\u{202E}ice".into()),
        ),
        ("scope is a list", with("scope", json!(["operator"]))),
        ("another sub before", twice(r#""sub":"bob""#)),
        ("another scope before", twice(r#""scope":"operator""#)),
        (
            "a thing said twice that nobody reads",
            twice(r#""x":1,"x":2"#),
        ),
        (
            "claims that are no object",
            signed(&ed().header.to_string(), "[]", "EdDSA"),
        ),
        (
            "claims that are no JSON",
            signed(&ed().header.to_string(), "sub=alice", "EdDSA"),
        ),
    ]
}

/// What was signed is not what is sent.
fn bytes() -> Vec<(&'static str, String)> {
    let good = ed().sign();
    let (message, signature) = good.rsplit_once('.').unwrap();
    let (head, _) = message.split_once('.').unwrap();
    let operator = base64(
        ed().claim("scope", "operator")
            .claims
            .to_string()
            .as_bytes(),
    );
    let mut all = vec![
        ("other claims", format!("{head}.{operator}.{signature}")),
        ("truncated", good[..good.len() - 1].to_owned()),
        ("no signature", format!("{message}.")),
        ("two parts", message.to_owned()),
        ("five parts", format!("{good}.{good}")),
        ("padding", format!("{good}=")),
        ("white space behind", format!("{good} ")),
        ("white space inside", format!("{message} .{signature}")),
        ("a line break inside", format!("{message}.\t{signature}")),
        ("nothing", String::new()),
        ("dots", "..".to_owned()),
        ("no token", "alice".to_owned()),
        ("not Base64", "{}.{}.{}".to_owned()),
        (
            "JSON",
            r#"{"protected":"","payload":"","signature":""}"#.to_owned(),
        ),
        ("8 KiB and some", ed().claim("x", "x".repeat(8_000)).sign()),
    ];
    for (algorithm, kid) in KEYS {
        let draft = Draft::new(algorithm, kid);
        all.push(("somebody else's signature", draft.sign_strangely()));
        let (message, signature) = draft
            .sign()
            .rsplit_once('.')
            .map(|(a, b)| (a.to_owned(), b.to_owned()))
            .unwrap();
        let zeros = base64(&vec![0; signature.len() * 3 / 4]);
        all.push(("zeros for a signature", format!("{message}.{zeros}")));
    }
    all
}
