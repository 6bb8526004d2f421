//! Bundles, asked of a role and checked before they are kept.

use std::fs;
use std::sync::{Arc, Mutex};

use axum::Json;
use axum::Router;
use axum::extract::{Path, RawQuery};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use ordertrace_domain::Sequence;
use serde_json::json;
use tokio::net::TcpListener;

use super::{
    Ended, findings,
    sealed::{Sealed, changed},
    text,
};

/// A role that answers what the test has it answer.
struct Told {
    url: String,
    asked: Arc<Mutex<Vec<String>>>,
    serving: tokio::task::JoinHandle<()>,
}

impl Drop for Told {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Told {
    /// It has one bundle for whoever asks, or none, and has seen the log up to a position.
    async fn role(bundle: Option<Vec<u8>>, position: String) -> Self {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let calls = Arc::clone(&asked);
        let proof = async move |Path(order): Path<String>, RawQuery(query): RawQuery| -> Response {
            calls
                .lock()
                .unwrap()
                .push(format!("{order}?{}", query.unwrap_or_default()));
            match bundle {
                Some(bundle) => {
                    ([(header::CONTENT_TYPE, "application/json")], bundle).into_response()
                }
                None => (
                    StatusCode::NOT_FOUND,
                    Json(json!({"title": "Not found", "detail": "no\u{1b} order"})),
                )
                    .into_response(),
            }
        };
        let status = async move || Json(json!({"position": position}));
        let router = Router::new()
            .route("/audit/orders/{id}/proof", get(proof))
            .route("/audit/status", get(status));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            url,
            asked,
            serving,
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bundle_is_kept_and_verified_offline() {
    let log = Sealed::with_orders(3).await;
    let kept = log.seal("kept.note").await;
    let orders = log.place(4).await;
    let bundle = log.trees().await.bundle(&orders[1], Some(Sequence::new(3)));
    let role = Told::role(Some(bundle.clone()), log.position(9)).await;
    let key_file = log.key_file();
    let file = log.path("order.bundle");
    let trust = ["--key", text(&key_file), "--checkpoint", text(&kept)];
    let words = ["prove", &orders[1], "--url", &role.url, "-o", text(&file)];
    let proven = Ended::of(&[&words, &trust[..]].concat()).await.with(0);
    proven
        .says(&[
            "all events of order",
            "1, position 5, of 1 order",
            "checkpoint  7 of test.example/log",
        ])
        .tells(&["2 events of the log are newer than this checkpoint"]);
    assert_eq!(fs::read(&file).unwrap(), bundle);
    assert_eq!(
        *role.asked.lock().unwrap(),
        [format!("{}?from=3", orders[1])]
    );

    let verify = [&["verify", text(&file), "-o", "json"], &trust[..]].concat();
    let report = Ended::of(&verify).await.with(0).json();
    assert_eq!(
        report["subject"],
        json!({"kind": "bundle", "order": orders[1]})
    );
    assert_eq!(
        (&report["kept"], &report["events"]),
        (&json!("consistent"), &json!(1))
    );

    // It is there already, and stays unless somebody says so.
    let refused = Ended::of(&words).await.with(1).tells(&["--force"]);
    assert_eq!(refused.stdout, "");
    Ended::of(&[&words[..], &["--force"]].concat())
        .await
        .with(0)
        .tells(&["integrity only"]);
    let words = ["prove", &orders[1], "--url", &role.url, "-o", "-"];
    let printed = Ended::of(&words)
        .await
        .with(0)
        .tells(&["all events of order"]);
    assert_eq!(printed.stdout.as_bytes(), bundle);
    let said = printed.stderr.matches("no key was given").count();
    assert_eq!(
        said, 2,
        "by whom, and under what is not shown: {}",
        printed.stderr
    );
    let folder = log.path("");
    let words = [
        "prove",
        &orders[1],
        "--url",
        &role.url,
        "--force",
        "-o",
        text(&folder),
    ];
    Ended::of(&words).await.with(1).tells(&["is a folder"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bundle_in_which_a_byte_was_changed_is_refuted() {
    let log = Sealed::with_orders(5).await;
    let order = log.place(1).await.remove(0);
    let file = log.path("bundle");
    fs::write(&file, log.trees().await.bundle(&order, None)).unwrap();
    Ended::of(&["verify", text(&file)]).await.with(0);
    let bytes = fs::read(&file).unwrap();
    let payload = String::from_utf8(bytes.clone())
        .unwrap()
        .find("\"payload\":\"")
        .unwrap()
        + 60;
    for at in [40, payload, bytes.len() / 2, bytes.len() - 20] {
        let flipped = changed(&file, "flipped", |bytes| {
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        });
        let refuted = Ended::of(&["verify", text(&flipped), "-o", "json"])
            .await
            .with(3)
            .json();
        assert_eq!(refuted["verdict"], "refuted", "{at}");
    }
    let flipped = changed(&file, "flipped", |bytes| {
        bytes[payload] = if bytes[payload] == b'A' { b'B' } else { b'A' };
    });
    let refuted = Ended::of(&["verify", text(&flipped), "-o", "json"])
        .await
        .with(3)
        .json();
    let codes = findings(&refuted);
    assert!(codes.contains(&("wrong-leaf", Some(6))), "{codes:?}");
    assert_eq!(refuted["firstPosition"], 6);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_does_not_verify_is_not_kept() {
    let log = Sealed::with_orders(2).await;
    let kept = log.seal("kept.note").await;
    let orders = log.place(2).await;
    let bundle = log.trees().await.bundle(&orders[0], None);
    let mut flipped = bundle.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 1;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bundle");
    let order = orders[0].as_str();
    let prove = async |answer: Option<&Vec<u8>>, order: &str, more: &[&str]| {
        let role = Told::role(answer.cloned(), log.position(4)).await;
        let words = ["prove", order, "--url", &role.url, "-o", text(&file)];
        let ended = Ended::of(&[&words, more].concat()).await;
        assert_eq!(
            fs::read_dir(folder.path()).unwrap().count(),
            0,
            "{}",
            ended.stderr
        );
        assert_eq!(ended.stdout, "");
        ended
    };
    prove(Some(&flipped), order, &[])
        .await
        .with(3)
        .tells(&["was not kept"]);
    prove(Some(&bundle), &orders[1], &[])
        .await
        .with(3)
        .tells(&["about another order"]);
    // It has no proof from the checkpoint that was kept.
    let since = ["--checkpoint", text(&kept)];
    prove(Some(&bundle), order, &since)
        .await
        .with(1)
        .tells(&["can't show", "prove ORDER --checkpoint"]);
    prove(None, order, &[])
        .await
        .with(1)
        .tells(&["Not found: no\\u{1b} order"]);
    prove(Some(&b"{}".to_vec()), order, &[]).await.with(3);
    prove(Some(&bundle), "../orders", &[])
        .await
        .with(2)
        .tells(&["ORDER"]);
    let words = [
        "prove",
        order,
        "--url",
        "http://127.0.0.1:1",
        "-o",
        text(&file),
    ];
    Ended::of(&words).await.with(4).tells(&["no answer"]);
}

impl Sealed {
    /// A position of this log, as an answer shows it.
    fn position(&self, number: u64) -> String {
        let incarnation = self.incarnation();
        ordertrace_domain::Position {
            incarnation,
            sequence: Sequence::new(number),
        }
        .to_string()
    }
}
