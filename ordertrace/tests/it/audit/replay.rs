//! Replays: all events or some, in every form, and what becomes of one that is interrupted.

use std::process::Stdio;

use ordertrace_domain::{
    Event, History, OrderEvent, ProductName, event_subject, message,
    testing::fixtures::{cash, drafts, events as made, order_id},
};
use ordertrace_nats::{ConnectOptions, Connection, Topology, TopologyError, TopologyOptions};
use serde_json::json;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::process::Command;

use super::{args, complete, events, loaded, place_some, replayed, said, sequences};
use crate::harness::{Dev, PATIENCE, Program, Site, signal};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replay_has_every_event_once_in_the_order_of_the_log_and_filters_pick_from_it() {
    let data = tempfile::tempdir().unwrap();
    let dev = Dev::start(data.path(), &[]).await;
    let orders = place_some(&dev, 30).await;
    complete(&dev, &orders[7]).await;
    let all = replayed(&dev, &[]).await;
    assert_eq!(sequences(&all), Vec::from_iter(1..=all.len() as u64));
    assert_eq!(all.len(), 2 * 30 + 5, "one order went on to its end");

    let of_order = replayed(&dev, &["--order", &orders[7]]).await;
    let versions: Vec<_> = of_order
        .iter()
        .map(|event| event["version"].clone())
        .collect();
    assert_eq!(
        versions,
        (1..=7).map(|version| json!(version)).collect::<Vec<_>>()
    );
    assert!(
        of_order
            .iter()
            .all(|event| event["orderId"] == json!(orders[7]))
    );

    let expected = |field: &str, value: &str| {
        let picked = all
            .iter()
            .filter(|event| event.pointer(field) == Some(&json!(value)));
        picked.cloned().collect::<Vec<_>>()
    };
    let placed = replayed(&dev, &["--type", "OrderPlaced"]).await;
    assert_eq!(
        (placed.len(), &placed),
        (30, &expected("/type", "OrderPlaced"))
    );
    let several = [
        "--type",
        "OrderCompleted",
        "--type",
        "DeliveryStarted,DeliveryCompleted",
    ];
    assert_eq!(replayed(&dev, &several).await.len(), 3);
    let by_saga = replayed(&dev, &["--actor", "system:saga"]).await;
    assert_eq!(by_saga, expected("/actor/kind", "system"));
    assert!(!by_saga.is_empty() && by_saga.len() < all.len());
    assert_eq!(replayed(&dev, &["--customer", "anonymous"]).await, all);
    assert_eq!(replayed(&dev, &["--customer", "nobody"]).await.len(), 0);
    let in_the_middle = [
        "--customer",
        "anonymous",
        "--from-position",
        "40",
        "--to-position",
        "50",
    ];
    assert_eq!(
        sequences(&replayed(&dev, &in_the_middle).await),
        Vec::from_iter(40..=50)
    );
    let token = all[41]["position"].as_str().unwrap();
    assert_eq!(replayed(&dev, &["--from-position", token]).await, all[41..]);

    // A time finds its place by what the log recorded.
    let time = all[20]["recordedAt"].as_str().unwrap();
    assert_eq!(replayed(&dev, &["--from", time]).await, all[20..]);
    let both = [
        replayed(&dev, &["--to", time]).await,
        replayed(&dev, &["--from", time]).await,
    ];
    assert_eq!(both.concat(), all);
    assert_eq!(
        replayed(&dev, &["--from", "2999-01-01T00:00:00Z"])
            .await
            .len(),
        0
    );

    let array = said(&dev, &["replay", "-o", "json"]).await;
    assert_eq!(
        serde_json::from_str::<Vec<serde_json::Value>>(&array).unwrap(),
        all
    );
    let table = said(&dev, &["replay"]).await;
    assert_eq!(table.lines().count(), 1 + all.len());
    assert!(table.contains("OrderCompleted"), "{table}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replay_that_is_interrupted_prints_the_command_that_gives_the_rest() {
    let data = tempfile::tempdir().unwrap();
    let dev = loaded(data.path()).await;
    // What comes after the load is not part of it.
    let end = replayed(&dev, &[]).await.len().to_string();
    let filter = ["--actor", "system", "--to-position", &end];
    let whole = replayed(&dev, &filter).await;

    let words = [&["replay", "-o", "ndjson"], &filter[..]].concat();
    let mut replay = Command::new(env!("CARGO_BIN_EXE_ordertrace"))
        .args(args(&dev, &words))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    // It has more to say than a pipe takes, so it is in the middle of it until somebody reads on.
    let mut stdout = BufReader::new(replay.stdout.take().unwrap());
    let mut begun = String::new();
    stdout.read_line(&mut begun).await.unwrap();
    signal("INT", replay.id().unwrap());
    stdout.read_to_string(&mut begun).await.unwrap();
    let ended = tokio::time::timeout(PATIENCE, replay.wait_with_output()).await;
    let ended = ended.unwrap().unwrap();
    let told = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(130), "{told}");
    let begun = events(&begun);
    assert!(
        !begun.is_empty() && begun.len() < whole.len(),
        "{}",
        begun.len()
    );

    let command = told.lines().last().unwrap().trim();
    assert!(command.starts_with("ordertrace audit replay "), "{told}");
    let folder = std::path::Path::new(env!("CARGO_BIN_EXE_ordertrace")).parent();
    let rest = Command::new("/bin/sh")
        .args(["-c", command])
        .env("PATH", folder.unwrap())
        .output();
    let rest = rest.await.unwrap();
    assert!(
        rest.status.success(),
        "{}",
        String::from_utf8_lossy(&rest.stderr)
    );
    let rest = events(&String::from_utf8(rest.stdout).unwrap());
    assert_eq!([begun, rest].concat(), whole);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_who_has_enough_ends_a_replay_quietly() {
    let data = tempfile::tempdir().unwrap();
    let dev = loaded(data.path()).await;
    for format in ["ndjson", "json", "csv", "table"] {
        let mut replay = Command::new(env!("CARGO_BIN_EXE_ordertrace"))
            .args(args(&dev, &["replay", "-o", format]))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(replay.stdout.take().unwrap());
        stdout.read_line(&mut String::new()).await.unwrap();
        drop(stdout);
        let ended = tokio::time::timeout(PATIENCE, replay.wait_with_output()).await;
        let ended = ended.unwrap().unwrap();
        let told = String::from_utf8(ended.stderr).unwrap();
        assert_eq!(
            (ended.status.code(), told.as_str()),
            (Some(0), ""),
            "{format}"
        );
    }
}

#[tokio::test]
async fn a_server_without_a_log_is_told_from_an_empty_log_and_gets_none() {
    let site = Site::start().await;
    let url = site.nats.client_url();
    let mut replay = Program::run(["audit", "replay", "--nats-url", url]).await;
    assert_eq!(replay.code(), Some(1));
    let told = replay.stderr();
    assert!(
        told.contains("there is no log on this NATS server"),
        "{told}"
    );
    let connection = Connection::open(ConnectOptions::new([url], "test"))
        .await
        .unwrap();
    let made = Topology::new(TopologyOptions::SINGLE)
        .verify(&connection)
        .await;
    let Err(TopologyError::Missing(missing)) = made else {
        panic!("{made:?}");
    };
    assert!(
        missing
            .iter()
            .any(|object| object.contains("ORDERTRACE_EVENTS"))
    );

    let role = site.role("command-api", "commands").await;
    let mut replay = Program::run(["audit", "replay", "-o", "json", "--nats-url", url]).await;
    assert_eq!((replay.code(), replay.stdout().as_str()), (Some(0), "[]\n"));
    drop(role);
}

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
        assert!(shown.contains("owned"), "{words:?}: {shown}");
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_call_exits_with_2_and_an_unreachable_log_with_4() {
    for wrong in [
        &["replay", "--type", "OrderLost"][..],
        &["replay", "--from", "yesterday"],
        &["replay", "--order", "*"],
        &["replay", "--actor", "robot"],
        &["replay", "--from-position", "9", "--to-position", "8"],
        &["replay", "-o", "xml"],
        &["tail", "-o", "json"],
        &["tail", "--last", "1", "--from-position", "1"],
        &["export"],
        &["show"],
        &["show", "../orders"],
        &[
            "show",
            "01890a5d-ac96-774b-bcce-b302099a8057",
            "--at",
            "noon",
        ],
    ] {
        let mut program = Program::run([&["audit"], wrong].concat()).await;
        assert_eq!(program.code(), Some(2), "{wrong:?}: {}", program.stderr());
        assert_eq!(program.stdout(), "");
        assert!(program.stderr().contains("--help"), "{}", program.stderr());
    }
    let order = "01890a5d-ac96-774b-bcce-b302099a8057";
    for elsewhere in [
        &["replay", "--nats-url", "nats://127.0.0.1:1"][..],
        &["show", order, "--nats-url", "nats://127.0.0.1:1"],
        &["tail"],
    ] {
        let mut program = Program::run([&["audit"], elsewhere].concat()).await;
        assert_eq!(
            program.code(),
            Some(4),
            "{elsewhere:?}: {}",
            program.stderr()
        );
    }
}
