//! What the program refuses to do, and whether it says why.

use std::net::TcpListener;

use ordertrace_nats::managed::{ManagedServer, StartOptions, SyncPolicy};
use ordertrace_nats::{
    Topology, TopologyOptions,
    subject::{EVENTS_STREAM, TIMERS_STREAM},
};
use reqwest::Method;

use crate::harness::{Call, Dev, LogReader, Program, Role, cash_order};

/// Runs the program to its end, which has to be a failure, and gives what it said.
async fn refused(args: &[&str]) -> String {
    ended(args, 1).await
}

/// Runs the program to its end, which has to have this exit code, and gives what it said.
async fn ended(args: &[&str], expected: i32) -> String {
    let mut program = Program::run(args).await;
    let (code, told) = (program.code(), program.stderr());
    assert_eq!(code, Some(expected), "{told}");
    assert!(
        told.lines().any(|line| line.starts_with("error: ")),
        "{told}"
    );
    assert_eq!(program.stdout(), "", "a failed start has nothing to show");
    told
}

#[track_caller]
fn assert_says(told: &str, words: &[&str]) {
    for word in words {
        assert!(told.contains(word), "{word:?} is not in\n{told}");
    }
}

#[tokio::test]
async fn no_role_listens_beyond_this_machine_without_being_told_so() {
    for role in ["command-api", "saga", "projections"] {
        let told = refused(&[role, "--listen", "0.0.0.0:0"]).await;
        assert_says(&told, &["0.0.0.0:0", "--insecure-no-auth", "127.0.0.1"]);
    }
}

#[tokio::test]
async fn dev_listens_on_loopback_only() {
    let told = refused(&["dev", "--listen", "0.0.0.0:0"]).await;
    assert_says(&told, &["0.0.0.0:0", "loopback"]);
}

#[tokio::test]
async fn a_busy_port_is_told_at_once() {
    let busy = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = busy.local_addr().unwrap().to_string();
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().join("data");
    let told = refused(&[
        "dev",
        "--listen",
        &addr,
        "--data-dir",
        folder.to_str().unwrap(),
    ])
    .await;
    assert_says(&told, &[&addr, "in use", "--listen"]);
    assert!(
        !folder.exists(),
        "something was started before the port was there"
    );
}

#[tokio::test]
async fn a_second_dev_on_the_same_data_folder_is_refused() {
    let data = tempfile::tempdir().unwrap();
    let dev = Dev::start(data.path(), &[]).await;
    let folder = data.path().to_str().unwrap();
    let told = refused(&["dev", "--listen", "127.0.0.1:0", "--data-dir", folder]).await;
    assert_says(&told, &[folder, &dev.program.pid().to_string()]);
    dev.api.get("/readyz").await.expect(200);
}

#[tokio::test]
async fn a_role_without_nats_says_how_to_name_one() {
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().to_str().unwrap();
    for role in ["command-api", "saga", "projections"] {
        let told = ended(&[role, "--listen", "127.0.0.1:0", "--data-dir", folder], 4).await;
        assert_says(&told, &["--nats-url", "NATS_URL", "ordertrace dev", folder]);
    }
}

#[tokio::test]
async fn a_saga_without_a_payment_provider_says_how_to_name_one() {
    let data = tempfile::tempdir().unwrap();
    let server = ManagedServer::start(StartOptions::new(data.path())).await;
    let server = server.unwrap();
    let args = [
        "saga",
        "--listen",
        "127.0.0.1:0",
        "--nats-url",
        server.client_url(),
        "--nats-monitor-url",
        server.monitor_url(),
    ];
    let told = refused(&args).await;
    let ways = ["--payment-provider-url", "ordertrace payment-simulator"];
    assert_says(&told, &ways);
}

#[tokio::test]
async fn a_payment_provider_that_can_not_be_used_is_told_before_anything_starts() {
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("empty");
    std::fs::write(&empty, "\n").unwrap();
    let (empty, none) = (empty.to_str().unwrap(), folder.path().join("none"));
    let cases: [(&str, &str, &[&str]); 5] = [
        ("nowhere", empty, &["--payment-provider-url", "URL"]),
        (
            "http://user:hidden@192.0.2.1",
            empty,
            &["192.0.2.1", "https"],
        ),
        ("https://192.0.2.1", none.to_str().unwrap(), &["none"]),
        ("https://192.0.2.1", empty, &["secret key is empty"]),
        (
            "https://192.0.2.1",
            "",
            &["ORDERTRACE_PAYMENT_PROVIDER_SECRET"],
        ),
    ];
    for (url, secret_file, words) in cases {
        let mut args = vec![
            "saga",
            "--listen",
            "127.0.0.1:0",
            "--payment-provider-url",
            url,
        ];
        if !secret_file.is_empty() {
            args.extend(["--payment-provider-secret-file", secret_file]);
        }
        let told = refused(&args).await;
        assert_says(&told, words);
        assert!(!told.contains("hidden"), "{told}");
    }
}

#[tokio::test]
async fn the_payment_simulator_listens_on_loopback_only() {
    let told = refused(&["payment-simulator", "--listen", "0.0.0.0:0"]).await;
    assert_says(&told, &["0.0.0.0:0", "loopback"]);
}

#[tokio::test]
async fn a_nats_server_that_does_not_answer_is_named() {
    // A port that was free a moment ago.
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = nobody.local_addr().unwrap().to_string();
    drop(nobody);
    let url = format!("nats://user:secret@{addr}");
    let args = ["command-api", "--listen", "127.0.0.1:0", "--nats-url", &url];
    let told = ended(&args, 4).await;
    assert_says(&told, &[&addr]);
    assert!(!told.contains("secret"), "{told}");
}

#[tokio::test]
async fn a_server_that_acknowledges_before_it_writes_is_refused_unless_that_is_allowed() {
    let data = tempfile::tempdir().unwrap();
    let mut options = StartOptions::new(data.path());
    options.sync = SyncPolicy::ServerDefault;
    let server = ManagedServer::start(options).await.unwrap();
    let flags = [
        "--nats-url",
        server.client_url(),
        "--nats-monitor-url",
        server.monitor_url(),
    ];
    let allowing = "--allow-losing-acknowledged-orders";
    let listen = ["command-api", "--listen", "127.0.0.1:0"];
    let told = refused(&[&listen[..], &flags].concat()).await;
    assert_says(&told, &[allowing, "sync_interval", "power cut"]);

    let mut role = Role::start("command-api", &[&flags[..], &[allowing]].concat()).await;
    role.api.place(cash_order()).await;
    role.program
        .said("that it takes the risk", |_, log| {
            log.contains("WARN").then_some(())
        })
        .await;
}

#[tokio::test]
async fn what_no_route_takes_is_a_problem_too() {
    let data = tempfile::tempdir().unwrap();
    let dev = Dev::start(data.path(), &[]).await;
    let refused = [
        (dev.api.get("/nowhere").await, 404, "not-found"),
        (
            dev.api.call(Call::new(Method::PATCH, "/orders")).await,
            405,
            "method-not-allowed",
        ),
        (dev.api.get("/orders/not-an-id").await, 400, "invalid-id"),
    ];
    for (answer, status, name) in refused {
        let answer = answer.expect(status);
        assert_eq!(answer.header("content-type"), "application/problem+json");
        assert_eq!(
            answer.json()["type"],
            format!("urn:ordertrace:problem:{name}")
        );
        assert_ne!(answer.header("x-request-id"), "");
    }
}

#[tokio::test]
async fn a_deleted_stream_ends_the_process_and_no_start_makes_an_empty_one() {
    let data = tempfile::tempdir().unwrap();
    let mut dev = Dev::start(data.path(), &[]).await;
    dev.api.place(cash_order()).await;
    let reader = LogReader::of_server(&dev.nats()).await;
    let jetstream = reader.connection.jetstream();
    jetstream.delete_stream(EVENTS_STREAM).await.unwrap();

    let ended = dev.program.ended().await;
    assert_eq!(ended.code(), Some(1));
    assert_says(&dev.program.stderr(), &["error: ", "was deleted"]);
    let folder = data.path().to_str().unwrap();
    let told = refused(&["dev", "--listen", "127.0.0.1:0", "--data-dir", folder]).await;
    assert_says(&told, &["ORDERTRACE_EVENTS is gone", "ORDERTRACE_TIMERS"]);
}

#[tokio::test]
async fn a_stream_that_was_created_anew_ends_the_process_and_the_next_start_works_on_the_new_log() {
    let data = tempfile::tempdir().unwrap();
    let mut dev = Dev::start(data.path(), &[]).await;
    let order = dev.api.place(cash_order()).await;
    dev.api.trace_at(&order, "payment_requested").await;
    let reader = LogReader::of_server(&dev.nats()).await;
    let jetstream = reader.connection.jetstream();
    for stream in [EVENTS_STREAM, TIMERS_STREAM] {
        jetstream.delete_stream(stream).await.unwrap();
    }
    let topology = Topology::new(TopologyOptions::SINGLE);
    let ended = tokio::select! {
        ended = dev.program.ended() => ended,
        // The process may end before all consumers are there again, and takes its nats-server along.
        _ = topology.ensure(&reader.connection) => dev.program.ended().await,
    };
    assert_eq!(ended.code(), Some(1));
    assert_says(&dev.program.stderr(), &["error: ", "re-created"]);
    let dev = Dev::start(data.path(), &[]).await;
    dev.api.get(format!("/orders/{order}")).await.expect(404);
    let orders = dev.api.get("/orders").await.expect(200).json();
    assert_eq!(orders["page"]["totalElements"], 0);
    assert_says(&dev.program.stderr(), &["set aside"]);
    let order = dev.api.place(cash_order()).await;
    dev.api.trace_at(&order, "payment_requested").await;
}
