//! A restore whose process is killed in the middle, wherever: no role starts on what it leaves.

use std::sync::Arc;

use ordertrace_nats::managed::{ManagedServer, StartOptions};
use ordertrace_nats::subject::EVENTS_STREAM;
use ordertrace_nats::{
    ConnectOptions, Connection, JetStreamBackup, Topology, TopologyError, TopologyOptions,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::time::timeout;

use super::{back_up, text};
use crate::harness::{Dev, PATIENCE, Program, cash_order, signal};

/// Before what the process is killed, and whether the log is there by then.
const MOMENTS: [(&str, bool); 7] = [
    ("$JS.API.STREAM.RESTORE.ORDERTRACE_EVENTS", false),
    ("$JS.API.STREAM.RESTORE.ORDERTRACE_CHECKPOINTS", true),
    ("$JS.API.STREAM.RESTORE.ORDERTRACE_DLQ", true),
    ("$JS.API.CONSUMER.MSG.NEXT.ORDERTRACE_EVENTS", true),
    ("$JS.API.STREAM.RESTORE.ORDERTRACE_TIMERS", true),
    ("$JS.API.CONSUMER.INFO.ORDERTRACE_EVENTS", true),
    ("$JS.API.STREAM.UPDATE.ORDERTRACE_EVENTS", true),
];

/// Passes everything on to a server until the client says the word; from then on nothing.
struct Until {
    url: String,
    said: Arc<Notify>,
}

impl Until {
    async fn says(word: &'static str, server_url: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let server = server_url.trim_start_matches("nats://").to_owned();
        let said = Arc::new(Notify::new());
        let told = Arc::clone(&said);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(&server).await.unwrap();
                pass_until(word, client, server).await;
                told.notify_one();
            }
        });
        Self {
            url: format!("nats://{addr}"),
            said,
        }
    }
}

async fn pass_until(word: &str, client: TcpStream, server: TcpStream) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let down = tokio::spawn(async move {
        // Whichever end hangs up ends the copy.
        let _ = tokio::io::copy(&mut from_server, &mut to_client).await;
    });
    let mut seen = Vec::new();
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(read @ 1..) = from_client.read(&mut buffer).await {
        // A word may come in two parts; what was seen is kept for as long as it may be the first.
        seen.extend_from_slice(&buffer[..read]);
        if seen.windows(word.len()).any(|part| part == word.as_bytes()) {
            break;
        }
        seen.drain(..seen.len().saturating_sub(word.len()));
        if to_server.write_all(&buffer[..read]).await.is_err() {
            break;
        }
    }
    down.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_role_starts_on_what_a_killed_restore_has_left() {
    let folder = tempfile::tempdir().unwrap();
    let (there, backup) = (folder.path().join("there"), folder.path().join("backup"));
    let dev = Dev::start(&there, &[]).await;
    let order = dev.api.place(cash_order()).await;
    dev.api.trace_at(&order, "payment_requested").await;
    back_up(&backup, &there).await;
    drop(dev);
    for (index, (word, is_there)) in MOMENTS.into_iter().enumerate() {
        let server = ManagedServer::start(StartOptions::new(folder.path().join(index.to_string())));
        let server = server.await.unwrap();
        let until = Until::says(word, server.client_url()).await;
        let args = [
            "ops",
            "restore",
            text(&backup),
            "--nats-url",
            &until.url,
            "--yes",
        ];
        let mut program = Program::start(args);
        let said = timeout(PATIENCE, until.said.notified()).await;
        assert!(said.is_ok(), "it never says {word}: {}", program.stderr());
        program.kill9();
        assert_not_served(word, &server, is_there).await;
        server.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_backup_that_was_interrupted_nothing_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let (there, backup) = (folder.path().join("there"), folder.path().join("backup"));
    let dev = Dev::start(&there, &[]).await;
    let (word, nats) = ("$JS.API.STREAM.SNAPSHOT.ORDERTRACE_EVENTS", dev.nats());
    let until = Until::says(word, &nats.client_url).await;
    let mut program = Program::start(["ops", "backup", text(&backup), "--nats-url", &until.url]);
    let said = timeout(PATIENCE, until.said.notified()).await;
    assert!(said.is_ok(), "{}", program.stderr());
    let count = || std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(count(), 2, "it is under way");
    signal("INT", program.pid());
    assert_eq!(program.ended().await.code(), Some(130));
    assert_eq!(count(), 1);
}

async fn assert_not_served(word: &str, server: &ManagedServer, is_there: bool) {
    let connection = Connection::open(ConnectOptions::new([server.client_url()], "test"));
    let connection = connection.await.unwrap();
    let log = JetStreamBackup::new(&connection).info(EVENTS_STREAM).await;
    let log = log.unwrap();
    assert_eq!(
        log.as_ref().map(|log| log.is_withheld()),
        is_there.then_some(true),
        "{word}"
    );
    if is_there {
        let topology = Topology::new(TopologyOptions::SINGLE);
        let refused = topology.ensure(&connection).await.unwrap_err();
        assert!(
            matches!(refused, TopologyError::Drift(_)),
            "{word}: {refused}"
        );
        let mut role = Program::run([
            "command-api",
            "--nats-url",
            server.client_url(),
            "--listen",
            "127.0.0.1:0",
        ])
        .await;
        assert_eq!(role.code(), Some(1), "{}", role.stderr());
        assert!(
            role.stderr().contains("ordertrace.restoring"),
            "{}",
            role.stderr()
        );
    }
}
