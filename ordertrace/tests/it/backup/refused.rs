//! What is refused, and that nothing is made or changed then.

use std::fs;
use std::path::Path;

use ordertrace_nats::managed::{ManagedServer, StartOptions};
use ordertrace_nats::{BACKUP_ORDER, ConnectOptions, Connection, JetStreamBackup};

use super::{back_up, ops, text};
use crate::harness::{Dev, cash_order};

const NO_SERVER: &str = "nats://127.0.0.1:1";

async fn assert_nothing_made(server: &ManagedServer) {
    let connection = Connection::open(ConnectOptions::new([server.client_url()], "test"));
    let backup = JetStreamBackup::new(&connection.await.unwrap());
    for stream in BACKUP_ORDER {
        assert_eq!(backup.info(stream).await.unwrap(), None, "{stream}");
    }
}

/// Changes a file as asked, runs the restore, and puts the file back.
async fn restored_after(
    change: impl FnOnce(&mut Vec<u8>),
    file: &Path,
    server: &ManagedServer,
) -> (Option<i32>, String) {
    let whole = fs::read(file).unwrap();
    let mut changed = whole.clone();
    change(&mut changed);
    fs::write(file, changed).unwrap();
    let folder = text(file.parent().unwrap());
    let (code, _, stderr) = ops(&[
        "restore",
        folder,
        "--nats-url",
        server.client_url(),
        "--yes",
    ])
    .await;
    fs::write(file, whole).unwrap();
    (code, stderr)
}

#[tokio::test]
async fn a_backup_that_was_changed_is_refused_before_anything_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let (there, backup) = (folder.path().join("there"), folder.path().join("backup"));
    let dev = Dev::start(&there, &[]).await;
    let order = dev.api.place(cash_order()).await;
    dev.api.trace_at(&order, "payment_requested").await;
    back_up(&backup, &there).await;
    let server = ManagedServer::start(StartOptions::new(folder.path().join("bare")));
    let server = server.await.unwrap();

    let files: Vec<_> = fs::read_dir(&backup)
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    assert_eq!(files.len(), 6, "{files:?}");
    for file in files.iter().filter(|file| !file.ends_with("SHA256SUMS")) {
        let middle = fs::metadata(file).unwrap().len() as usize / 2;
        let flipped = restored_after(|bytes| bytes[middle] ^= 1, file, &server).await;
        let shortened = restored_after(|bytes| bytes.truncate(middle), file, &server).await;
        let lengthened = restored_after(|bytes| bytes.push(0), file, &server).await;
        for (code, stderr) in [flipped, shortened, lengthened] {
            assert_eq!(code, Some(3), "{stderr}");
            let name = file.file_name().unwrap().to_str().unwrap();
            assert!(stderr.contains(name), "{name}: {stderr}");
        }
    }
    assert_nothing_made(&server).await;
    server.stop().await;
}

#[tokio::test]
async fn a_backup_goes_into_a_new_folder_and_a_restore_onto_a_server_that_has_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (there, backup) = (folder.path().join("there"), folder.path().join("backup"));
    let dev = Dev::start(&there, &[]).await;
    back_up(&backup, &there).await;
    let before = fs::read(backup.join("manifest.json")).unwrap();
    let data = text(&there);
    let (code, _, stderr) = ops(&["backup", text(&backup), "--data-dir", data]).await;
    assert_eq!(code, Some(1));
    assert!(stderr.contains("is not empty"), "{stderr}");
    assert_eq!(fs::read(backup.join("manifest.json")).unwrap(), before);

    let order = dev.api.place(cash_order()).await;
    for more in [&[][..], &["--yes"]] {
        let args = [&["restore", text(&backup), "--data-dir", data], more].concat();
        let (code, _, stderr) = ops(&args).await;
        assert_eq!(code, Some(1));
        assert!(stderr.contains("nothing was changed"), "{stderr}");
    }
    dev.api.trace_at(&order, "payment_requested").await;
}

#[tokio::test]
async fn a_server_that_nobody_reaches_and_a_folder_that_is_no_backup_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let (there, backup) = (folder.path().join("there"), folder.path().join("backup"));
    let dev = Dev::start(&there, &[]).await;
    back_up(&backup, &there).await;
    drop(dev);
    let new = folder.path().join("new");
    let (code, _, stderr) = ops(&["backup", text(&new), "--nats-url", NO_SERVER]).await;
    assert_eq!(code, Some(4), "{stderr}");
    let left: Vec<_> = fs::read_dir(folder.path())
        .unwrap()
        .map(|file| file.unwrap().file_name())
        .collect();
    assert_eq!(
        left.len(),
        2,
        "nothing is left of a backup that failed: {left:?}"
    );
    let (code, _, stderr) = ops(&["restore", text(&backup), "--nats-url", NO_SERVER]).await;
    assert_eq!(code, Some(4), "{stderr}");
    let (code, _, stderr) = ops(&["restore", text(&there), "--nats-url", NO_SERVER]).await;
    assert_eq!(code, Some(1), "{stderr}");
    assert!(stderr.contains("manifest.json"), "{stderr}");
    let (code, ..) = ops(&["restore", "--yes"]).await;
    assert_eq!(code, Some(2));
}
