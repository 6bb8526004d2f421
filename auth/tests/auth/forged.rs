//! Whoever sends a token that does not count learns that, and not why.

use axum::http::{StatusCode, header};
use serde_json::Value;

use crate::{
    forgeries::{self, ed},
    issuer::{Draft, KEYS},
    shop::{Answer, Shop},
};

#[tokio::test]
async fn a_forged_token_is_refused_and_the_answer_does_not_say_why() {
    let shop = Shop::new();
    let all = forgeries::all();
    let first = shop.bearer(&all[0].1).await;
    assert_eq!(first.status, StatusCode::UNAUTHORIZED);
    let challenge = first.header(&header::WWW_AUTHENTICATE);
    assert_eq!(challenge, Some(r#"Bearer error="invalid_token""#));
    let problem: Value = serde_json::from_str(&first.body).unwrap();
    assert_eq!(problem["type"], "urn:ordertrace:problem:invalid-token");
    for (what, token) in all {
        assert_eq!(shop.bearer(&token).await, first, "{what}");
    }
    assert_eq!(shop.bearer(&ed().sign()).await.status, StatusCode::OK);
}

#[tokio::test]
async fn every_changed_byte_of_a_token_is_noticed() {
    let shop = Shop::new();
    for (algorithm, kid) in KEYS {
        let good = Draft::new(algorithm, kid).sign();
        for place in 0..good.len() {
            let mut token = good.clone().into_bytes();
            token[place] = if token[place] == b'A' { b'B' } else { b'A' };
            let answer = shop.bearer(&String::from_utf8(token).unwrap()).await;
            assert_eq!(
                answer.status,
                StatusCode::UNAUTHORIZED,
                "{algorithm} {place}"
            );
        }
    }
}

#[tokio::test]
async fn a_good_token_that_is_sent_in_another_way_is_refused() {
    let shop = Shop::new();
    let token = ed().sign();
    let bearer = format!("Bearer {token}");
    let sent: [&[(&str, &str)]; 7] = [
        &[("authorization", &bearer), ("authorization", &bearer)],
        &[("authorization", &bearer), ("x-api-key", "ot_x")],
        &[("authorization", &bearer), ("authorization", "Basic YTpi")],
        &[("x-api-key", &token)],
        &[("authorization", &token)],
        &[("authorization", &format!("Token {token}"))],
        &[("authorization", &format!("Bearer {token}, Bearer {token}"))],
    ];
    for headers in sent {
        let Answer { status, .. } = shop.get(headers).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{headers:?}");
    }
}
