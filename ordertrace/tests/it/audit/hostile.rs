//! What somebody has written who wants to do something to a terminal.

use ordertrace_domain::{
    Event, History, OrderEvent, ProductName, event_subject, message,
    testing::fixtures::{cash, drafts, events as made, order_id},
};
use serde_json::json;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use super::{replayed, said};
use crate::harness::Dev;

/// Writes an order whose product is called what no order of ours may be called, as anybody could who may write there.
async fn write_hostile(dev: &Dev, name: &str) {
    let base = History::empty(order_id());
    let mut placed = made::order_placed(cash());
    let Event::Order(OrderEvent::OrderPlaced(order)) = &mut placed else {
        panic!("{placed:?}");
    };
    let mut line = order.lines.as_slice()[0].clone();
    line.product_name = serde_json::from_value::<ProductName>(json!(name)).unwrap();
    order.lines = ordertrace_domain::OrderLines::new(vec![line]).unwrap();
    let draft = drafts(&base, vec![placed]).remove(0);
    let (id, kind, schema) = (message::ID, message::TYPE, message::SCHEMA);
    let event_id = draft.envelope.event_id;
    let headers =
        format!("NATS/1.0\r\n{id}: {event_id}\r\n{kind}: OrderPlaced\r\n{schema}: 1\r\n\r\n");
    let subject = event_subject(base.order_id());
    let (head, all) = (headers.len(), headers.len() + draft.payload.len());
    let said = format!(
        "CONNECT {{\"verbose\":false,\"headers\":true}}\r\nHPUB {subject} {head} {all}\r\n{headers}"
    );
    let url = dev.nats().client_url;
    let address = url.trim_start_matches("nats://");
    let mut server = TcpStream::connect(address).await.unwrap();
    server.write_all(said.as_bytes()).await.unwrap();
    server.write_all(&draft.payload).await.unwrap();
    server.write_all(b"\r\nPING\r\n").await.unwrap();
    let mut lines = BufReader::new(server).lines();
    while lines.next_line().await.unwrap().unwrap() != "PONG" {}
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_event_says_is_escaped_in_every_form() {
    let data = tempfile::tempdir().unwrap();
    let dev = Dev::start(data.path(), &[]).await;
    let name = "\u{1b}]0;owned\u{7}Cof\u{9b}31mfee\u{202e}";
    write_hostile(&dev, name).await;
    let all = replayed(&dev, &["--type", "OrderPlaced"]).await;
    assert_eq!(all[0]["data"]["lines"][0]["product_name"], json!(name));
    let order = all[0]["orderId"].as_str().unwrap();
    for words in [
        &["replay"][..],
        &["replay", "-o", "ndjson"],
        &["replay", "-o", "json"],
        &["replay", "-o", "csv"],
        &["show", order],
        &["show", order, "-o", "json"],
    ] {
        let shown = said(&dev, words).await;
        let acts = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!shown.contains(acts), "{words:?}: {shown:?}");
        // A table may break a line in the middle of the word.
        let letters: String = shown.split_whitespace().collect();
        assert!(letters.contains("owned"), "{words:?}: {shown}");
    }
}
