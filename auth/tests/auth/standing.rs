//! For how long a login stands, as an answer sees it that goes on.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::Request,
    middleware::from_fn_with_state,
    routing::get,
};
use chrono::Utc;
use ordertrace_auth::{Credential, NewApiKey, authenticate, create, revoke};
use ordertrace_domain::Timestamp;
use ordertrace_http::{LoginEnd, Role, Roles, StandingLogin};
use secrecy::ExposeSecret as _;
use tokio::time::timeout;
use tower::ServiceExt as _;

use crate::{issuer::Draft, shop::Shop};

/// A look every three seconds, one at the file every second, and a busy machine.
const ENDS_WITHIN: Duration = Duration::from_secs(30);

/// Some looks at it.
const LOOKED_AT: Duration = Duration::from_secs(10);

/// How far the issuer's clock may be off: a token counts for so much longer.
const LEEWAY_SECS: i64 = 30;

/// An answer that goes on for as long as the login stands, and says how that ended.
async fn until_it_ends(request: Request) -> String {
    let login = StandingLogin::of(request.extensions());
    format!("{:?}", login.ended().await)
}

/// Says how the login that a request shows has ended.
async fn ended(shop: &Shop, name: &str, value: &str) -> String {
    let authenticator = Arc::clone(&shop.authenticator);
    let routes = Router::new()
        .route("/", get(until_it_ends))
        .layer(from_fn_with_state(authenticator, authenticate));
    let request = Request::get("/").header(name, value).body(Body::empty());
    let answer = timeout(ENDS_WITHIN, routes.oneshot(request.unwrap())).await;
    let body = answer.unwrap().unwrap().into_body();
    let body = to_bytes(body, 1_000).await.unwrap();
    String::from_utf8(body.to_vec()).unwrap()
}

/// A token that counts for these seconds, and hardly longer.
fn token_for(secs: i64) -> String {
    let end = Utc::now().timestamp() - LEEWAY_SECS + secs;
    Draft::new("EdDSA", "ed").claim("exp", end).sign()
}

fn said(end: LoginEnd) -> String {
    format!("{end:?}")
}

#[tokio::test]
async fn a_token_stands_until_it_expires() {
    let shop = Shop::new();
    let bearer = format!("Bearer {}", token_for(2));
    let end = ended(&shop, "authorization", &bearer).await;
    assert_eq!(end, said(LoginEnd::Expired));
}

#[tokio::test]
async fn a_session_stands_no_longer_than_the_token_in_it() {
    let shop = Shop::new();
    let credential = Credential::parse(&token_for(2)).unwrap();
    let sessions = shop.authenticator.sessions().unwrap();
    let now = Timestamp::from(Utc::now());
    let cookie = sessions.begin(&credential, None, now).unwrap();
    let cookie = cookie.to_str().unwrap().split(';').next().unwrap();
    let end = ended(&shop, "cookie", cookie).await;
    assert_eq!(end, said(LoginEnd::Expired));
}

#[tokio::test]
async fn a_session_ends_by_itself_whatever_is_in_it() {
    let shop = Shop::new();
    let credential = Credential::parse(&Draft::new("EdDSA", "ed").sign()).unwrap();
    let sessions = shop.authenticator.sessions().unwrap();
    let now = Timestamp::from(Utc::now());
    let soon = Some(now.after(Duration::from_secs(2)));
    let cookie = sessions.begin(&credential, soon, now).unwrap();
    let cookie = cookie.to_str().unwrap().split(';').next().unwrap();
    let end = ended(&shop, "cookie", cookie).await;
    assert_eq!(end, said(LoginEnd::Expired));
}

#[tokio::test(start_paused = true)]
async fn an_api_key_stands_until_it_is_revoked() {
    let shop = Shop::new();
    let now = Timestamp::from(Utc::now());
    let new = NewApiKey {
        name: "desk".to_owned(),
        roles: Roles::NONE.and(Role::Operator),
        customer_id: None,
    };
    let (record, key) = create(&shop.keys(), new, now).unwrap();
    let waits = ended(&shop, "x-api-key", key.expose_secret());
    tokio::pin!(waits);
    assert!(timeout(LOOKED_AT, &mut waits).await.is_err(), "it stands");
    revoke(&shop.keys(), &record.id, now).unwrap();
    assert_eq!(waits.await, said(LoginEnd::Revoked));
}

#[tokio::test(start_paused = true)]
async fn where_the_issuer_takes_back_a_key_no_login_by_it_stands() {
    let shop = Shop::new();
    let bearer = format!("Bearer {}", Draft::new("EdDSA", "ed").sign());
    let waits = ended(&shop, "authorization", &bearer);
    tokio::pin!(waits);
    assert!(timeout(LOOKED_AT, &mut waits).await.is_err(), "it stands");
    shop.withdraw("ed");
    assert_eq!(waits.await, said(LoginEnd::Revoked));
}
