//! What the program does when more is asked of it than it is set up for.

use reqwest::Method;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::harness::{Answer, Call, Dev, PATIENCE, cash_order, wait_until};

/// The paths that are answered whatever is going on.
const ALWAYS: [&str; 5] = [
    "/livez",
    "/readyz?verbose",
    "/metrics",
    "/actuator/health/liveness",
    "/actuator/health/readiness",
];

/// What a server says that waits for a body.
const CONTINUE: [u8; 25] = *b"HTTP/1.1 100 Continue\r\n\r\n";

#[track_caller]
fn assert_problem(answer: Answer, status: u16, name: &str) {
    let answer = answer.expect(status);
    let problem = answer.json();
    assert_eq!(problem["type"], format!("urn:ordertrace:problem:{name}"));
    let wait: u32 = answer.header("retry-after").parse().unwrap();
    assert!((1..=5).contains(&wait), "{wait}");
    assert_ne!(answer.header("x-request-id"), "");
}

#[tokio::test]
async fn a_request_for_which_there_is_no_place_is_refused_at_once_and_health_is_not() {
    let data = tempfile::tempdir().unwrap();
    let dev = Dev::start(data.path(), &["--http-requests", "1"]).await;
    let body = cash_order().to_string();
    let head = format!(
        "POST /orders HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let mut first = TcpStream::connect(&dev.addr).await.unwrap();
    first.write_all(head.as_bytes()).await.unwrap();
    // It has the place when its body is asked for.
    let mut go_on = [0; CONTINUE.len()];
    let asked = timeout(PATIENCE, first.read_exact(&mut go_on));
    asked.await.unwrap().unwrap();
    assert_eq!(go_on, CONTINUE);
    assert_problem(dev.api.get("/orders").await, 503, "overloaded");
    let order = Call::new(Method::POST, "/orders").json(cash_order());
    assert_problem(dev.api.call(order).await, 503, "overloaded");
    for path in ALWAYS {
        dev.api.get(path).await.expect(200);
    }
    first.write_all(body.as_bytes()).await.unwrap();
    let mut answer = String::new();
    let read = timeout(PATIENCE, first.read_to_string(&mut answer));
    read.await.unwrap().unwrap();
    assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
    // Its place is free again, and the refused order was not placed.
    let placed = wait_until("the order is shown", PATIENCE, async || {
        let orders = dev.api.get("/orders").await.expect(200).json();
        let count = orders["page"]["totalElements"].as_u64().unwrap();
        (count > 0).then_some(count)
    });
    assert_eq!(placed.await, 1);
}

#[tokio::test]
async fn who_asks_too_often_is_told_when_to_come_back() {
    let data = tempfile::tempdir().unwrap();
    let flags = ["--http-rate-anonymous", "5", "--http-rate-burst-secs", "1"];
    let dev = Dev::start(data.path(), &flags).await;
    let refused = wait_until("the allowance is used up", PATIENCE, async || {
        // Faster than five in a second on any machine.
        let asked = (0..20).map(|_| dev.api.get("/orders"));
        let answers = futures::future::join_all(asked).await;
        answers.into_iter().find(|answer| answer.status != 200)
    });
    assert_problem(refused.await, 429, "rate-limited");
    for path in ALWAYS {
        dev.api.get(path).await.expect(200);
    }
    wait_until("there is an allowance again", PATIENCE, async || {
        (dev.api.get("/orders").await.status == 200).then_some(())
    })
    .await;
}

#[tokio::test]
async fn each_part_is_told_to_who_asks_for_more_words() {
    let data = tempfile::tempdir().unwrap();
    let dev = Dev::start(data.path(), &[]).await;
    let ready = dev.api.get("/readyz?verbose").await.expect(200);
    let told = "[+]log ok\n[+]views ok\nreadyz check passed\n";
    assert_eq!(ready.text, told);
    let alive = dev.api.get("/livez?verbose").await.expect(200);
    assert!(alive.text.contains("[+]runtime ok\n"), "{}", alive.text);
    assert!(alive.text.contains("[+]views ok\n"), "{}", alive.text);
    assert!(alive.text.contains("[+]saga ok\n"), "{}", alive.text);
    for group in ["liveness", "readiness"] {
        let health = dev.api.get(format!("/actuator/health/{group}")).await;
        let health = health.expect(200).json();
        assert_eq!(health, serde_json::json!({"status": "UP"}));
    }
}
