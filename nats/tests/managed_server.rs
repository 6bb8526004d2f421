//! The managed server with real processes: who lives, who dies, and what is still there afterwards.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod processes;

use std::net::TcpStream;
use std::time::Duration;

use ordertrace_nats::managed::{Endpoint, ManagedError, ManagedServer, StartOptions, SyncPolicy};
use processes::{PATIENCE, events, eventually, is_alive, kill_9, parent_of, publish, started};

async fn varz(server: &ManagedServer) -> serde_json::Value {
    let answer = reqwest::get(format!("{}/varz", server.monitor_url()))
        .await
        .unwrap();
    serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
}

#[tokio::test]
async fn a_server_answers_on_loopback_only_and_syncs_always() {
    let data_dir = tempfile::tempdir().unwrap();
    let server = started(data_dir.path()).await;
    async_nats::connect(server.client_url()).await.unwrap();
    let varz = varz(&server).await;
    assert_eq!(varz["jetstream"]["config"]["sync_always"], true, "{varz}");
    assert_eq!(varz["host"], "127.0.0.1", "{varz}");
    assert_eq!(varz["http_host"], "127.0.0.1", "{varz}");
    assert!(server.store_dir().is_dir());
    for url in [server.client_url(), server.monitor_url()] {
        let port = url
            .rsplit_once("//127.0.0.1:")
            .unwrap()
            .1
            .parse::<u16>()
            .unwrap();
        assert!(TcpStream::connect(("127.0.0.1", port)).is_ok());
        // Would be answered if the server listened on every address.
        assert!(
            TcpStream::connect(("127.0.0.2", port)).is_err(),
            "{url} listens beyond 127.0.0.1"
        );
    }
    server.stop().await;
}

#[tokio::test]
async fn the_servers_own_sync_interval_is_used_only_when_asked_for() {
    let data_dir = tempfile::tempdir().unwrap();
    let options = StartOptions {
        sync: SyncPolicy::ServerDefault,
        ..StartOptions::new(data_dir.path())
    };
    let server = ManagedServer::start(options).await.unwrap();
    let varz = varz(&server).await;
    assert_ne!(varz["jetstream"]["config"]["sync_always"], true, "{varz}");
    server.stop().await;
}

#[tokio::test]
async fn a_data_folder_may_have_any_name() {
    let parent = tempfile::tempdir().unwrap();
    let server = started(&parent.path().join("it's \"my\" \\data\\ of $HOME {ä} #1")).await;
    assert!(server.store_dir().is_dir() && server.log_file().is_file());
    server.stop().await;
}

#[tokio::test]
async fn after_a_stop_nothing_runs_and_nobody_is_sent_there() {
    let data_dir = tempfile::tempdir().unwrap();
    let server = started(data_dir.path()).await;
    let (pid, shell) = (server.pid().unwrap(), parent_of(server.pid().unwrap()));
    let endpoint = Endpoint::read(data_dir.path()).unwrap();
    assert_eq!(
        (endpoint.pid, endpoint.owner_pid),
        (pid, std::process::id())
    );
    assert_eq!(
        (endpoint.client_url.as_str(), endpoint.monitor_url.as_str()),
        (server.client_url(), server.monitor_url())
    );
    let log = server.log_file();
    server.stop().await;
    assert!(!is_alive(pid) && !is_alive(shell));
    assert_eq!(Endpoint::read(data_dir.path()), None);
    let log = std::fs::read_to_string(log).unwrap();
    assert!(
        log.contains("Server Exiting"),
        "it was asked, not killed:\n{log}"
    );
}

#[tokio::test]
async fn a_dropped_server_is_gone() {
    let data_dir = tempfile::tempdir().unwrap();
    let server = started(data_dir.path()).await;
    let pid = server.pid().unwrap();
    drop(server);
    eventually("the dropped server's end", || {
        (!is_alive(pid)).then_some(())
    })
    .await;
}

#[tokio::test]
async fn two_servers_never_share_a_store() {
    let data_dir = tempfile::tempdir().unwrap();
    let first = started(data_dir.path()).await;
    let impatient = StartOptions {
        lock_wait: Duration::from_millis(100),
        ..StartOptions::new(data_dir.path())
    };
    let error = ManagedServer::start(impatient).await.unwrap_err();
    assert!(
        matches!(&error, ManagedError::InUse { owner, .. } if *owner == Some(std::process::id())),
        "{error:?}"
    );
    let told = format!(
        "another ordertrace (pid {}) uses this data folder",
        std::process::id()
    );
    assert!(error.to_string().starts_with(&told), "{error}");
    async_nats::connect(first.client_url()).await.unwrap();
    first.stop().await;
}

#[tokio::test]
async fn a_restart_waits_for_the_old_server_to_be_gone() {
    let data_dir = tempfile::tempdir().unwrap();
    let old = started(data_dir.path()).await;
    let old_pid = old.pid().unwrap();
    // The new one asks for the folder first, while the old one still runs.
    let (new, ()) = tokio::join!(started(data_dir.path()), old.stop());
    assert!(!is_alive(old_pid));
    assert_ne!(new.pid().unwrap(), old_pid);
    new.stop().await;
}

#[tokio::test]
async fn a_killed_server_comes_back_at_the_same_address_with_the_same_data() {
    let data_dir = tempfile::tempdir().unwrap();
    let server = started(data_dir.path()).await;
    events(server.client_url()).await;
    publish(server.client_url(), "before").await;
    let first = server.pid().unwrap();

    kill_9(first);
    let second = eventually("a new server", || server.pid().filter(|&pid| pid != first)).await;
    assert!(is_alive(second) && !is_alive(first));
    assert_eq!(Endpoint::read(data_dir.path()).unwrap().pid, second);
    publish(server.client_url(), "after").await;
    let kept = events(server.client_url()).await;
    assert_eq!(kept.get_raw_message(1).await.unwrap().payload, "before");
    assert_eq!(kept.get_raw_message(2).await.unwrap().payload, "after");
    server.stop().await;
}

#[tokio::test]
async fn a_server_whose_shell_was_killed_is_replaced_not_doubled() {
    let data_dir = tempfile::tempdir().unwrap();
    let server = started(data_dir.path()).await;
    let first = server.pid().unwrap();
    kill_9(parent_of(first));
    eventually("a new server", || server.pid().filter(|&pid| pid != first)).await;
    assert!(!is_alive(first));
    server.stop().await;
}

#[tokio::test]
async fn a_server_that_dies_too_often_is_given_up_and_its_folder_is_free() {
    let data_dir = tempfile::tempdir().unwrap();
    let options = StartOptions {
        restarts_max: 1,
        ..StartOptions::new(data_dir.path())
    };
    let server = ManagedServer::start(options).await.unwrap();
    let first = server.pid().unwrap();
    kill_9(first);
    let second = eventually("a new server", || server.pid().filter(|&pid| pid != first)).await;
    kill_9(second);
    let reason = tokio::time::timeout(PATIENCE, server.stopped())
        .await
        .unwrap();
    assert!(
        matches!(*reason, ManagedError::GivenUp { deaths: 2, .. }),
        "{reason:?}"
    );
    assert_eq!(server.pid(), None);
    started(data_dir.path()).await.stop().await;
}

#[tokio::test]
async fn a_server_that_cannot_start_is_quoted() {
    let data_dir = tempfile::tempdir().unwrap();
    // Where the server wants its store there is a file.
    std::fs::create_dir(data_dir.path().join("nats")).unwrap();
    std::fs::write(data_dir.path().join("nats/jetstream"), "in the way").unwrap();
    let error = ManagedServer::start(StartOptions::new(data_dir.path()))
        .await
        .unwrap_err();
    assert!(matches!(error, ManagedError::Exited { .. }), "{error:?}");
    assert!(error.to_string().contains("not a directory"), "{error}");
}
