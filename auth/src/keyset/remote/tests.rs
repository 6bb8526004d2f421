//! Fetching keys from a real server on this machine.

use std::sync::{
    Mutex as StdMutex,
    atomic::{AtomicUsize, Ordering},
};

use axum::{
    Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
    routing::get,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::Algorithm;
use rstest::rstest;
use serde_json::json;
use tokio::net::TcpListener;

use super::*;
use crate::{
    AuthError, Jwks, Refused,
    keyset::{SET_BYTES_MAX, Source},
};

/// How long to wait for what happens in the background; it takes milliseconds.
const WAIT_MAX: Duration = Duration::from_secs(10);

/// What the issuer answers, and how often it was asked.
struct Issuer {
    answer: StdMutex<Answer>,
    asked: AtomicUsize,
}

#[derive(Clone)]
enum Answer {
    Keys(Vec<&'static str>),
    Fault,
    Elsewhere,
    Endless,
    Nonsense,
}

impl Issuer {
    fn set(&self, answer: Answer) {
        *self.answer.lock().unwrap() = answer;
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

async fn answer(State(issuer): State<Arc<Issuer>>) -> Response {
    issuer.asked.fetch_add(1, Ordering::SeqCst);
    let answer = issuer.answer.lock().unwrap().clone();
    match answer {
        Answer::Keys(kids) => keys(&kids).into_response(),
        Answer::Fault => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Answer::Elsewhere => Redirect::temporary("/elsewhere").into_response(),
        Answer::Endless => format!("{}{}", keys(&["a"]), " ".repeat(SET_BYTES_MAX)).into_response(),
        Answer::Nonsense => "<html>".into_response(),
    }
}

fn keys(kids: &[&str]) -> String {
    let x = URL_SAFE_NO_PAD.encode([7; 32]);
    let key = |kid: &&str| json!({"kty": "OKP", "crv": "Ed25519", "kid": kid, "x": x});
    json!({ "keys": kids.iter().map(key).collect::<Vec<_>>() }).to_string()
}

/// An issuer that answers, and keys that are fetched from it at this pace.
async fn issuer(pace: Pace) -> (Arc<Issuer>, Jwks) {
    let issuer = Arc::new(Issuer {
        answer: StdMutex::new(Answer::Keys(vec!["a"])),
        asked: AtomicUsize::default(),
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/jwks", listener.local_addr().unwrap());
    let routes = Router::new()
        .route("/jwks", get(answer))
        .route("/elsewhere", get(async || keys(&["a"])))
        .with_state(Arc::clone(&issuer));
    // Ends with the runtime of the test.
    tokio::spawn(async move { axum::serve(listener, routes).await });
    let fetcher = Fetcher::new(url.parse().unwrap()).unwrap();
    (issuer, Jwks::remote(Remote::new(fetcher, pace)))
}

async fn find(jwks: &Jwks, kid: &str) -> Result<(), AuthError> {
    jwks.find(Some(kid), Algorithm::EdDSA).await.map(drop)
}

async fn is_unknown(jwks: &Jwks, kid: &str) -> bool {
    let found = find(jwks, kid).await;
    matches!(found, Err(AuthError::Refused(Refused::KeyUnknown)))
}

/// Lets time pass at once. It must not stand still longer, for a time that does so jumps while a request is on its way.
async fn pass(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}

/// Waits until no request is on its way any more.
async fn settled(jwks: &Jwks) {
    if let Source::Url(remote) = &jwks.source {
        drop(remote.asked.lock().await);
    }
}

/// Waits for what happens in the background.
async fn until(mut is_so: impl AsyncFnMut() -> bool) {
    let wait = async {
        while !is_so().await {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(WAIT_MAX, wait).await.unwrap();
}

#[tokio::test]
async fn keys_are_fetched_once_and_then_known() {
    let (issuer, jwks) = issuer(Pace::USUAL).await;
    assert_eq!(issuer.asked(), 0);
    for _ in 0..20 {
        find(&jwks, "a").await.unwrap();
    }
    assert_eq!(issuer.asked(), 1);
}

#[tokio::test]
async fn a_new_key_is_learnt_from_the_first_token_that_names_it() {
    let (issuer, jwks) = issuer(Pace::USUAL).await;
    find(&jwks, "a").await.unwrap();
    issuer.set(Answer::Keys(vec!["b", "a"]));
    pass(Pace::USUAL.ask_every).await;
    find(&jwks, "b").await.unwrap();
    find(&jwks, "a").await.unwrap();
    assert_eq!(issuer.asked(), 2);
}

#[tokio::test]
async fn a_flood_of_unknown_keys_reaches_the_issuer_once_in_a_while() {
    let (issuer, jwks) = issuer(Pace::USUAL).await;
    find(&jwks, "a").await.unwrap();
    let jwks = Arc::new(jwks);
    for asked in [1, 2, 3] {
        let flood: Vec<_> = (0..200)
            .map(|number| {
                let jwks = Arc::clone(&jwks);
                tokio::spawn(async move { is_unknown(&jwks, &format!("../{number}")).await })
            })
            .collect();
        for unknown in flood {
            assert!(unknown.await.unwrap());
        }
        assert_eq!(issuer.asked(), asked);
        pass(Pace::USUAL.ask_every).await;
    }
}

#[tokio::test]
async fn who_hangs_up_does_not_keep_a_new_key_from_being_learnt() {
    let (issuer, jwks) = issuer(Pace::USUAL).await;
    find(&jwks, "a").await.unwrap();
    issuer.set(Answer::Keys(vec!["b"]));
    pass(Pace::USUAL.ask_every).await;
    {
        let hung_up = std::pin::pin!(find(&jwks, "x"));
        assert!(futures::poll!(hung_up).is_pending());
    }
    until(async || issuer.asked() == 2).await;
    until(async || find(&jwks, "b").await.is_ok()).await;
    assert_eq!(issuer.asked(), 2);
}

#[tokio::test]
async fn a_key_that_was_withdrawn_ends_without_anybody_waiting() {
    let (issuer, jwks) = issuer(Pace::USUAL).await;
    find(&jwks, "a").await.unwrap();
    issuer.set(Answer::Keys(vec!["b"]));
    pass(Pace::USUAL.fresh_for).await;
    find(&jwks, "a").await.unwrap();
    until(async || is_unknown(&jwks, "a").await).await;
    assert_eq!(issuer.asked(), 2);
}

#[rstest]
#[case::down(Answer::Fault)]
#[case::sends_us_elsewhere(Answer::Elsewhere)]
#[case::without_an_end(Answer::Endless)]
#[case::no_keys(Answer::Keys(vec![]))]
#[case::nonsense(Answer::Nonsense)]
#[tokio::test]
async fn what_was_fetched_last_counts_for_a_day_while_nothing_better_comes(#[case] bad: Answer) {
    let (issuer, jwks) = issuer(Pace::USUAL).await;
    find(&jwks, "a").await.unwrap();
    issuer.set(bad);
    pass(Pace::USUAL.kept_for - Duration::from_secs(60)).await;
    find(&jwks, "a").await.unwrap();
    until(async || issuer.asked() == 2).await;
    settled(&jwks).await;
    find(&jwks, "a").await.unwrap();
    pass(Duration::from_secs(60)).await;
    let gone = find(&jwks, "a").await;
    assert!(matches!(gone, Err(AuthError::NoKeys)), "{gone:?}");
    assert!(!jwks.are_there().await);
    issuer.set(Answer::Keys(vec!["a"]));
    pass(Pace::USUAL.first_every).await;
    find(&jwks, "a").await.unwrap();
}

#[tokio::test]
async fn an_issuer_that_is_down_from_the_beginning_is_asked_now_and_then() {
    let (issuer, jwks) = issuer(Pace::USUAL).await;
    issuer.set(Answer::Fault);
    for _ in 0..20 {
        let none = find(&jwks, "a").await;
        assert!(matches!(none, Err(AuthError::NoKeys)), "{none:?}");
    }
    assert_eq!(issuer.asked(), 1);
    issuer.set(Answer::Keys(vec!["a"]));
    pass(Pace::USUAL.first_every).await;
    find(&jwks, "a").await.unwrap();
}
