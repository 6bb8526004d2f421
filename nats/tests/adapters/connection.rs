//! The connection: what refuses a start, and what does not.

use std::time::{Duration, Instant};

use crate::rig::{PATIENCE, Rig, eventually};
use ordertrace_nats::{ConnectError, ConnectOptions, Connection};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

#[tokio::test]
async fn a_server_that_is_not_there_is_named_without_its_password_when_the_budget_is_over() {
    let budget = Duration::from_millis(600);
    let started = Instant::now();
    let options = ConnectOptions {
        start_budget: budget,
        ..ConnectOptions::new(["nats://user:secret@127.0.0.1:9"], "saga")
    };
    let error = Connection::open(options).await.unwrap_err();
    assert!(
        matches!(error, ConnectError::Unreachable { .. }),
        "{error:?}"
    );
    let text = error.to_string();
    assert!(
        text.contains("127.0.0.1:9") && !text.contains("secret"),
        "{text}"
    );
    assert!((budget..PATIENCE).contains(&started.elapsed()));
}

/// Speaks just enough of the protocol to let a client in: it says which version it has, and answers pings.
async fn let_in(socket: TcpStream, version: &str) -> std::io::Result<()> {
    let (reader, mut writer) = socket.into_split();
    let info = format!(
        "INFO {{\"server_id\":\"X\",\"server_name\":\"old\",\"version\":\"{version}\",\"proto\":1,\
         \"host\":\"127.0.0.1\",\"port\":4222,\"headers\":true,\"max_payload\":1048576,\"jetstream\":true}}\r\n"
    );
    writer.write_all(info.as_bytes()).await?;
    let mut lines = BufReader::new(reader).lines();
    while let Some(line) = lines.next_line().await? {
        if line.starts_with("PING") {
            writer.write_all(b"PONG\r\n").await?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_server_that_is_too_old_is_refused_with_the_version_it_has() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("nats://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        let (socket, _) = listener.accept().await.unwrap();
        let_in(socket, "2.9.10").await
    });
    let error = Connection::open(ConnectOptions::new([url], "saga"))
        .await
        .unwrap_err();
    assert!(matches!(error, ConnectError::TooOld { .. }), "{error:?}");
    let text = error.to_string();
    assert!(text.contains("2.9.10") && text.contains("2.14.4"), "{text}");
    server.abort();
}

#[tokio::test]
async fn a_start_waits_for_a_server_that_comes_late() {
    // A port that is free now; the server there comes later.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let open = tokio::spawn(Connection::open(ConnectOptions::new(
        [format!("nats://{address}")],
        "saga",
    )));
    let refused = eventually("a refused client", || async {
        TcpStream::connect(address).await.err()
    });
    refused.await;
    let listener = TcpListener::bind(address).await.unwrap();
    let server = tokio::spawn(async move {
        let (socket, _) = listener.accept().await.unwrap();
        let_in(socket, "2.15.1").await
    });
    let connection = open.await.unwrap().unwrap();
    assert!(connection.is_connected());
    server.abort();
}

#[tokio::test]
async fn a_connection_knows_whether_there_is_a_server_and_finds_it_again() {
    let rig = Rig::bare().await;
    let connection = rig.connect().await;
    assert!(connection.is_connected());
    rig.kill();
    eventually("the loss", || async {
        (!connection.is_connected()).then_some(())
    })
    .await;
    eventually("the server", || async {
        connection.is_connected().then_some(())
    })
    .await;
    connection.drain().await;
    eventually("the end", || async {
        (!connection.is_connected()).then_some(())
    })
    .await;
}
