//! Streams of those who are known for a while.

use std::time::Duration;

use reqwest::{Response, StatusCode};
use tokio::time::timeout;

use super::client::Client;
use crate::harness::{Guests, PATIENCE, Role, Site};

/// Longer than it takes to notice that a key was revoked.
const STANDS_FOR: Duration = Duration::from_secs(5);

const PATH: &str = "/orderTraces/stream";

async fn views(site: &Site, guests: &Guests) -> Role {
    site.role_with("projections", "views", &guests.flags())
        .await
}

/// Asks for the stream as somebody with this token or key.
async fn ask(role: &Role, bearer: &str, last_id: &str) -> Response {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut request = client.get(format!("http://{}{PATH}", role.addr));
    if !last_id.is_empty() {
        request = request.header("last-event-id", last_id);
    }
    let answer = request.bearer_auth(bearer).send();
    timeout(PATIENCE, answer).await.unwrap().unwrap()
}

/// Reads the stream to its end, which is to be for this reason, and comes back in vain.
async fn assert_closed(role: &Role, mut stream: Client, bearer: &str, reason: &str) {
    let closing = stream.next().await.unwrap();
    assert_eq!(closing.name, "closing");
    assert_eq!(closing.data["reason"], reason);
    assert_eq!(stream.next().await, None);
    let again = ask(role, bearer, &stream.last_id).await;
    assert_eq!(again.status(), StatusCode::UNAUTHORIZED);
}

async fn begun(role: &Role, bearer: &str) -> Client {
    let mut stream = Client::of(ask(role, bearer, "").await);
    assert_eq!(stream.next().await.unwrap().name, "position");
    stream
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_ends_when_its_token_expires_and_another_token_goes_on_there() {
    let (site, guests) = (Site::start().await, Guests::new());
    let views = views(&site, &guests).await;
    let token = Guests::token_for("alice", "customer", 3);
    let stream = begun(&views, &token).await;
    let last_id = stream.last_id.clone();
    assert_closed(&views, stream, &token, "login_expired").await;
    let fresh = Guests::token("alice", "customer");
    let resumed = ask(&views, &fresh, &last_id).await;
    assert_eq!(resumed.status(), StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_ends_when_its_api_key_is_revoked_and_no_other_does() {
    let (site, guests) = (Site::start().await, Guests::new());
    let (desk, id) = guests.keys.make(&["desk", "--role", "operator"]).await;
    let (till, _) = guests.keys.make(&["till", "--role", "operator"]).await;
    let views = views(&site, &guests).await;
    let stream = begun(&views, &desk).await;
    let mut other = begun(&views, &till).await;
    guests.keys.revoke(&id).await;
    assert_closed(&views, stream, &desk, "login_revoked").await;
    let answer = timeout(STANDS_FOR, other.next()).await;
    assert!(answer.is_err(), "it goes on: {answer:?}");
}
