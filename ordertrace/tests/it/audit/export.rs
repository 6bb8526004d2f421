//! Exports: whole files with their digest, in every form; and one that can be checked.

use std::fs;
use std::io::BufReader;
use std::path::Path;

use futures::StreamExt as _;
use ordertrace_audit::{
    Chain, Checkpoint, Frontier, KeyUse, SecretKey, SignedCheckpoint, Trust, leaf_hash,
    verify_export,
};
use ordertrace_domain::{Checkpoints as _, Record, Records as _, Sequence, Span};
use ordertrace_nats::{JetStreamCheckpoints, JetStreamRecords};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::io::AsyncReadExt as _;
use tokio::net::{TcpListener, TcpStream};

use super::{args, events, loaded, order_of, place_some, replayed};
use crate::harness::{Dev, LogReader, PATIENCE, Program, Role, Site, signal};

fn digest(path: &Path) -> String {
    let digest = Sha256::digest(fs::read(path).unwrap());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The value of a fact that an export prints.
fn fact<'a>(printed: &'a str, name: &str) -> &'a str {
    let line = printed.lines().find(|line| line.starts_with(name));
    line.unwrap_or_else(|| panic!("no {name} in\n{printed}"))[name.len()..].trim()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_is_whole_has_the_printed_digest_and_says_what_a_replay_says() {
    let data = tempfile::tempdir().unwrap();
    let dev = Dev::start(data.path(), &[]).await;
    place_some(&dev, 30).await;
    let all = replayed(&dev, &[]).await;
    let folder = tempfile::tempdir().unwrap();
    let token = |event: &Value| event["position"].as_str().unwrap().to_owned();
    for format in ["ndjson", "json", "csv", "table"] {
        let path = folder.path().join(format);
        let file = path.to_str().unwrap();
        let words = ["export", file, "-o", format, "--to-position", "50"];
        let mut export = Program::run(args(&dev, &words)).await;
        assert_eq!(export.code(), Some(0), "{}", export.stderr());
        let printed = export.stdout();
        assert_eq!(fact(&printed, "events"), "50");
        assert_eq!(fact(&printed, "first"), token(&all[0]));
        assert_eq!(fact(&printed, "last"), token(&all[49]));
        assert_eq!(fact(&printed, "sha256"), digest(&path));
    }
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    assert_eq!(events(&read("ndjson")), all[..50]);
    assert_eq!(
        serde_json::from_str::<Vec<Value>>(&read("json")).unwrap(),
        all[..50]
    );
    assert_eq!(read("table").lines().count(), 51);
    let csv = read("csv");
    let mut csv = csv::Reader::from_reader(csv.as_bytes());
    for (row, event) in csv.deserialize::<Row>().zip(&all[..50]) {
        let row = row.unwrap();
        assert_eq!(json!(row.sequence), event["sequence"]);
        assert_eq!(json!(row.order_id), event["orderId"]);
        assert_eq!(
            serde_json::from_str::<Value>(&row.data).unwrap(),
            event["data"]
        );
    }
    assert_eq!(
        fs::read_dir(folder.path()).unwrap().count(),
        4,
        "nothing else is left"
    );

    let file = folder.path().join("csv");
    let (file, before) = (file.to_str().unwrap(), digest(&file));
    let mut refused = Program::run(args(&dev, &["export", file, "-o", "csv"])).await;
    assert_eq!(refused.code(), Some(1));
    assert!(refused.stderr().contains("--force"), "{}", refused.stderr());
    assert_eq!(digest(Path::new(file)), before);
    let mut forced = Program::run(args(&dev, &["export", file, "-o", "csv", "--force"])).await;
    assert_eq!(forced.code(), Some(0), "{}", forced.stderr());
    assert_ne!(digest(Path::new(file)), before);
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    sequence: u64,
    order_id: String,
    data: String,
}

/// A site without an audit role: its checkpoints are the test's.
struct Unwatched {
    site: Site,
    commands: Role,
    reader: LogReader,
}

impl Unwatched {
    async fn with_orders(count: usize) -> Self {
        let site = Site::start().await;
        let commands = site.role("command-api", "commands").await;
        for _ in 0..count {
            commands.api.place(order_of("Coffee")).await;
        }
        let reader = site.log().await;
        Self {
            site,
            commands,
            reader,
        }
    }

    async fn export(&self, file: &Path, more: &[&str]) -> Program {
        let url = self.site.nats.client_url();
        let words = ["audit", "export", file.to_str().unwrap(), "--nats-url", url];
        Program::run(words.iter().chain(more)).await
    }

    /// Signs what the log is now.
    async fn checkpoint(&self, key: &SecretKey) -> Sequence {
        let connection = &self.reader.connection;
        let incarnation = self.reader.read().await.head.incarnation;
        let identity = connection.watch(incarnation);
        let records = JetStreamRecords::new(connection, identity.clone());
        let last = records.extent().await.unwrap().last;
        let span = Span {
            after: Sequence::START,
            upto: Some(last),
        };
        let scan = records.scan(span, None).map(Result::unwrap);
        let scanned: Vec<Record> = scan.collect().await;
        let (mut frontier, mut chain) = (Frontier::new(), Chain::new());
        for record in &scanned {
            frontier.push(leaf_hash(record));
            chain.follow(record).unwrap();
        }
        let checkpoint = Checkpoint {
            origin: key.public().name().to_owned(),
            size: last,
            tree_root: frontier.root(),
            incarnation: records.incarnation(),
            map_root: chain.map().root(),
        };
        let note = SignedCheckpoint::sign(checkpoint, key);
        let checkpoints = JetStreamCheckpoints::new(connection, identity);
        let stored = checkpoints.append(Sequence::START, note.as_str().as_bytes());
        stored.await.unwrap();
        last
    }
}

fn verified(file: &Path, trust: &Trust) -> Result<ordertrace_audit::Report, String> {
    let file = BufReader::new(fs::File::open(file).unwrap());
    verify_export(file, trust).map_err(|error| error.to_string())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_export_of_the_whole_log_ends_at_its_newest_checkpoint_and_can_be_checked() {
    let site = Unwatched::with_orders(12).await;
    let folder = tempfile::tempdir().unwrap();
    let unsigned = folder.path().join("unsigned");
    let mut export = site.export(&unsigned, &[]).await;
    assert_eq!(export.code(), Some(0), "{}", export.stderr());
    assert!(
        export.stderr().contains("there is no checkpoint yet"),
        "{}",
        export.stderr()
    );
    assert_eq!(fact(&export.stdout(), "events"), "12");
    assert_eq!(fact(&export.stdout(), "sha256"), digest(&unsigned));
    let report = verified(&unsigned, &Trust::default()).unwrap();
    assert_eq!((report.events, report.checkpoint), (12, None));

    let key = SecretKey::from_seed("test.example/log", KeyUse::Log, [7; 32]).unwrap();
    let size = site.checkpoint(&key).await;
    for _ in 0..3 {
        site.commands.api.place(order_of("Tea")).await;
    }
    let signed = folder.path().join("signed");
    let mut export = site.export(&signed, &[]).await;
    assert_eq!(export.code(), Some(0), "{}", export.stderr());
    assert!(
        export.stderr().contains("3 newer events are not in it"),
        "{}",
        export.stderr()
    );
    let printed = export.stdout();
    assert_eq!(
        fact(&printed, "checkpoint"),
        format!("{size} of test.example/log")
    );
    assert_eq!(fact(&printed, "sha256"), digest(&signed));
    let trust = Trust {
        keys: vec![key.public()],
        ..Trust::default()
    };
    let report = verified(&signed, &trust).unwrap();
    assert_eq!(report.events, size.get());

    // A part of it needs proofs, and somebody who has them.
    let part = folder.path().join("part");
    let nobody = ["--type", "OrderPlaced", "--url", "http://127.0.0.1:1"];
    let mut export = site.export(&part, &nobody).await;
    assert_eq!(export.code(), Some(4), "{}", export.stderr());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
}

/// How much of a server's words a stalling relay lets through: a part of what a loaded log has.
const PASSED_BYTES: u64 = 400_000;

/// A relay before a nats-server that falls silent in the middle; says when it does.
async fn stalling(server_url: &str) -> (String, tokio::sync::oneshot::Receiver<()>) {
    let server = server_url.trim_start_matches("nats://").to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("nats://{}", listener.local_addr().unwrap());
    let (stalled, stalls) = tokio::sync::oneshot::channel();
    tokio::spawn(async move {
        let (client, _) = listener.accept().await.unwrap();
        let server = TcpStream::connect(server).await.unwrap();
        let ((mut from_client, mut to_client), (from_server, mut to_server)) =
            (client.into_split(), server.into_split());
        let up = tokio::io::copy(&mut from_client, &mut to_server);
        let down = async {
            let mut some = from_server.take(PASSED_BYTES);
            tokio::io::copy(&mut some, &mut to_client).await.unwrap();
            stalled.send(()).unwrap();
            std::future::pending::<()>().await;
        };
        tokio::select! {
            _ = up => {}
            () = down => {}
        }
    });
    (url, stalls)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_export_that_is_interrupted_keeps_what_it_has_and_the_rest_is_a_file_of_its_own() {
    let data = tempfile::tempdir().unwrap();
    let dev = loaded(data.path()).await;
    let end = replayed(&dev, &[]).await.len().to_string();
    let whole = replayed(&dev, &["--to-position", &end]).await;
    let folder = tempfile::tempdir().unwrap();
    let files = || {
        let entries = fs::read_dir(folder.path()).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        names.sort();
        names
    };
    let file = folder.path().join("events");
    let file = file.to_str().unwrap();
    for format in ["verifiable", "ndjson"] {
        let (url, stalled) = stalling(&dev.nats().client_url).await;
        let words = ["audit", "export", file, "-o", format, "--nats-url", &url];
        let until = ["--to-position", &end];
        let until = if format == "ndjson" { &until[..] } else { &[] };
        let mut export = Program::start(words.iter().chain(until));
        tokio::time::timeout(PATIENCE, stalled)
            .await
            .unwrap()
            .unwrap();
        signal("INT", export.pid());
        export.ended().await;
        let told = export.stderr();
        assert_eq!(export.code(), Some(130), "{told}");
        if format == "verifiable" {
            assert!(told.contains("begins it anew"), "{told}");
            assert_eq!(files(), [] as [std::path::PathBuf; 0]);
            continue;
        }
        let begun = fs::read_to_string(&files()[0]).unwrap();
        let command = told.lines().last().unwrap().trim();
        let rest: Vec<&str> = command.split(' ').skip(1).collect();
        let rest = rest.iter().filter(|word| !word.starts_with("--nats-url"));
        let direct = format!("--nats-url={}", dev.nats().client_url);
        let mut rest = Program::run(rest.copied().chain([direct.as_str()])).await;
        assert_eq!(rest.code(), Some(0), "{}", rest.stderr());
        let [_, rest] = files().try_into().unwrap();
        let rest = fs::read_to_string(rest).unwrap();
        assert_eq!([events(&begun), events(&rest)].concat(), whole);
    }
}
