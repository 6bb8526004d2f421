//! Replays: all events or some, in every form, and what becomes of one that is interrupted.

use std::process::Stdio;

use ordertrace_nats::{ConnectOptions, Connection, Topology, TopologyError, TopologyOptions};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::process::Command;

use super::{args, complete, events, loaded, place_some, replayed, said, sequences};
use crate::harness::{Dev, PATIENCE, Program, Site, signal};

/// A log of thirty orders, one of which went on to its end.
struct Shop {
    dev: Dev,
    orders: Vec<String>,
    all: Vec<Value>,
    _data: TempDir,
}

/// The order that went on.
const COMPLETED: usize = 7;

impl Shop {
    async fn open() -> Self {
        let data = tempfile::tempdir().unwrap();
        let dev = Dev::start(data.path(), &[]).await;
        let orders = place_some(&dev, 30).await;
        complete(&dev, &orders[COMPLETED]).await;
        Self {
            all: replayed(&dev, &[]).await,
            dev,
            orders,
            _data: data,
        }
    }

    async fn replayed(&self, filter: &[&str]) -> Vec<Value> {
        replayed(&self.dev, filter).await
    }

    /// Those of all events that say this.
    fn expected(&self, field: &str, value: &str) -> Vec<Value> {
        let says = |event: &&Value| event.pointer(field) == Some(&json!(value));
        self.all.iter().filter(says).cloned().collect()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replay_has_every_event_once_in_the_order_of_the_log_in_every_form() {
    let Shop { dev, all, .. } = &Shop::open().await;
    assert_eq!(sequences(all), Vec::from_iter(1..=all.len() as u64));
    assert_eq!(all.len(), 2 * 30 + 5, "one order went on to its end");
    let array = said(dev, &["replay", "-o", "json"]).await;
    assert_eq!(&serde_json::from_str::<Vec<Value>>(&array).unwrap(), all);
    let table = said(dev, &["replay"]).await;
    let types = all.iter().map(|event| event["type"].as_str().unwrap());
    let mut lines = table.lines();
    for name in types {
        assert!(
            lines.any(|line| line.ends_with(name)),
            "{name} is not in\n{table}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn filters_pick_what_an_event_says_of_itself() {
    let shop = Shop::open().await;
    let order = &shop.orders[COMPLETED];
    let of_order = shop.replayed(&["--order", order]).await;
    assert_eq!(of_order, shop.expected("/orderId", order));
    let versions = of_order.iter().map(|event| event["version"].as_u64());
    assert_eq!(
        versions.collect::<Vec<_>>(),
        (1..=7).map(Some).collect::<Vec<_>>()
    );

    let placed = shop.replayed(&["--type", "OrderPlaced"]).await;
    assert_eq!(placed, shop.expected("/type", "OrderPlaced"));
    assert_eq!(placed.len(), 30);
    let several = "DeliveryStarted,DeliveryCompleted";
    let several = ["--type", "OrderCompleted", "--type", several];
    assert_eq!(shop.replayed(&several).await.len(), 3);
    let by_saga = shop.replayed(&["--actor", "system:saga"]).await;
    assert_eq!(by_saga, shop.expected("/actor/kind", "system"));
    assert!(!by_saga.is_empty() && by_saga.len() < shop.all.len());
    assert_eq!(shop.replayed(&["--customer", "anonymous"]).await, shop.all);
    assert_eq!(shop.replayed(&["--customer", "nobody"]).await.len(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn positions_and_times_say_where_a_replay_begins_and_ends() {
    let shop = Shop::open().await;
    let all = &shop.all;
    let ends = ["--from-position", "40", "--to-position", "50"];
    let in_the_middle = [&["--customer", "anonymous"], &ends[..]].concat();
    let middle = shop.replayed(&in_the_middle).await;
    assert_eq!(sequences(&middle), Vec::from_iter(40..=50));
    let token = all[41]["position"].as_str().unwrap();
    assert_eq!(shop.replayed(&["--from-position", token]).await, all[41..]);

    // A time finds its place by what the log recorded.
    let time = all[20]["recordedAt"].as_str().unwrap();
    let (before, since) = (
        shop.replayed(&["--to", time]).await,
        shop.replayed(&["--from", time]).await,
    );
    assert_eq!(since, all[20..]);
    assert_eq!(&[before, since].concat(), all);
    let never = ["--from", "2999-01-01T00:00:00Z"];
    assert_eq!(shop.replayed(&never).await.len(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_line_of_a_table_is_wider_than_the_terminal() {
    let Shop { dev, orders, .. } = &Shop::open().await;
    for words in [&["replay"][..], &["show", &orders[COMPLETED]]] {
        for (columns, said) in [(80, None), (60, Some("60")), (200, Some("200"))] {
            let env = said.map(|columns| ("COLUMNS", columns.to_owned()));
            let mut program = Program::start_with_env(args(dev, words), env);
            assert_eq!(
                program.ended().await.code(),
                Some(0),
                "{}",
                program.stderr()
            );
            let table = program.stdout();
            let widest = table.lines().map(|line| line.chars().count()).max();
            assert!(
                widest.is_some_and(|it| it <= columns),
                "{widest:?} in {columns}\n{table}"
            );
            assert!(
                widest.is_some_and(|it| it > columns / 2),
                "{widest:?} in {columns}"
            );
        }
    }
    // What programs read is as long as it is.
    for format in ["csv", "ndjson"] {
        let lines = said(dev, &["replay", "-o", format]).await;
        assert!(lines.lines().all(|line| line.len() > 80), "{lines}");
    }
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
