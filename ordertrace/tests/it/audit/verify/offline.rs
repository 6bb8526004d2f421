//! Files, checked with nothing else at hand.

use std::fs;
use std::process::{Command, Stdio};

use ordertrace_audit::KeyUse;
use serde_json::json;

use super::{
    Ended, findings,
    sealed::{Sealed, changed, key},
    text,
};

/// How many lines come before the event at position 1.
const LINES_BEFORE_EVENTS: usize = 1;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_good_export_is_verified_and_it_is_said_what_that_shows() {
    let log = Sealed::with_orders(6).await;
    let kept = log.seal("kept.note").await;
    log.place(3).await;
    log.seal("later.note").await;
    let export = log.export("log.export").await;
    let key_file = log.key_file();

    let signed = Ended::of(&["verify", text(&export), "--key", text(&key_file)]).await;
    let signed = signed.with(0).says(&[
        "a complete export",
        "9, positions 1 to 9, of 9 orders",
        "signed by   test.example/log",
        "Shown:",
        "Not shown:",
    ]);
    assert_eq!(signed.stderr, "");
    let public = key(KeyUse::Log, 7).public().to_string();
    let itself = Ended::of(&["verify", text(&export), "--key", &public]).await;
    assert_eq!(itself.with(0).stdout, signed.stdout);
    let alone = Ended::of(&["verify", text(&kept), "--key", &public]).await;
    alone.with(0).says(&[
        "a checkpoint, and no events",
        "the checkpoint is signed with the log's key",
        "Not shown:",
    ]);

    let unsigned = Ended::of(&["verify", text(&export)]).await.with(0);
    unsigned
        .says(&["not checked: no key was given"])
        .tells(&["integrity only"]);

    let witness = log.public("witness.pub", &key(KeyUse::Witness, 9).public());
    let all = ["--checkpoint", text(&kept), "--witness", text(&witness)];
    let all = [
        &[
            "verify",
            text(&export),
            "-o",
            "json",
            "--key",
            text(&key_file),
        ],
        &all[..],
    ];
    let report = Ended::of(&all.concat()).await.with(0).json();
    assert_eq!(report["verdict"], "verified");
    assert_eq!(report["subject"], json!({"kind": "complete-export"}));
    assert_eq!((&report["events"], &report["last"]), (&json!(9), &json!(9)));
    assert_eq!(report["signedBy"], "test.example/log");
    assert_eq!(report["checkpoint"]["size"], 9);
    assert_eq!(report["kept"], "consistent");
    assert_eq!(report["cosigned"][0]["witness"], "test.example/witness");
    assert_eq!(report["findings"], json!([]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_export_from_before_the_checkpoint_that_was_kept_was_rolled_back() {
    let log = Sealed::with_orders(4).await;
    log.seal("earlier.note").await;
    let export = log.export("log.export").await;
    log.place(2).await;
    let kept = log.seal("kept.note").await;
    let words = [
        "verify",
        text(&export),
        "--checkpoint",
        text(&kept),
        "-o",
        "json",
    ];
    let refuted = Ended::of(&words)
        .await
        .with(3)
        .tells(&["rolled back"])
        .json();
    assert_eq!(refuted["verdict"], "refuted");
    assert_eq!(findings(&refuted), [("rolled-back", None)]);
    let message = refuted["findings"][0]["message"].as_str().unwrap();
    assert!(
        message.contains("over 6 events, and now there are 4"),
        "{message}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_byte_that_was_changed_is_found_and_its_position_named() {
    let log = Sealed::with_orders(5).await;
    log.seal("log.note").await;
    let export = log.export("log.export").await;
    // A letter in the middle of the payload of the event at position 3.
    let flipped = changed(&export, "flipped", |bytes| {
        let mut lines = bytes
            .split_mut(|byte| *byte == b'\n')
            .skip(LINES_BEFORE_EVENTS);
        let line = lines.nth(2).unwrap();
        let middle = line.len() * 3 / 4;
        line[middle] = if line[middle] == b'A' { b'B' } else { b'A' };
    });
    let refuted = Ended::of(&["verify", text(&flipped)]).await.with(3);
    let refuted = refuted.says(&["REFUTED", "[wrong-digest]", "expects", "have"]);
    assert!(
        refuted
            .stderr
            .starts_with("error: it is not what it says to be"),
        "{}",
        refuted.stderr
    );
    let refuted = Ended::of(&["verify", text(&flipped), "-o", "json"])
        .await
        .with(3)
        .json();
    let codes = findings(&refuted);
    assert!(codes.contains(&("wrong-tree-root", None)), "{codes:?}");

    // One that is no base64 any more can only be in one line.
    let broken = changed(&export, "broken", |bytes| {
        let mut lines = bytes
            .split_mut(|byte| *byte == b'\n')
            .skip(LINES_BEFORE_EVENTS);
        let line = lines.nth(2).unwrap();
        let middle = line.len() * 3 / 4;
        line[middle] = b'!';
    });
    let refuted = Ended::of(&["verify", text(&broken)]).await.with(3);
    refuted
        .says(&["first bad   position 3", "line 4"])
        .tells(&["position 3"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_sum_of_the_file_is_the_one_that_its_export_and_others_show() {
    let log = Sealed::with_orders(3).await;
    let note = log.seal("log.note").await;
    let export = log.path("log.export");
    let words = ["export", text(&export), "--nats-url", log.nats_url()];
    let exported = Ended::of(&words).await.with(0);
    let line = |text: &str| {
        let mut lines = text.lines().filter(|line| line.starts_with("sha256 "));
        lines.next().map(str::to_owned).unwrap()
    };
    let verified = Ended::of(&["verify", text(&export)]).await.with(0);
    assert_eq!(line(&verified.stdout), line(&exported.stdout));
    let bundle = log.path("bundle");
    let order = &log.place(1).await[0];
    fs::write(&bundle, log.trees().await.bundle(order, None)).unwrap();
    let public = key(KeyUse::Log, 7).public().to_string();
    for file in [&export, &bundle, &note] {
        let words = ["verify", text(file), "--key", &public, "-o", "json"];
        let report = Ended::of(&words).await.with(0).json();
        let sum = ordertrace_domain::Hash::of(&fs::read(file).unwrap());
        assert_eq!(report["sha256"], json!(sum.to_string()));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kept_checkpoint_that_is_itself_wrong_is_not_told_of_the_log() {
    let log = Sealed::with_orders(3).await;
    let kept = log.seal("log.note").await;
    let export = log.export("log.export").await;
    let altered = changed(&kept, "altered", |bytes| {
        let map = String::from_utf8(bytes.clone())
            .unwrap()
            .find("\nmap ")
            .unwrap()
            + 5;
        bytes[map] = if bytes[map] == b'A' { b'B' } else { b'A' };
    });
    let verify = async |checkpoint: &std::path::Path, key: Option<&str>| {
        let key = key.map(|key| ["--key", key]);
        let words = ["verify", text(&export), "--checkpoint", text(checkpoint)];
        Ended::of(&[&words[..], key.as_ref().map_or(&[][..], |key| &key[..])].concat()).await
    };
    let (ours, other) = (key(KeyUse::Log, 7).public(), key(KeyUse::Log, 8).public());
    let told = verify(&altered, Some(&ours.to_string())).await.with(2);
    assert_eq!(told.tells(&["--checkpoint: ", "was altered"]).stdout, "");
    let told = verify(&kept, Some(&other.to_string())).await.with(2);
    assert_eq!(
        told.tells(&["--checkpoint: ", "not signed with --key"])
            .stdout,
        ""
    );
    // Without a key both may be the wrong one, and that is said.
    let told = verify(&altered, None).await.with(3);
    told.says(&["[forked]"]).tells(&["--key"]);
    verify(&kept, Some(&ours.to_string())).await.with(0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changed_ends_of_lines_are_told_in_words() {
    let log = Sealed::with_orders(2).await;
    let note = log.seal("log.note").await;
    let export = log.export("log.export").await;
    let carried = |bytes: &mut Vec<u8>| {
        *bytes = String::from_utf8(bytes.clone())
            .unwrap()
            .replace('\n', "\r\n")
            .into_bytes();
    };
    let refuted = Ended::of(&["verify", text(&changed(&export, "crlf", carried))]).await;
    let refuted = refuted
        .with(3)
        .says(&["line 1 ends with a carriage return", "[not-canonical]"]);
    assert!(!refuted.stderr.contains("\\u{"), "{}", refuted.stderr);
    let note = changed(&note, "crlf.note", carried);
    let words = ["verify", text(&export), "--checkpoint", text(&note)];
    Ended::of(&words)
        .await
        .with(2)
        .tells(&["--checkpoint: ", "carriage returns"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_not_signed_is_told() {
    let log = Sealed::with_orders(2).await;
    log.seal("log.note").await;
    let export = log.export("log.export").await;
    let other = key(KeyUse::Log, 8).public().to_string();
    let words = ["verify", text(&export), "--key", &other, "-o", "json"];
    let refuted = Ended::of(&words).await.with(3).json();
    assert_eq!(findings(&refuted), [("missing-signature", None)]);
    let key_file = log.key_file();
    let stranger = key(KeyUse::Witness, 8).public().to_string();
    let words = [
        "verify",
        text(&export),
        "--key",
        text(&key_file),
        "--witness",
        &stranger,
    ];
    Ended::of(&words).await.with(3).says(&["missing-signature"]);
    // The signature itself is other bytes of the same length.
    let forged = changed(&export, "forged", |bytes| {
        let text = String::from_utf8(bytes.clone()).unwrap();
        let at = text.find("— test.example/log ").unwrap() + "— test.example/log ".len() + 40;
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
    });
    let words = [
        "verify",
        text(&forged),
        "--key",
        text(&key_file),
        "-o",
        "json",
    ];
    let refuted = Ended::of(&words).await.with(3).json();
    let codes = findings(&refuted);
    assert!(codes.contains(&("bad-signature", None)), "{codes:?}");
    assert!(codes.contains(&("wrong-digest", None)), "{codes:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_has_no_proof_in_it_and_what_is_no_call_are_told_apart() {
    let log = Sealed::with_orders(2).await;
    let folder = tempfile::tempdir().unwrap();
    for (format, words) in [
        ("csv", "CSV"),
        ("ndjson", "JSON for reading"),
        ("table", "table"),
    ] {
        let file = folder.path().join(format);
        let export = [
            "export",
            text(&file),
            "-o",
            format,
            "--nats-url",
            log.nats_url(),
        ];
        Ended::of(&export).await.with(0);
        let verify = Ended::of(&["verify", text(&file)]).await.with(1);
        assert_eq!(verify.tells(&[words, "-o verifiable"]).stdout, "");
    }
    let missing = folder.path().join("missing");
    Ended::of(&["verify", text(&missing)])
        .await
        .with(1)
        .tells(&["can't be read"]);
    Ended::of(&["verify", text(folder.path())])
        .await
        .with(1)
        .tells(&["can't be read"]);
    let csv = folder.path().join("csv");
    for more in [
        ["--key", "nobody"],
        ["--key", text(&csv)],
        ["--witness", &key(KeyUse::Log, 7).public().to_string()],
        ["--checkpoint", text(&csv)],
    ] {
        let words = [&["verify", text(&csv)], &more[..]].concat();
        Ended::of(&words).await.with(2).tells(&[more[0], "--help"]);
    }
    let secret = key(KeyUse::Log, 7).to_secret_text();
    let told = Ended::of(&["verify", text(&csv), "--key", &secret])
        .await
        .with(2);
    assert!(!told.stderr.contains(&secret), "{}", told.stderr);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_standard_input_is_a_file_as_well_and_no_data_folder_is_needed() {
    let log = Sealed::with_orders(3).await;
    log.seal("log.note").await;
    let export = log.export("log.export").await;
    let folder = tempfile::tempdir().unwrap();
    let piped = |input: &std::path::Path| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ordertrace"));
        command
            .args(["audit", "verify", "-", "-o", "json"])
            .current_dir(folder.path())
            .env_clear()
            .stdin(Stdio::from(fs::File::open(input).unwrap()));
        command.output().unwrap()
    };
    let verified = piped(&export);
    assert_eq!(verified.status.code(), Some(0), "{verified:?}");
    let report: serde_json::Value = serde_json::from_slice(&verified.stdout).unwrap();
    assert_eq!(report["events"], 3);
    let cut = changed(&export, "cut", |bytes| bytes.truncate(bytes.len() / 2));
    let refuted = piped(&cut);
    assert_eq!(refuted.status.code(), Some(3), "{refuted:?}");
    assert_eq!(
        fs::read_dir(folder.path()).unwrap().count(),
        0,
        "nothing was made"
    );
}
