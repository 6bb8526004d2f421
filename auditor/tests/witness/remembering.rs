//! What a witness remembers over restarts, cuts and damage.

use std::fs;
use std::path::PathBuf;

use ordertrace_audit::KeyUse;
use ordertrace_auditor::{OpenWitnessError, StateError};

use crate::book::Book;
use crate::site::{Site, ask, key, open, state, witness_key};

async fn site_at(book: &Book, size: u64) -> Site {
    let site = Site::of(&[book.public_key()]);
    site.ask(book.request(0, size))
        .await
        .cosigns(&book.signed(size));
    site
}

/// The file of the log.
fn file(site: &Site) -> PathBuf {
    let entries = fs::read_dir(state(&site.folder)).unwrap();
    let mut files = entries.map(|entry| entry.unwrap().path());
    let is_checkpoint = |path: &PathBuf| path.extension().is_some_and(|it| it == "checkpoint");
    files.find(is_checkpoint).unwrap()
}

#[tokio::test]
async fn a_restart_forgets_nothing() {
    let (book, keys) = (Book::new(), [Book::new().public_key()]);
    let mut site = site_at(&book, 5).await;
    for size in 6..=12 {
        site = site.restart(&keys).unwrap();
        let fork = Book::forked_after(size - 2, "a fork");
        site.ask(fork.request(size - 1, size - 1)).await.is(409);
        site.ask(book.request(size - 1, size))
            .await
            .cosigns(&book.signed(size));
    }
}

/// A process that is killed while it writes leaves a part of a file that has no name yet, and nobody has an answer.
#[tokio::test]
async fn what_was_being_written_at_the_end_is_as_if_it_had_never_been_asked() {
    let (book, keys) = (Book::new(), [Book::new().public_key()]);
    let next = site_at(&book, 20).await;
    let whole = fs::read(file(&next)).unwrap();
    let mut site = site_at(&book, 9).await;
    for length in 0..=whole.len() {
        let half = file(&site).with_extension("tmp");
        fs::write(&half, &whole[..length]).unwrap();
        site = site.restart(&keys).unwrap();
        assert_eq!(site.size(&book).await, 9, "cut off at {length}");
        assert!(!half.exists());
    }
    // Cut off after the name was given, before the answer was: it counts.
    fs::write(file(&site), &whole).unwrap();
    let site = site.restart(&keys).unwrap();
    assert_eq!(site.size(&book).await, 20);
    site.ask(book.request(20, 20))
        .await
        .cosigns(&book.signed(20));
    site.ask(Book::forked_after(9, "a fork").request(20, 20))
        .await
        .is(409);
}

/// What is in the file at the time of the answer is what the next process will know.
#[tokio::test]
async fn a_checkpoint_is_in_its_file_before_its_cosignature_is_given() {
    let book = Book::new();
    let site = site_at(&book, 1).await;
    for size in 2..=30 {
        let answer = site.ask(book.request(size - 1, size)).await;
        let kept = fs::read_to_string(file(&site)).unwrap();
        answer.cosigns(&book.signed(size));
        assert_eq!(
            kept,
            format!("{}{}", book.signed(size).as_str(), answer.body)
        );
    }
}

/// Every byte. A change of the log's signature is harmless, for what is remembered is the text.
#[tokio::test]
async fn a_file_that_was_damaged_is_never_taken_for_nothing_nor_for_another_log() {
    let (book, keys) = (Book::new(), [Book::new().public_key()]);
    let site = site_at(&book, 9).await;
    let path = file(&site);
    let good = fs::read(&path).unwrap();
    let folder = site.end();
    let fork = Book::forked_after(5, "a fork").request(9, 9);
    let mut refused = 0;
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 1;
        fs::write(&path, bad).unwrap();
        match open(&state(&folder), witness_key(), &keys) {
            Err(OpenWitnessError::State(StateError::Damaged { .. })) => refused += 1,
            Err(other) => panic!("byte {at}: {other}"),
            Ok(witness) => ask(&witness, fork.clone()).await.is(409),
        }
    }
    let text = book.signed(9).checkpoint().to_text();
    assert!(refused > text.len(), "{refused} of {}", good.len());
}

#[tokio::test]
async fn a_file_that_was_cut_off_is_refused() {
    let (book, keys) = (Book::new(), [Book::new().public_key()]);
    let site = site_at(&book, 9).await;
    let path = file(&site);
    let good = fs::read(&path).unwrap();
    let folder = site.end();
    for length in 0..good.len() {
        fs::write(&path, &good[..length]).unwrap();
        let opened = open(&state(&folder), witness_key(), &keys);
        let damaged = matches!(
            opened,
            Err(OpenWitnessError::State(StateError::Damaged { .. }))
        );
        assert!(damaged, "cut off at {length}");
    }
}

#[tokio::test]
async fn the_memory_of_another_witness_is_refused() {
    let (book, keys) = (Book::new(), [Book::new().public_key()]);
    let folder = site_at(&book, 9).await.end();
    let other = key("witness.example/w1", KeyUse::Witness, 3);
    let opened = open(&state(&folder), other, &keys);
    assert!(matches!(
        opened,
        Err(OpenWitnessError::State(StateError::Damaged { .. }))
    ));
}

#[tokio::test]
async fn a_file_under_the_name_of_another_log_is_refused() {
    let (book, keys) = (Book::new(), [Book::new().public_key()]);
    let site = site_at(&book, 9).await;
    let path = file(&site);
    fs::rename(&path, path.with_file_name("another.checkpoint")).unwrap();
    let opened = site.restart(&keys).err();
    assert!(matches!(
        opened,
        Some(OpenWitnessError::State(StateError::Damaged { .. }))
    ));
}

#[tokio::test]
async fn a_log_that_is_not_looked_after_for_a_while_is_remembered() {
    let book = Book::new();
    let other = Book::new().signed_by(key("other.example", KeyUse::Log, 6));
    let site = site_at(&book, 9).await;
    let site = site.restart(&[other.public_key()]).unwrap();
    site.ask(book.request(9, 10)).await.is(404);
    let site = site
        .restart(&[other.public_key(), book.public_key()])
        .unwrap();
    assert_eq!(site.size(&book).await, 9);
}

#[tokio::test]
async fn two_processes_can_not_share_a_memory() {
    let (book, keys) = (Book::new(), [Book::new().public_key()]);
    let site = site_at(&book, 9).await;
    let second = open(&state(&site.folder), witness_key(), &keys);
    assert!(matches!(
        second,
        Err(OpenWitnessError::State(StateError::InUse { .. }))
    ));
}

#[tokio::test]
async fn a_witness_that_can_not_remember_cosigns_nothing_more() {
    let book = Book::new();
    let site = site_at(&book, 9).await;
    assert_eq!(site.witness.check(), Ok(()));
    let folder = state(&site.folder);
    fs::rename(&folder, folder.with_extension("gone")).unwrap();
    site.ask(book.request(9, 10)).await.is(500);
    assert!(site.witness.check().is_err());
    fs::rename(folder.with_extension("gone"), &folder).unwrap();
    site.ask(book.request(9, 10)).await.is(500);
    let site = site.restart(&[book.public_key()]).unwrap();
    site.ask(book.request(9, 10))
        .await
        .cosigns(&book.signed(10));
}

#[tokio::test]
async fn keys_that_are_for_something_else_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let log = Book::new().public_key();
    let opened = |key, logs: &[_]| open(&state(&folder), key, logs).err().unwrap();
    let not_a_witness = opened(key("log", KeyUse::Log, 1), &[log]);
    assert!(matches!(not_a_witness, OpenWitnessError::NotAWitness(_)));
    let not_a_log = opened(witness_key(), &[witness_key().public()]);
    assert!(matches!(not_a_log, OpenWitnessError::NotALog(_)));
    assert!(matches!(
        opened(witness_key(), &[]),
        OpenWitnessError::NoLog
    ));
}
