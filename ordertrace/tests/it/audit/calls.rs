//! Calls that are wrong, and calls that nobody answers: which exit code, and what is said.

use ordertrace_audit::{KeyUse, SecretKey};

use super::place_some;
use crate::harness::{Dev, Program, Role};

const ORDER: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

/// Nobody listens there.
const NATS_NOWHERE: [&str; 2] = ["--nats-url", "nats://127.0.0.1:1"];

async fn ended(words: &[&str]) -> (Option<i32>, String) {
    let mut program = Program::run(words).await;
    assert_eq!(program.stdout(), "", "{words:?}");
    (program.code(), program.stderr())
}

/// Checks that each is a mistake in the call, and is told with these words.
async fn assert_no_calls(calls: &[(&[&str], &[&str])]) {
    for (words, told) in calls {
        let (code, error) = ended(words).await;
        assert_eq!(code, Some(2), "{words:?}: {error}");
        assert!(error.contains("--help"), "{words:?}: {error}");
        for told in *told {
            assert!(
                error.contains(told),
                "{words:?}: {told:?} is not in {error}"
            );
        }
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_filter_is_told_with_its_flag_and_what_is_allowed() {
    assert_no_calls(&[
        (
            &["audit", "replay", "--type", "OrderLost"],
            &[
                "'OrderLost' for '--type <TYPE>'",
                "OrderPlaced",
                "RefundFailed",
            ],
        ),
        (
            &["audit", "replay", "--from", "yesterday"],
            &["--from <TIME>", "RFC 3339"],
        ),
        (&["audit", "replay", "--order", "*"], &["--order <ORDER>"]),
        (
            &["audit", "replay", "--actor", "robot"],
            &["--actor <KIND[:ID]>", "customer:alice", "operator"],
        ),
        (
            &["audit", "replay", "--to-position", "0"],
            &["--to-position <POSITION>", "a number from 1"],
        ),
        (
            &[
                "audit",
                "replay",
                "--from-position",
                "9",
                "--to-position",
                "8",
            ],
            &["--to-position 8 is before --from-position 9"],
        ),
        (
            &[
                "audit",
                "export",
                "log",
                "--from",
                "2026-11-23T07:00:01Z",
                "--to",
                "2026-11-23T07:00:00Z",
            ],
            &["--to 2026-11-23T07:00:00Z is before --from 2026-11-23T07:00:01Z"],
        ),
    ])
    .await;
}

#[tokio::test]
async fn what_is_no_call_exits_with_2() {
    assert_no_calls(&[
        (&["audit", "replay", "-o", "xml"], &["xml"]),
        (&["audit", "tail", "-o", "json"], &["json"]),
        (
            &["audit", "tail", "--last", "1", "--from-position", "1"],
            &[],
        ),
        (&["audit", "export"], &["<FILE>"]),
        (&["audit", "show"], &["<ORDER>"]),
        (&["audit", "show", "../orders"], &["ORDER"]),
        (&["audit", "show", ORDER, "--at", "noon"], &["--at"]),
        (
            &["audit", "replay", "--nats-url", "nats://x y"],
            &["--nats-url", "can't be read"],
        ),
        (
            &["audit", "prove", ORDER, "--url", "nonsense"],
            &["--url <URL>", "http://127.0.0.1:8088"],
        ),
        (
            &["ops", "views", "--url", "mailto:x"],
            &["--url <URL>", "http://127.0.0.1:8088"],
        ),
        (
            &["ops", "backup", "new", "--nats-url", "nats://x y"],
            &["--nats-url", "can't be read"],
        ),
        (
            &["audit", "keygen", "key", "--name", "no name"],
            &["--name"],
        ),
        (
            &["audit", "verify", "--checkpoint", "missing"],
            &["--checkpoint: missing can't be read"],
        ),
        (
            &["audit", "verify", "--key", "missing"],
            &["--key: missing is no public key"],
        ),
        (
            &["ops", "restore", "backup", "--checkpoint", "missing"],
            &["--checkpoint: missing can't be read"],
        ),
        (&["audit", "serve"], &["whose signatures count?"]),
        (
            &["audit", "serve", "--audit-log-key", "missing"],
            &["--audit-log-key: missing is no public key"],
        ),
        (
            &["audit", "serve", "--audit-key-file", "missing"],
            &["--audit-key-file"],
        ),
    ])
    .await;
}

#[tokio::test]
async fn what_nobody_answers_exits_with_4_and_says_how_to_name_a_server() {
    let key = SecretKey::from_seed("test.example/log", KeyUse::Log, [7; 32]).unwrap();
    let key = key.public().to_string();
    let serve = [
        "audit",
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--audit-log-key",
        &key,
    ];
    for words in [
        &["audit", "replay"][..],
        &["audit", "tail"],
        &["audit", "export", "log"],
        &["audit", "show", ORDER],
        &["audit", "verify"],
        &["ops", "backup", "new"],
        &serve,
    ] {
        let (code, error) = ended(words).await;
        assert_eq!(code, Some(4), "{words:?}: {error}");
        assert!(
            error.contains("neither --nats-url nor NATS_URL"),
            "{words:?}: {error}"
        );
    }
    for words in [
        &["audit", "replay"][..],
        &["audit", "show", ORDER],
        &["ops", "backup", "new"],
    ] {
        let (code, error) = ended(&[words, &NATS_NOWHERE].concat()).await;
        assert_eq!(code, Some(4), "{words:?}: {error}");
    }
}

#[tokio::test]
async fn the_help_of_what_does_not_ask_the_api_is_silent_about_its_address() {
    for (words, asks) in [
        (["ops", "backup"], false),
        (["ops", "restore"], false),
        (["ops", "views"], true),
        (["audit", "prove"], true),
        (["audit", "verify"], false),
    ] {
        let help = Program::run([&words[..], &["--help"]].concat())
            .await
            .stdout();
        assert_eq!(help.contains("--url"), asks, "{help}");
    }
}

/// It acknowledges nothing, so nobody has to show it how the servers keep what they acknowledge.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_role_that_takes_no_orders_starts_without_the_servers_settings() {
    let data = tempfile::tempdir().unwrap();
    let dev = Dev::start(data.path(), &[]).await;
    place_some(&dev, 1).await;
    let (folder, key) = (
        tempfile::tempdir().unwrap(),
        data.path().join("audit.key.pub"),
    );
    let url = dev.nats().client_url;
    // By the name of the file of the public key, as `audit verify --key` takes it.
    let words = [
        ["--audit-dir", folder.path().to_str().unwrap()],
        ["--audit-log-key", key.to_str().unwrap()],
        ["--nats-url", &url],
    ];
    let monitor = Role::start("audit serve", &words.concat()).await;
    let status = monitor.api.get("/audit/status").await.expect(200).json();
    assert_eq!(status["mode"], "monitor");
}
