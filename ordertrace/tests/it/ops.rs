//! What an operator sees and does: parked messages, stuck orders, the payment provider; by the command line and over HTTP.

use std::net::TcpListener;

use ordertrace_domain::{OrderId, Shard};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use crate::harness::{Api, Dev, PATIENCE, Program, cash_order, wait_until};

/// Runs `ordertrace ops` against a server, and gives its exit code and what it printed.
async fn ops(dev: &Dev, args: &[&str]) -> (Option<i32>, String, String) {
    let url = format!("http://{}", dev.addr);
    let always = ["ops", "--url", &url];
    let mut program = Program::run(always.iter().chain(args)).await;
    (program.code(), program.stdout(), program.stderr())
}

/// What a command that succeeds prints.
async fn said(dev: &Dev, args: &[&str]) -> String {
    let (code, stdout, stderr) = ops(dev, args).await;
    assert_eq!((code, stderr.as_str()), (Some(0), ""), "{args:?}");
    stdout
}

async fn said_json(dev: &Dev, args: &[&str]) -> Value {
    let args = [args, &["-o", "json"]].concat();
    serde_json::from_str(&said(dev, &args).await).unwrap()
}

/// A list that has come to have this many items.
async fn list_of(dev: &Dev, args: &[&str], count: usize) -> Vec<Value> {
    let what = format!("{args:?} lists {count}");
    wait_until(&what, PATIENCE, async || {
        let list = said_json(dev, args).await.as_array().unwrap().clone();
        (list.len() == count).then_some(list)
    })
    .await
}

/// Writes what is no event of ours on an order's subject, as anybody could who may publish there.
async fn write_garbage(dev: &Dev, order: &str) {
    let shard = Shard::of(OrderId::parse(order).unwrap());
    let url = dev.nats().client_url;
    let mut server = TcpStream::connect(url.trim_start_matches("nats://"))
        .await
        .unwrap();
    let said = format!(
        "CONNECT {{\"verbose\":false}}\r\nPUB ordertrace.events.{shard}.{order} 7\r\ngarbage\r\nPING\r\n"
    );
    server.write_all(said.as_bytes()).await.unwrap();
    let mut lines = BufReader::new(server).lines();
    while let Some(line) = lines.next_line().await.unwrap() {
        if line == "PONG" {
            return;
        }
    }
    panic!("the server hung up");
}

#[tokio::test]
async fn a_message_that_nobody_can_read_is_parked_until_an_operator_decides() {
    let data = tempfile::tempdir().unwrap();
    let dev = Dev::start(data.path(), &[]).await;
    assert_eq!(
        said(&dev, &["dlq", "list"]).await,
        "No such message is parked.\n"
    );
    let order = dev.api.place(cash_order()).await;
    dev.api.trace_at(&order, "payment_requested").await;
    write_garbage(&dev, &order).await;

    let letters = list_of(&dev, &["dlq", "list"], 1).await;
    assert_eq!(letters[0]["orderId"], json!(order));
    let id = letters[0]["id"].as_str().unwrap();
    let shown = said(&dev, &["dlq", "show", id]).await;
    assert!(shown.contains(id) && shown.contains(&order), "{shown}");
    // That order waits and is listed; others go on.
    let stuck = list_of(&dev, &["stuck", "list"], 1).await;
    assert_eq!(stuck[0]["orderId"], json!(order));
    assert_eq!(stuck[0]["reason"], "quarantined");
    let other = dev.api.place(cash_order()).await;
    dev.api.trace_at(&other, "payment_requested").await;

    let dry = said(&dev, &["dlq", "retry", id]).await;
    assert!(dry.contains("--yes"), "{dry}");
    assert_eq!(list_of(&dev, &["dlq", "list"], 1).await, letters);
    // The order is read anew, and still can't be: the message is parked again.
    said(&dev, &["dlq", "retry", id, "--yes"]).await;
    let again = wait_until("it is parked again", PATIENCE, async || {
        let list = said_json(&dev, &["dlq", "list"]).await;
        (list != json!([]) && list != json!(letters)).then_some(list)
    });
    assert_eq!(again.await[0]["id"], json!(id));

    let discard = ["dlq", "discard", id, "--reason", "a load test wrote it"];
    said(&dev, &discard).await;
    assert_eq!(list_of(&dev, &["dlq", "list"], 1).await.len(), 1);
    said(&dev, &[&discard[..], &["--yes"]].concat()).await;
    assert_eq!(said_json(&dev, &["dlq", "list"]).await, json!([]));
    let discarded = list_of(&dev, &["dlq", "list", "--status", "discarded"], 1).await;
    assert_eq!(discarded[0]["discardReason"], "a load test wrote it");
}

/// A card order whose provider nobody can reach.
async fn without_a_provider(dev: &Dev) -> String {
    let order = json!({"productId": 1, "qty": 1, "paymentType": "card", "paymentMethod": "pm_card_visa", "cost": 1000, "productName": "Coffee"});
    dev.api.place(order).await
}

#[tokio::test]
async fn an_order_that_waits_for_a_provider_that_is_down_is_listed_and_can_be_resumed() {
    let data = tempfile::tempdir().unwrap();
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", nobody.local_addr().unwrap());
    drop(nobody);
    let secret = data.path().join("secret");
    std::fs::write(&secret, "sk_test").unwrap();
    let flags = [
        "--payment-provider-url",
        &url,
        "--payment-provider-secret-file",
        secret.to_str().unwrap(),
        "--stuck-after",
        "1s",
    ];
    let dev = Dev::start(data.path(), &flags).await;
    assert_eq!(said(&dev, &["stuck", "list"]).await, "No order is stuck.\n");
    let order = without_a_provider(&dev).await;
    let stuck = list_of(&dev, &["stuck", "list", "--reason", "idle"], 1).await;
    assert_eq!(stuck[0]["orderId"], json!(order));
    assert_eq!(stuck[0]["state"], "payment_requested");
    let shown = said(&dev, &["stuck", "show", &order]).await;
    for words in [order.as_str(), "idle", "PaymentRequested", "advice"] {
        assert!(shown.contains(words), "{words:?} is not in\n{shown}");
    }
    let dry = said(&dev, &["stuck", "resume", &order]).await;
    assert!(dry.contains("would be tried again"), "{dry}");
    let done = said(&dev, &["stuck", "resume", &order, "--yes"]).await;
    assert!(done.contains("is tried again"), "{done}");

    // More orders, more failures in a row: the breaker opens, and placing orders goes on.
    for _ in 0..10 {
        without_a_provider(&dev).await;
    }
    wait_until("the breaker has opened", PATIENCE, async || {
        let status = said_json(&dev, &["provider"]).await;
        (status["openedTotal"].as_u64() > Some(0)).then_some(())
    })
    .await;
    let metrics = dev.api.get("/metrics").await.expect(200).text;
    assert!(
        metrics.contains("ordertrace_payment_provider_breaker_state"),
        "{metrics}"
    );
    assert_eq!(state_of(&dev.api, &order).await, "payment_requested");
}

async fn state_of(api: &Api, order: &str) -> String {
    let trace = api.get(format!("/orderTraces/{order}")).await.expect(200);
    trace.json()["state"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn what_an_operator_gets_wrong_is_told() {
    let data = tempfile::tempdir().unwrap();
    let dev = Dev::start(data.path(), &[]).await;
    let nobody = "01890a5d-ac96-774b-bcce-b302099a8057";
    for args in [
        &["dlq", "show", "saga.999"][..],
        &["dlq", "show", "../orders"],
        &["dlq", "retry", "saga.999", "--yes"],
        &["stuck", "show", nobody],
        &["stuck", "resume", nobody, "--yes"],
        &["stuck", "list", "--reason", "no-such-reason"],
    ] {
        let (code, stdout, stderr) = ops(&dev, args).await;
        assert_eq!((code, stdout.as_str()), (Some(1), ""), "{args:?}");
        assert!(stderr.starts_with("error: "), "{stderr}");
    }
    let elsewhere = ["ops", "dlq", "list", "--url", "http://127.0.0.1:1"];
    let mut program = Program::run(elsewhere).await;
    assert_eq!(program.code(), Some(4), "{}", program.stderr());
}
