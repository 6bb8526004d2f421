//! The page's sessions, through the layer.

use axum::http::{Method, StatusCode, header};
use chrono::Utc;
use ordertrace_auth::{Authenticated, Credential, NewApiKey, Session, create, revoke};
use ordertrace_domain::Timestamp;
use ordertrace_http::{Role, Roles};
use secrecy::ExposeSecret as _;

use crate::{
    issuer::Draft,
    shop::{Answer, Shop},
};

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

fn now() -> Timestamp {
    Timestamp::from(Utc::now())
}

/// Logs in as the log-in page does. Gives what the browser sends from then on.
async fn log_in(shop: &Shop, text: &str) -> String {
    let credential = Credential::parse(text).unwrap();
    let Authenticated { expires_at, .. } = shop.authenticator.check(&credential).await.unwrap();
    let sessions = shop.authenticator.sessions().unwrap();
    let cookie = sessions.begin(&credential, expires_at, now()).unwrap();
    let cookie = cookie.to_str().unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

/// The token that a page of the session has in its forms.
fn csrf(shop: &Shop, cookie: &str) -> String {
    let sessions = shop.authenticator.sessions().unwrap();
    let session: Session = sessions.read(&cookies(cookie), now()).unwrap();
    session.csrf_token().to_owned()
}

fn cookies(cookie: &str) -> axum::http::HeaderMap {
    [(header::COOKIE, cookie.parse().unwrap())]
        .into_iter()
        .collect()
}

async fn post(shop: &Shop, cookie: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let headers = [&[("cookie", cookie)], headers].concat();
    shop.send(Method::POST, &headers, body).await
}

#[tokio::test]
async fn a_session_is_whoever_has_logged_in() {
    let shop = Shop::new();
    let cookie = log_in(&shop, &Draft::new("EdDSA", "ed").sign()).await;
    let answer = shop.get(&[("cookie", &cookie)]).await;
    assert_eq!(answer.body, "alice as customer+courier in a session");
    assert_eq!(answer.header(&header::SET_COOKIE), None);
}

#[tokio::test]
async fn a_form_needs_the_token_of_its_session() {
    let shop = Shop::new();
    let token = Draft::new("EdDSA", "ed").sign();
    let cookie = log_in(&shop, &token).await;
    let csrf = csrf(&shop, &cookie);
    let other = self::csrf(&shop, &log_in(&shop, &token).await);
    let who = "alice as customer+courier in a session";
    let sent = post(&shop, &cookie, &[("x-csrf-token", &csrf)], "").await;
    assert_eq!(sent.body, who);
    let form = format!("a=b&csrf={csrf}");
    let sent = post(&shop, &cookie, &[FORM], &form).await;
    assert_eq!(sent.body, format!("{who}{form}"));
    let with = |token: &str| format!("csrf={token}");
    let refused: [(&[(&str, &str)], String); 9] = [
        (&[], String::new()),
        (&[FORM], "a=b".to_owned()),
        (&[FORM], with(&other)),
        (&[FORM], with("")),
        (&[FORM], format!("{}&{}", with(&csrf), with(&csrf))),
        (&[("content-type", "text/plain")], with(&csrf)),
        (&[("content-type", "application/json")], "{}".to_owned()),
        (&[("x-csrf-token", &other)], String::new()),
        (&[FORM, ("x-csrf-token", &other)], with(&csrf)),
    ];
    for (headers, body) in refused {
        let answer = post(&shop, &cookie, headers, &body).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{headers:?} {body}");
        assert!(answer.body.contains("cross-site"), "{}", answer.body);
    }
    let twice = [
        ("x-csrf-token", csrf.as_str()),
        ("x-csrf-token", csrf.as_str()),
    ];
    let answer = post(&shop, &cookie, &twice, "").await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn every_method_that_changes_something_needs_it() {
    let shop = Shop::new();
    let cookie = log_in(&shop, &Draft::new("EdDSA", "ed").sign()).await;
    for (method, status) in [
        (Method::GET, StatusCode::OK),
        (Method::HEAD, StatusCode::OK),
        (Method::POST, StatusCode::FORBIDDEN),
        (Method::PUT, StatusCode::FORBIDDEN),
        (Method::DELETE, StatusCode::FORBIDDEN),
        (Method::PATCH, StatusCode::FORBIDDEN),
    ] {
        let answer = shop.send(method.clone(), &[("cookie", &cookie)], "").await;
        assert_eq!(answer.status, status, "{method}");
    }
}

#[tokio::test]
async fn a_form_that_is_too_large_is_not_read_to_its_end() {
    let shop = Shop::new();
    let cookie = log_in(&shop, &Draft::new("EdDSA", "ed").sign()).await;
    let form = format!("a={}&csrf={}", "x".repeat(64 * 1024), csrf(&shop, &cookie));
    let answer = post(&shop, &cookie, &[FORM], &form).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn a_header_counts_and_the_cookie_beside_it_does_not() {
    let shop = Shop::new();
    let cookie = log_in(&shop, &Draft::new("EdDSA", "ed").sign()).await;
    let bob = Draft::new("EdDSA", "ed").claim("sub", "bob").sign();
    let bob = format!("Bearer {bob}");
    let answer = post(&shop, &cookie, &[("authorization", &bob)], "").await;
    assert_eq!(answer.body, "bob as customer+courier");
    let refused = post(&shop, &cookie, &[("authorization", "Bearer x")], "").await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test(start_paused = true)]
async fn a_session_ends_when_its_key_is_revoked_and_the_browser_forgets_it() {
    let shop = Shop::new();
    let new = NewApiKey {
        name: "ops".to_owned(),
        roles: Roles::NONE.and(Role::Operator),
        customer_id: None,
    };
    let (record, key) = create(&shop.keys(), new, now()).unwrap();
    let cookie = log_in(&shop, key.expose_secret()).await;
    let answer = shop.get(&[("cookie", &cookie)]).await;
    assert_eq!(answer.body, "apikey:ops as operator in a session");
    revoke(&shop.keys(), &record.id, now()).unwrap();
    tokio::time::advance(std::time::Duration::from_secs(1)).await;
    let answer = shop.get(&[("cookie", &cookie)]).await;
    assert_eq!(answer.body, "nobody");
    let forget = answer.header(&header::SET_COOKIE).unwrap();
    assert!(forget.starts_with("ordertrace=; ") && forget.contains("Max-Age=0"));
}

#[tokio::test]
async fn a_cookie_that_is_no_session_is_nobody_s_and_is_forgotten() {
    let shop = Shop::new();
    for cookie in ["ordertrace=", "ordertrace=planted"] {
        let answer = shop.get(&[("cookie", cookie)]).await;
        assert_eq!(answer.body, "nobody");
        assert!(answer.header(&header::SET_COOKIE).is_some());
    }
    let answer = shop.get(&[("cookie", "other=planted")]).await;
    assert_eq!(answer.header(&header::SET_COOKIE), None);
}

#[tokio::test]
async fn who_logs_in_anew_keeps_the_new_cookie() {
    let answer = Shop::new().log_in("ordertrace=planted").await;
    let all: Vec<_> = answer.headers.get_all(header::SET_COOKIE).iter().collect();
    assert_eq!(all, ["ordertrace=new; Path=/"]);
}
