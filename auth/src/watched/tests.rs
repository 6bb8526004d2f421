//! A file that others change.

use std::{
    fs,
    sync::atomic::{AtomicUsize, Ordering},
};

use super::*;

const EVERY: Duration = Duration::from_secs(1);

fn words(bytes: &[u8]) -> Result<String, Unfit> {
    let text = String::from_utf8(bytes.to_vec()).map_err(|_| Unfit("it is no text"))?;
    (text != "bad").then_some(text).ok_or(Unfit("it is bad"))
}

fn watch(folder: &tempfile::TempDir) -> (PathBuf, Watched<String>) {
    let file = folder.path().join("words");
    (file.clone(), Watched::new("words", file, EVERY, 8, words))
}

/// Replaces the file as a whole, as everybody should.
fn put(file: &Path, text: &str) {
    fs::write(beside(file, ".tmp"), text).unwrap();
    fs::rename(beside(file, ".tmp"), file).unwrap();
}

async fn later(watched: &Watched<String>) -> Result<String, Nothing> {
    tokio::time::advance(EVERY).await;
    watched.get().await.map(|held| held.as_str().to_owned())
}

#[tokio::test(start_paused = true)]
async fn a_change_is_seen_at_the_next_look_and_not_before() {
    let folder = tempfile::tempdir().unwrap();
    let (file, watched) = watch(&folder);
    put(&file, "one");
    assert_eq!(*watched.get().await.unwrap(), "one");
    put(&file, "two");
    tokio::time::advance(EVERY / 2).await;
    assert_eq!(*watched.get().await.unwrap(), "one");
    assert_eq!(later(&watched).await.unwrap(), "two");
}

#[tokio::test(start_paused = true)]
async fn what_was_good_serves_on() {
    let folder = tempfile::tempdir().unwrap();
    let (file, watched) = watch(&folder);
    put(&file, "one");
    assert_eq!(later(&watched).await.unwrap(), "one");
    for broken in ["bad", "far too long"] {
        put(&file, broken);
        assert_eq!(later(&watched).await.unwrap(), "one");
    }
    fs::remove_file(&file).unwrap();
    assert_eq!(later(&watched).await.unwrap(), "one");
    put(&file, "two");
    assert_eq!(later(&watched).await.unwrap(), "two");
}

#[tokio::test(start_paused = true)]
async fn what_never_was_is_told_from_what_never_was_good() {
    let folder = tempfile::tempdir().unwrap();
    let (file, watched) = watch(&folder);
    assert_eq!(later(&watched).await, Err(Nothing::Missing));
    put(&file, "bad");
    assert_eq!(later(&watched).await, Err(Nothing::Unusable));
    put(&file, "one");
    assert_eq!(later(&watched).await.unwrap(), "one");
}

#[tokio::test(start_paused = true)]
async fn a_file_that_has_not_changed_is_not_read_again() {
    static READ: AtomicUsize = AtomicUsize::new(0);
    fn counted(_: &[u8]) -> Result<(), Unfit> {
        READ.fetch_add(1, Ordering::Relaxed);
        Err(Unfit("it is bad"))
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("words");
    put(&file, "one");
    let watched = Watched::new("words", &file, EVERY, 8, counted);
    for _ in 0..5 {
        tokio::time::advance(EVERY).await;
        watched.get().await.unwrap_err();
    }
    assert_eq!(READ.load(Ordering::Relaxed), 1);
}
