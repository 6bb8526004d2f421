//! An order's story.

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use ordertrace_domain::{OrderId, event_subject};

use super::{args, complete, place_some, replayed, said};
use crate::harness::{Dev, Program};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_story_is_told_step_by_step_and_as_it_stood() {
    let data = tempfile::tempdir().unwrap();
    let dev = Dev::start(data.path(), &[]).await;
    let orders = place_some(&dev, 2).await;
    let order = orders[0].as_str();
    complete(&dev, order).await;

    let told = said(&dev, &["show", order]).await;
    for words in [
        order,
        "ordered 2 × Coffee for 10.00 EUR, to be paid in cash  → placed (Order END)",
        "asked for 10.00 EUR  → payment_requested (Order END)",
        "approved the payment  → payment_approved (PAY END)",
        "handed the goods over to anonymous  → delivered (DELIVERY END)",
        "It stands at version 7",
        "completed (DELIVERY END)",
        "The chain is whole",
        "That none is missing",
    ] {
        assert!(told.contains(words), "{words:?} is not in\n{told}");
    }
    let steps = told.lines().filter(|line| line.contains(" UTC "));
    assert_eq!(steps.count(), 7, "{told}");

    let history = replayed(&dev, &["--order", order]).await;
    for at in ["position", "recordedAt"] {
        let at = history[2][at].as_str().unwrap();
        let then: Value =
            serde_json::from_str(&said(&dev, &["show", order, "--at", at, "-o", "json"]).await)
                .unwrap();
        assert_eq!(
            (&then["version"], &then["state"]),
            (&json!(3), &json!("payment_approved"))
        );
        assert_eq!(then["chain"], json!({"isWhole": true}));
        assert_eq!(then["steps"][2]["event"], history[2]);
        assert_eq!(then["position"], history[2]["position"]);
    }
    let nobody = "01890a5d-ac96-774b-bcce-b302099a8057";
    let mut none = Program::run(args(&dev, &["show", nobody])).await;
    assert_eq!((none.code(), none.stdout().as_str()), (Some(1), ""));
    let mut before =
        Program::run(args(&dev, &["show", order, "--at", "2000-01-01T00:00:00Z"])).await;
    assert_eq!(before.code(), Some(1));
    assert!(
        before.stderr().contains("as of 2000"),
        "{}",
        before.stderr()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_that_somebody_wrote_into_is_told_with_what_does_not_follow() {
    let data = tempfile::tempdir().unwrap();
    let dev = Dev::start(data.path(), &[]).await;
    let orders = place_some(&dev, 1).await;
    let subject = event_subject(OrderId::parse(&orders[0]).unwrap());
    let url = dev.nats().client_url;
    let mut server = TcpStream::connect(url.trim_start_matches("nats://"))
        .await
        .unwrap();
    let garbage =
        format!("CONNECT {{\"verbose\":false}}\r\nPUB {subject} 7\r\ngarbage\r\nPING\r\n");
    server.write_all(garbage.as_bytes()).await.unwrap();
    let mut lines = BufReader::new(server).lines();
    while lines.next_line().await.unwrap().unwrap() != "PONG" {}

    let mut show = Program::run(args(&dev, &["show", &orders[0]])).await;
    let (told, error) = (show.stdout(), show.stderr());
    assert_eq!(show.code(), Some(3), "{error}");
    assert!(
        told.contains("NOT the order's next event: can't be read"),
        "{told}"
    );
    assert!(told.contains("payment_requested"), "{told}");
    assert!(error.contains("position 3"), "{error}");
    // A replay has it as well.
    let all = replayed(&dev, &["--type", "OrderCompleted"]).await;
    assert_eq!(all.len(), 1);
    assert!(all[0]["unreadable"].is_string());
}
