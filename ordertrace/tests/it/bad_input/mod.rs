//! The catalogue of bad input over HTTP, each entry once, byte for byte over a real connection: its status, the `type` of its
//! problem, and that it changes nothing.
//!
//! What a field or a header must not be is looked at closely in the crates that read them. Entries that take more than one
//! request have tests of their own, here or elsewhere: a slow reader of a stream in `live`, a log that is away in
//! `nats_outage`. [`kinds`] knows where each kind of problem comes up.

mod contended;
mod kinds;
mod known;
mod raw;
mod rows;
mod streams;
mod wire;

use crate::harness::{Call, Dev, LogReader, PATIENCE, cash_order, wait_until};
use raw::{Answer, Sent};
use reqwest::Method;
use rows::{Row, rows};

/// Times that a test can wait for, and a little more than the views' own.
const FLAGS: [&str; 4] = ["--http-head-timeout", "2s", "--http-body-timeout", "1s"];

/// What the rows are about.
struct Scene {
    /// A cash order that waits for its payment.
    order: String,
    /// A position of another log, and one that this log will not come to.
    other_position: String,
    future_position: String,
}

/// An order that stands still, and a key that was used.
async fn scene(dev: &Dev) -> Scene {
    let order = Call::new(Method::POST, "/orders").json(cash_order());
    let placed = dev.api.call(order.key("used")).await.expect(201);
    let order = placed.order_id();
    dev.api.trace_at(&order, "payment_requested").await;
    let position = placed.header("ordertrace-position");
    let (incarnation, _) = position.rsplit_once('-').unwrap();
    Scene {
        order,
        other_position: "0-1".to_owned(),
        future_position: format!("{incarnation}-1000000000"),
    }
}

fn assert_refused(row: &Row, answer: Option<Answer>) {
    let name = row.name;
    let Some((status, problem)) = row.refusal else {
        assert!(answer.is_none(), "{name}: {answer:?}");
        return;
    };
    let answer = answer.unwrap_or_else(|| panic!("{name}: no answer"));
    assert_eq!(answer.status, status, "{name}: {answer:?}");
    let Some(problem) = problem else {
        assert_eq!(answer.body, "", "{name}: refused before anybody read it");
        return;
    };
    let head = answer.head.to_ascii_lowercase();
    let content_type = "\r\ncontent-type: application/problem+json\r\n";
    assert!(head.contains(content_type), "{name}: {answer:?}");
    assert_eq!(
        head.contains("\r\nretry-after: "),
        matches!(status, 429 | 503),
        "{name}: {answer:?}"
    );
    let body: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    let expected = format!("urn:ordertrace:problem:{problem}");
    assert_eq!(body["type"], expected, "{name}: {answer:?}");
    assert_eq!(body["status"], status, "{name}: {answer:?}");
    for inside in ["src/", ".rs", "panicked", "async_nats", "sled"] {
        assert!(!answer.body.contains(inside), "{name} tells {inside:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_entry_of_the_catalogue_is_refused_as_it_says_and_changes_nothing() {
    let data = tempfile::tempdir().unwrap();
    let dev = Dev::start(data.path(), &FLAGS).await;
    let scene = scene(&dev).await;
    let log = LogReader::of_server(&dev.nats()).await;
    wait_until("the saga has nothing to do", PATIENCE, async || {
        log.is_all_settled().await.then_some(())
    })
    .await;
    let before = log.last_sequences().await;
    let trace = dev.api.get(format!("/orderTraces/{}", scene.order)).await;
    for row in rows(&scene) {
        let answer = raw::exchange(&dev.addr, &row.sent).await;
        assert_refused(&row, answer);
    }
    assert_eq!(log.last_sequences().await, before, "something was stored");
    let after = dev.api.get(format!("/orderTraces/{}", scene.order)).await;
    assert_eq!(after.text, trace.text);
    let ready = raw::exchange(&dev.addr, &Sent::get("/readyz")).await;
    assert_eq!(ready.unwrap().status, 200, "and it goes on");
}
