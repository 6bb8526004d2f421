//! A process that is told to stop: what it goes on doing, for whom, and for how long.

use std::time::Duration;

use reqwest::Client;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

use crate::harness::{Dev, PATIENCE, cash_order, signal, wait_until};

/// 128 + SIGINT.
const EXIT_SECOND_SIGNAL: i32 = 130;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_is_left_says_so_first_and_answers_until_the_drain_is_over() {
    let data = tempfile::tempdir().unwrap();
    let mut dev = Dev::start(data.path(), &["--drain-secs", "3"]).await;
    let open = Client::builder().no_proxy().build().unwrap();
    let stream = open.get(format!("http://{}/orderTraces/stream", dev.addr));
    let stream = stream.send().await.unwrap();
    assert_eq!(stream.status().as_u16(), 200);
    let before = dev.api.get("/livez").await;
    assert_eq!(before.header("connection"), "");

    let told_at = Instant::now();
    signal("TERM", dev.program.pid());
    let not_ready = wait_until("/readyz says no", PATIENCE, async || {
        let answer = dev.api.get("/readyz").await;
        (answer.status == 503).then_some(answer)
    });
    let not_ready = not_ready.await;
    assert_eq!(not_ready.text, "process: is stopping\n");
    dev.api.get("/livez").await.expect(200);
    let placed = dev.api.post("/orders", cash_order()).await.expect(201);
    assert_eq!(placed.header("connection"), "close");
    assert_eq!(placed.header("retry-after"), "");

    let told = timeout(PATIENCE, stream.text()).await.unwrap().unwrap();
    assert!(told.contains("event: closing\n"), "{told}");
    let order = placed.order_id();
    let traced = told.find(&order);
    assert!(traced < told.find("event: closing\n"), "{told}");
    assert!(traced.is_some(), "what happened in the drain is told, too");
    assert_eq!(dev.program.ended().await.code(), Some(0));
    assert!(told_at.elapsed() >= Duration::from_secs(3));
}

#[tokio::test]
async fn a_request_that_is_under_way_is_answered_although_the_port_is_closed() {
    let data = tempfile::tempdir().unwrap();
    let mut dev = Dev::start(data.path(), &[]).await;
    let body = cash_order().to_string();
    let (begin, end) = body.split_at(10);
    let head = format!(
        "POST /orders HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let mut connection = TcpStream::connect(&dev.addr).await.unwrap();
    let begun = format!("{head}{begin}");
    connection.write_all(begun.as_bytes()).await.unwrap();
    signal("TERM", dev.program.pid());
    wait_until("the port is closed", PATIENCE, async || {
        TcpStream::connect(&dev.addr).await.is_err().then_some(())
    })
    .await;
    connection.write_all(end.as_bytes()).await.unwrap();
    let mut answer = String::new();
    let read = timeout(PATIENCE, connection.read_to_string(&mut answer));
    read.await.unwrap().unwrap();
    assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
    assert!(answer.contains("connection: close\r\n"), "{answer}");
    assert_eq!(dev.program.ended().await.code(), Some(0));
}

#[tokio::test]
async fn a_second_signal_ends_the_process_at_once() {
    let data = tempfile::tempdir().unwrap();
    let mut dev = Dev::start(data.path(), &["--drain-secs", "600"]).await;
    signal("INT", dev.program.pid());
    wait_until("/readyz says no", PATIENCE, async || {
        (dev.api.get("/readyz").await.status == 503).then_some(())
    })
    .await;
    signal("INT", dev.program.pid());
    let ended = dev.program.ended().await;
    assert_eq!(ended.code(), Some(EXIT_SECOND_SIGNAL));
}
