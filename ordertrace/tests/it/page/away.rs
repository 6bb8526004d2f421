//! A page whose roles are away, or that is told to stop.

use std::time::Duration;

use reqwest::Method;
use tokio::time::{Instant, timeout};

use super::{browser::COFFEE, town::Town};
use crate::harness::{PATIENCE, signal, wait_until};

/// How long the page goes on answering at its stop.
const DRAIN: Duration = Duration::from_secs(3);

/// How long a stop waits for answers that do not come to their end.
const GRACE: Duration = Duration::from_secs(10);

#[tokio::test]
async fn a_role_that_is_away_is_told_in_a_page_and_the_others_go_on() {
    let mut town = Town::open(&[]).await;
    let (alice, _) = town.key("customer", "alice").await;
    let mut alice = town.logged_in(&alice).await;
    let (order, page) = alice.place().await;
    let token = alice.csrf().await;
    assert_eq!(alice.get(&page).await.status, 200);
    town.commands.program.kill9();

    let form = format!("{COFFEE}&csrf={token}&key=k-2");
    let refused = alice.post("/ui/orders/new", &form).await;
    assert_eq!(refused.status, 503);
    refused
        .has("can&#39;t be reached; nothing was changed")
        .has("value=\"Coffee\"");
    alice.get("/ui/orders").await.has(&order);
    assert_eq!(town.page.api.get("/readyz").await.status, 200);

    town.views.program.kill9();
    let gone = alice.get("/ui/orders").await;
    assert_eq!((gone.status, gone.header("retry-after")), (503, "2"));
    gone.has("can&#39;t be reached").has("Try again");
    assert_eq!(alice.get("/ui/orders/new").await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_that_is_left_says_so_first_and_answers_until_the_drain_is_over() {
    let mut town = Town::open(&["--drain-secs", "3"]).await;
    let (alice, _) = town.key("customer", "alice").await;
    let mut alice = town.logged_in(&alice).await;
    let stream = alice.ask(Method::GET, "/ui/orders/stream", &[], None).await;
    let told_at = Instant::now();
    signal("TERM", town.page.program.pid());
    wait_until("/readyz says no", PATIENCE, async || {
        let answer = town.page.api.get("/readyz").await;
        (answer.status == 503).then_some(())
    })
    .await;
    assert_eq!(alice.get("/ui/orders").await.status, 200);
    let told = timeout(PATIENCE, stream.text()).await.unwrap();
    assert!(told.is_ok(), "the stream comes to its end: {told:?}");
    assert_eq!(town.page.program.ended().await.code(), Some(0));
    let took = told_at.elapsed();
    assert!(took >= DRAIN && took < DRAIN + GRACE, "{took:?}");
}

#[tokio::test]
async fn it_serves_pages_and_no_api_and_says_how_it_is() {
    let town = Town::open(&[]).await;
    for (path, status) in [
        ("/livez", 200),
        ("/readyz?verbose", 200),
        ("/actuator/health", 200),
        ("/metrics", 200),
        ("/", 200),
        ("/orders", 404),
        ("/orderTraces", 404),
        ("/ops/dlq", 404),
        ("/audit/status", 404),
        ("/docs", 404),
    ] {
        let answer = town.page.api.get(path).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.text);
    }
    let ready = town.page.api.get("/readyz?verbose").await;
    assert_eq!(ready.text, "[+]log-in ok\nreadyz check passed\n");
    let metrics = town.page.api.get("/metrics").await.text;
    assert!(metrics.contains("ordertrace_http_requests_total"));
}
