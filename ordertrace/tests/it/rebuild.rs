//! Rebuilding the read models of a running system, by the command line and over HTTP.

use std::path::Path;

use ordertrace_domain::testing::ManualClock;
use ordertrace_domain::{DecodeError, FeedItem, Position, Sequence, Timestamp, UnreadableEvent};
use ordertrace_projections::ViewStore;
use serde_json::{Value, json};

use crate::harness::{Dev, PATIENCE, Program, cash_order, signal, wait_until};

/// Runs `ordertrace ops` against a server, and gives its exit code and what it printed.
async fn ops(dev: &Dev, args: &[&str]) -> (Option<i32>, String, String) {
    let url = format!("http://{}", dev.addr);
    let mut program = Program::run(["ops", "--url", &url].iter().chain(args)).await;
    (program.code(), program.stdout(), program.stderr())
}

/// How the view is doing.
async fn views(dev: &Dev) -> Value {
    dev.api.get("/ops/views").await.expect(200).json()["views"].clone()
}

/// The same, once it has all of the log.
async fn level_views(dev: &Dev) -> Value {
    wait_until("the view is level", PATIENCE, async || {
        let views = views(dev).await;
        (views["behind"] == 0).then_some(views)
    })
    .await
}

async fn stop(mut dev: Dev) {
    signal("TERM", dev.program.pid());
    dev.program.ended().await;
}

#[tokio::test]
async fn read_models_are_compared_rebuilt_and_watched() {
    let data = tempfile::tempdir().unwrap();
    let dev = Dev::start(data.path(), &[]).await;
    let order = dev.api.place(cash_order()).await;
    let trace = dev.api.trace_at(&order, "payment_requested").await;
    let before = level_views(&dev).await;
    assert_eq!(
        (&before["orders"], &before["isReady"]),
        (&json!(1), &json!(true))
    );

    let (code, stdout, stderr) = ops(&dev, &["rebuild", "--watch"]).await;
    assert_eq!(code, Some(0), "{stderr}");
    assert_eq!(Vec::from_iter(stdout.split_whitespace()), ["state", "none"]);
    let (code, stdout, stderr) = ops(&dev, &["rebuild", "--dry-run", "-o", "json"]).await;
    assert_eq!(code, Some(0), "{stderr}");
    let compared: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(compared["state"], "compared", "{compared}");
    assert_eq!(compared["comparison"]["isEqual"], true);
    assert_eq!(compared["comparison"]["live"]["digest"], before["digest"]);
    assert!(data.path().join("views/sled").exists());

    let (code, stdout, stderr) = ops(&dev, &["rebuild"]).await;
    assert_eq!(code, Some(0), "{stderr}");
    assert!(
        stdout.contains("switched") && stdout.contains("equal"),
        "{stdout}"
    );
    assert!(
        !data.path().join("views/sled").exists(),
        "the old one is gone"
    );
    assert_eq!(level_views(&dev).await, before);
    let (code, watched, _) = ops(&dev, &["rebuild", "--watch"]).await;
    assert_eq!((code, watched), (Some(0), stdout));
    let (code, shown, _) = ops(&dev, &["views"]).await;
    assert_eq!(code, Some(0));
    let digest = before["digest"].as_str().unwrap();
    assert!(
        shown.contains(digest) && shown.contains("switched"),
        "{shown}"
    );

    // It goes on from there, and so does the next process.
    dev.api
        .post(format!("/payments/{order}/approve"), json!({}))
        .await
        .expect(200);
    dev.api.trace_at(&order, "delivery_started").await;
    assert_eq!(trace["orderId"], json!(order));
    let before = level_views(&dev).await;
    stop(dev).await;
    let dev = Dev::start(data.path(), &[]).await;
    assert_eq!(level_views(&dev).await, before);
    stop(dev).await;
}

/// Makes read models that have missed the first event of the log, as a program with a fault might have.
fn make_views_without_the_first_event(folder: &Path, log: Position) {
    std::fs::remove_dir_all(folder).unwrap();
    let head = Position {
        sequence: Sequence::new(1),
        ..log
    };
    let store = ViewStore::open(folder, head, &ManualClock::new()).unwrap();
    let missed = FeedItem::Unreadable(UnreadableEvent {
        sequence: head.sequence,
        recorded_at: Timestamp::from_micros(0),
        order_id: None,
        error: DecodeError::Malformed("it was not read".to_owned()),
    });
    store.commit(&[missed]).unwrap();
}

#[tokio::test]
async fn read_models_that_differ_from_the_log_are_found_and_replaced_when_somebody_says_so() {
    let data = tempfile::tempdir().unwrap();
    let dev = Dev::start(data.path(), &[]).await;
    let order = dev.api.place(cash_order()).await;
    let trace = dev.api.trace_at(&order, "payment_requested").await;
    let sound = level_views(&dev).await;
    let position = Position::parse(sound["position"].as_str().unwrap()).unwrap();
    stop(dev).await;
    make_views_without_the_first_event(&data.path().join("views"), position);

    let dev = Dev::start(data.path(), &[]).await;
    let spoilt = level_views(&dev).await;
    assert_eq!(
        (&spoilt["strays"], &spoilt["orders"]),
        (&json!(1), &json!(0))
    );
    for (args, state) in [
        (&["rebuild", "--dry-run"][..], "compared"),
        (&["rebuild"], "kept"),
    ] {
        let (code, stdout, stderr) = ops(&dev, args).await;
        assert_eq!(code, Some(3), "{stderr}");
        assert!(stderr.contains("error: they differ"), "{stderr}");
        for words in [state, "KEY", &format!("row of {order}")] {
            assert!(stdout.contains(words), "{words:?} is not in\n{stdout}");
        }
        assert_eq!(level_views(&dev).await, spoilt);
    }
    let (code, stdout, stderr) = ops(&dev, &["rebuild", "--yes"]).await;
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stdout.contains("switched"), "{stdout}");
    assert_eq!(level_views(&dev).await, sound);
    let shown = dev
        .api
        .get(format!("/orderTraces/{order}"))
        .await
        .expect(200);
    assert_eq!(shown.json(), trace);
    stop(dev).await;
}

#[tokio::test]
async fn nobody_at_the_address_is_told_from_a_failure() {
    for command in ["rebuild", "views"] {
        let mut program = Program::run(["ops", command, "--url", "http://127.0.0.1:1"]).await;
        assert_eq!(program.code(), Some(4), "{}", program.stderr());
    }
}

#[tokio::test]
async fn ctrl_c_ends_the_watching_and_not_the_rebuild() {
    let reading = json!({
        "state": "reading", "startedAt": "2023-11-14T22:13:20.000000Z", "position": "18c0a3f2b1e40000-3",
        "eventsDone": 3, "eventsTotal": 10, "eventsPerSecond": 5.0, "etaSeconds": 2,
    });
    let show = axum::routing::get(async move || axum::Json(reading));
    let routes = axum::Router::new().route("/ops/rebuild", show);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(async move { axum::serve(listener, routes).await });

    let mut program = Program::start(["ops", "rebuild", "--watch", "--url", &url]);
    let line = "3 of 10 events, 5 events/s, 2 s to go, at 18c0a3f2b1e40000-3";
    let said = program.said("how far it is", |_, stderr| {
        stderr.contains(line).then_some(())
    });
    said.await;
    signal("INT", program.pid());
    program.ended().await;
    assert_eq!(program.code(), Some(130), "{}", program.stderr());
    assert!(program.stderr().contains("ordertrace ops rebuild --watch"));
    assert_eq!(program.stdout(), "");
    server.abort();
}
