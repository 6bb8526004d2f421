//! A verifiable export of a part of the log, as it comes from whoever has the proofs: the `audit` role, or a server that says
//! what the test has it say.

use std::fs::{self, File};
use std::io::BufReader;
use std::path::Path;

use ordertrace_audit::{
    Checkpoint, ExportWriter, FilterText, Frontier, Header, KeyUse, PublicKey, SecretKey,
    SignedCheckpoint, Trust, leaf_hash, verify_export,
};
use ordertrace_domain::{Hash, Incarnation, Record, RecordedAt, Sequence};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::{complete, place_some, replayed, said, sequences};
use crate::harness::{Dev, PATIENCE, Program, wait_until};

/// An export of one record out of a log of one, which nobody could tell from any other by its form.
fn export() -> Vec<u8> {
    let record = Record {
        sequence: Sequence::new(1),
        recorded_at: RecordedAt::from_nanos(1_700_000_000_000_000_001),
        subject: "elsewhere".to_owned(),
        headers: Vec::new(),
        payload: b"a payload"[..].into(),
    };
    let mut frontier = Frontier::new();
    frontier.push(leaf_hash(&record));
    let incarnation = Incarnation::from_created_nanos(0x18c0);
    let checkpoint = Checkpoint {
        origin: "test.example/log".to_owned(),
        size: Sequence::new(1),
        tree_root: frontier.root(),
        incarnation,
        map_root: Hash::ZERO,
    };
    let key = SecretKey::from_seed("test.example/log", KeyUse::Log, [7; 32]).unwrap();
    let header = Header {
        origin: Some("test.example/log".to_owned()),
        incarnation,
        from: Sequence::new(1),
        to: Sequence::new(1),
        filter: Some(FilterText {
            customer: Some("alice & bob".to_owned()),
            ..FilterText::default()
        }),
    };
    let mut writer = ExportWriter::new(Vec::new(), &header).unwrap();
    writer.event(&record, Some(&[])).unwrap();
    let signed = SignedCheckpoint::sign(checkpoint, &key);
    writer.finish(Some(&signed)).unwrap().0
}

/// A server that gives one answer, and the request that it was given for.
async fn answering(answer: Vec<u8>) -> (String, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let served = tokio::spawn(async move {
        let (mut client, _) = listener.accept().await.unwrap();
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            request.push(client.read_u8().await.unwrap());
        }
        client.write_all(&answer).await.unwrap();
        client.shutdown().await.unwrap();
        String::from_utf8(request).unwrap()
    });
    (url, served)
}

/// An answer that is as long as it says.
fn whole(status: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

async fn run(file: &Path, url: &str) -> Program {
    let file = file.to_str().unwrap();
    let filter = [
        "--customer",
        "alice & bob",
        "--type",
        "OrderPlaced",
        "--type",
        "OrderCompleted",
    ];
    let words = ["audit", "export", file, "--url", url];
    Program::run(words.iter().chain(&filter)).await
}

#[tokio::test]
async fn an_export_of_a_part_is_asked_for_by_the_same_filters_and_kept_as_it_came() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("part");
    let (url, served) = answering(whole("200 OK", &export())).await;
    let mut program = run(&file, &url).await;
    assert_eq!(program.code(), Some(0), "{}", program.stderr());
    let request = served.await.unwrap();
    let line = request.lines().next().unwrap();
    assert_eq!(
        line,
        "GET /audit/export?type=OrderPlaced%2COrderCompleted&customer=alice+%26+bob HTTP/1.1"
    );
    assert_eq!(fs::read(&file).unwrap(), export());
    let printed = program.stdout();
    for fact in [
        "events      1\n",
        "first       18c0-1\n",
        "checkpoint  1 of test.example/log\n",
    ] {
        assert!(printed.contains(fact), "{printed}");
    }
}

#[tokio::test]
async fn what_was_altered_cut_off_or_refused_is_told_and_nothing_is_kept() {
    let mut altered = export();
    let at = altered.len() / 2;
    altered[at] ^= 1;
    let mut cut_off = whole("200 OK", &export());
    cut_off.truncate(cut_off.len() - 200);
    let ends_early = &export()[..export().len() - 90];
    let problem = br#"{"title":"No checkpoint yet","detail":"wait \u001b[31m"}"#;
    for (answer, code, told) in [
        (whole("200 OK", &altered), 3, "altered on its way"),
        (cut_off, 4, "cut off"),
        (whole("200 OK", ends_early), 1, "cut off"),
        (
            whole("404 Not Found", problem),
            1,
            "No checkpoint yet: wait \\u{1b}[31m",
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let (url, served) = answering(answer).await;
        let mut program = run(&folder.path().join("part"), &url).await;
        served.await.unwrap();
        let error = program.stderr();
        assert_eq!(program.code(), Some(code), "{error}");
        assert!(error.contains(told), "{told:?} is not in {error}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "{told}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_part_of_a_real_log_has_what_a_replay_of_it_has_and_can_be_checked() {
    let data = tempfile::tempdir().unwrap();
    let dev = Dev::start(data.path(), &["--checkpoint-every", "1s"]).await;
    let orders = place_some(&dev, 5).await;
    complete(&dev, &orders[3]).await;
    let all = replayed(&dev, &[]).await;
    wait_until("a checkpoint of all there is", PATIENCE, async || {
        let note = dev.api.get("/audit/checkpoint").await;
        let size = note.text.lines().nth(1).map(str::to_owned);
        (note.status == 200 && size == Some(all.len().to_string())).then_some(())
    })
    .await;
    let key = fs::read_to_string(data.path().join("audit.key.pub")).unwrap();
    let trust = Trust {
        keys: vec![PublicKey::parse(key.trim()).unwrap()],
        ..Trust::default()
    };
    let (time, url) = (
        all[4]["recordedAt"].as_str().unwrap(),
        format!("http://{}", dev.addr),
    );
    for filter in [
        &["--order", &orders[3]][..],
        &["--type", "OrderPlaced,OrderCompleted"],
        &["--actor", "system"],
        &["--customer", "anonymous", "--from-position", "3"],
        &["--customer", "nobody"],
        &["--from", time],
        &["--to-position", "7"],
    ] {
        let expected = replayed(&dev, filter).await;
        let file = data.path().join("part");
        let words = [
            "audit",
            "export",
            file.to_str().unwrap(),
            "--force",
            "--url",
            &url,
        ];
        let mut export = Program::run(words.iter().chain(filter)).await;
        assert_eq!(export.code(), Some(0), "{filter:?}: {}", export.stderr());
        let report = verify_export(BufReader::new(File::open(&file).unwrap()), &trust).unwrap();
        assert_eq!(report.events, expected.len() as u64, "{filter:?}");
        let text = fs::read_to_string(&file).unwrap();
        let places: Vec<u64> = text
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).unwrap()["position"].as_u64())
            .collect();
        assert_eq!(places, sequences(&expected), "{filter:?}");
    }
    let words = ["replay", "-o", "ndjson", "--actor", "system"];
    let streamed = dev.api.get("/audit/events?actor=system").await.expect(200);
    assert_eq!(streamed.text, said(&dev, &words).await);
}
