//! Tokens that count.

use axum::http::StatusCode;
use ordertrace_auth::{Authenticator, Jwks, TokenPolicy, TokenTypes, Tokens};
use rstest::rstest;
use serde_json::json;

use crate::{
    issuer::{AUDIENCE, Draft, ISSUER, KEYS},
    shop::Shop,
};

#[tokio::test]
async fn a_token_of_each_algorithm_says_who_asks() {
    let shop = Shop::new();
    for (algorithm, kid) in KEYS {
        let answer = shop.bearer(&Draft::new(algorithm, kid).sign()).await;
        assert_eq!(answer.body, "alice as customer+courier", "{algorithm}");
        assert_eq!(answer.status, StatusCode::OK);
    }
}

#[rstest]
#[case::plain(|draft: Draft| draft.header("typ", "JWT"))]
#[case::media_type(|draft: Draft| draft.header("typ", "application/at+jwt"))]
#[case::several_audiences(|draft: Draft| draft.claim("aud", json!(["other", AUDIENCE])))]
#[case::no_nbf(|draft: Draft| draft.without_claim("nbf"))]
#[case::thumbprint(|draft: Draft| draft.header("x5t", "abc"))]
#[case::clocks_differ(|draft: Draft| {
    let now = chrono::Utc::now().timestamp();
    draft.claim("iat", now + 20).claim("nbf", now + 20).claim("exp", now - 20)
})]
#[tokio::test]
async fn what_issuers_do_differently_is_taken(#[case] change: fn(Draft) -> Draft) {
    let token = change(Draft::new("RS256", "rsa")).sign();
    let answer = Shop::new().bearer(&token).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
}

#[tokio::test]
async fn a_token_without_a_role_is_somebody_who_may_nothing() {
    let shop = Shop::new();
    for draft in [
        Draft::new("EdDSA", "ed").claim("scope", "openid"),
        Draft::new("EdDSA", "ed").without_claim("scope"),
    ] {
        assert_eq!(shop.bearer(&draft.sign()).await.body, "alice as ");
    }
}

#[tokio::test]
async fn only_access_tokens_are_taken_where_that_is_configured() {
    let shop = Shop::of(TokenTypes::AccessOnly);
    let draft = Draft::new("ES256", "ec");
    assert_eq!(shop.bearer(&draft.sign()).await.status, StatusCode::OK);
    let plain = draft.header("typ", "JWT").sign();
    assert_eq!(shop.bearer(&plain).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_request_without_a_credential_is_nobody_s() {
    assert_eq!(Shop::new().get(&[]).await.body, "nobody");
    let closed = Shop::with(|_| Authenticator::closed());
    assert_eq!(closed.get(&[]).await.body, "nobody");
    let token = Draft::new("EdDSA", "ed").sign();
    let refused = closed.bearer(&token).await.status;
    assert_eq!(refused, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn an_open_server_asks_nobody() {
    let open = Shop::with(|_| Authenticator::open());
    let answer = "anonymous as customer+courier+operator+auditor";
    assert_eq!(open.get(&[]).await.body, answer);
    assert_eq!(open.bearer("anything").await.body, answer);
}

#[tokio::test]
async fn without_the_issuer_s_keys_nobody_can_say_who_asks() {
    let shop = Shop::with(|folder| {
        let policy = TokenPolicy {
            issuer: ISSUER.to_owned(),
            audience: AUDIENCE.to_owned(),
            types: TokenTypes::default(),
        };
        let keys = Jwks::from_file(folder.path().join("none"));
        Authenticator::closed().with_tokens(Tokens::new(&policy, keys))
    });
    assert!(!shop.authenticator.is_ready().await);
    let answer = shop.bearer(&Draft::new("EdDSA", "ed").sign()).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.header(&axum::http::header::RETRY_AFTER), Some("2"));
    assert_eq!(shop.get(&[]).await.body, "nobody");
    assert!(Shop::new().authenticator.is_ready().await);
}
