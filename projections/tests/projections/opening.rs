//! Opening a folder: gone on with, or set aside, and said so.

use std::{fs, path::Path, time::Duration};

use ordertrace_domain::{
    Incarnation, Position, Sequence,
    testing::{
        ManualClock,
        fixtures::{self, histories},
    },
};
use ordertrace_projections::{OpenError, OpenOptions, Unfit, ViewStore};

use crate::{feed::Feed, folder::Folder, logged::logged_by};

fn a_feed() -> Feed {
    Feed::of([
        histories::completed(fixtures::cash()),
        histories::completed(fixtures::card()),
    ])
}

/// Opens the folder for this log, expects it to be set aside and logged at this level, and the new view to become the
/// same as any other view of the log.
fn expect_set_aside(folder: &Folder, feed: &Feed, head: Position, level: &str) -> Unfit {
    let (store, log) = logged_by(|| folder.open(head));
    let set_aside = store.set_aside().expect("the folder is set aside").clone();
    assert_eq!(folder.set_aside().last(), Some(&set_aside.folder));
    let name = set_aside.folder.file_name().unwrap().to_str().unwrap();
    assert!(
        name.starts_with("view.set-aside-20231114T221320.000000Z"),
        "{name}"
    );
    let lines: Vec<_> = log
        .lines()
        .filter(|line| line.contains("set aside"))
        .collect();
    assert_eq!(lines.len(), 1, "{log}");
    assert!(lines[0].contains(level), "{log}");
    assert!(lines[0].contains(&set_aside.reason.to_string()), "{log}");
    assert_eq!(store.status().position.sequence, Sequence::START);
    if head == feed.head_now() {
        store.commit(&feed.items()).unwrap();
        assert_eq!(
            store.contents().unwrap(),
            Folder::contents_of(&feed.items(), head)
        );
    }
    set_aside.reason
}

#[test]
fn a_view_is_gone_on_with_where_it_was_closed() {
    let feed = a_feed();
    let (folder, store) = Folder::with(&feed);
    let contents = store.contents().unwrap();
    drop(store);
    let (store, log) = logged_by(|| folder.open(feed.head_now()));
    assert_eq!(store.set_aside(), None);
    assert_eq!(store.status().position, feed.head_now());
    assert!(store.status().is_ready());
    assert_eq!(store.contents().unwrap(), contents);
    assert!(!log.contains("set aside"), "{log}");
}

#[test]
fn a_view_of_another_log_is_set_aside() {
    let feed = a_feed();
    let (folder, store) = Folder::with(&feed);
    drop(store);
    let found = feed.incarnation;
    let feed = feed.under(Incarnation::from_created_nanos(7));
    let expected = feed.incarnation;
    let reason = expect_set_aside(&folder, &feed, feed.head_now(), "WARN");
    assert_eq!(reason, Unfit::OtherLog { found, expected });
}

#[test]
fn a_view_ahead_of_the_log_is_set_aside() {
    let feed = a_feed();
    let (folder, store) = Folder::with(&feed);
    drop(store);
    let view = feed.head_now().sequence;
    let head = Position {
        sequence: Sequence::new(view.get() - 1),
        ..feed.head_now()
    };
    let reason = expect_set_aside(&folder, &feed, head, "ERROR");
    let head = head.sequence;
    assert_eq!(reason, Unfit::AheadOfLog { view, head });
}

#[test]
fn a_foreign_folder_is_set_aside_untouched() {
    let feed = a_feed();
    let folder = Folder::new();
    fs::create_dir_all(folder.path()).unwrap();
    fs::write(folder.path().join("letter.txt"), "Dear diary").unwrap();
    let reason = expect_set_aside(&folder, &feed, feed.head_now(), "ERROR");
    assert_eq!(reason, Unfit::Foreign);
    let kept = folder.set_aside().remove(0);
    let letter = fs::read_to_string(kept.join("letter.txt")).unwrap();
    assert_eq!(letter, "Dear diary");
    assert_eq!(fs::read_dir(kept).unwrap().count(), 1);
}

/// Writes into a closed view's tree, as another version of the program might have.
fn put(folder: &Folder, key: &[u8], value: &[u8]) {
    let tree = sled::open(folder.path().join("sled")).unwrap();
    tree.insert(key, value).unwrap();
}

#[test]
fn a_view_in_another_format_is_set_aside() {
    let feed = a_feed();
    let (folder, store) = Folder::with(&feed);
    drop(store);
    put(&folder, &[0], &[2, 0, 0, 0, 0]);
    let reason = expect_set_aside(&folder, &feed, feed.head_now(), "WARN");
    assert!(matches!(reason, Unfit::OtherLayout { .. }), "{reason}");
}

#[test]
fn a_view_in_another_revision_is_set_aside() {
    let feed = a_feed();
    let (folder, store) = Folder::with(&feed);
    drop(store);
    // Format 1, checksum, and an array of one number: revision 0.
    let checksum = crc32fast::hash(&[0, 0x91, 0]).to_be_bytes();
    put(&folder, &[0], &[&[1], &checksum[..], &[0x91, 0]].concat());
    let reason = expect_set_aside(&folder, &feed, feed.head_now(), "WARN");
    assert!(matches!(reason, Unfit::OtherLayout { .. }), "{reason}");
}

#[test]
fn a_view_without_a_checkpoint_or_a_layout_is_set_aside() {
    for key in [0, 1] {
        let feed = a_feed();
        let (folder, store) = Folder::with(&feed);
        drop(store);
        let tree = sled::open(folder.path().join("sled")).unwrap();
        tree.remove([key]).unwrap();
        drop(tree);
        let reason = expect_set_aside(&folder, &feed, feed.head_now(), "ERROR");
        assert!(matches!(reason, Unfit::Damaged(_)), "{reason}");
    }
}

/// Every file of the view, and of sled within it, in turn becomes this.
fn spoil_each_file(spoil: impl Fn(&Path)) {
    let feed = a_feed();
    let (whole, store) = Folder::with(&feed);
    drop(store);
    for name in ["db", "conf"] {
        let folder = Folder::new();
        crate::folder::copy(&whole.path(), &folder.path());
        spoil(&folder.path().join("sled").join(name));
        let store = folder.open(feed.head_now());
        let is_kept = store.set_aside().is_none();
        store.commit(&feed.items()).unwrap();
        let expected = Folder::contents_of(&feed.items(), feed.head_now());
        assert_eq!(
            store.contents().unwrap(),
            expected,
            "{name}, kept: {is_kept}"
        );
    }
}

#[test]
fn a_view_of_garbage_is_built_anew() {
    spoil_each_file(|file| fs::write(file, [0xA5; 10_000]).unwrap());
}

#[test]
fn a_view_of_empty_files_is_built_anew() {
    spoil_each_file(|file| fs::write(file, []).unwrap());
}

#[test]
fn a_view_with_a_missing_file_is_built_anew() {
    spoil_each_file(|file| fs::remove_file(file).unwrap());
}

#[test]
fn damage_that_a_query_came_upon_is_set_aside_by_the_next_start() {
    let feed = a_feed();
    let (folder, store) = Folder::with(&feed);
    drop(store);
    let key = [&[2], &crate::feed::order_id(0).as_bytes()[..]].concat();
    put(&folder, &key, b"\x01\0\0\0\0nonsense");
    let store = folder.open(feed.head_now());
    assert_eq!(
        store.set_aside(),
        None,
        "nobody has looked at that order yet"
    );
    assert!(store.record(crate::feed::order_id(0)).is_err());
    assert!(!store.status().is_ready());
    drop(store);
    let reason = expect_set_aside(&folder, &feed, feed.head_now(), "ERROR");
    assert!(matches!(reason, Unfit::Damaged(_)), "{reason}");
}

#[test]
fn a_folder_in_use_is_waited_for_and_then_refused() {
    let feed = a_feed();
    let (folder, _store) = Folder::with(&feed);
    let (path, clock, wait) = (folder.path(), ManualClock::new(), Duration::from_millis(50));
    let options = OpenOptions {
        lock_wait_max: wait,
        ..OpenOptions::default()
    };
    let second = ViewStore::open_with(&path, feed.head_now(), &clock, options);
    assert!(matches!(second, Err(OpenError::InUse { .. })));
    assert!(folder.set_aside().is_empty(), "a view in use is left alone");
}

#[test]
fn a_folder_that_is_let_go_of_meanwhile_is_opened() {
    let feed = a_feed();
    let (folder, store) = Folder::with(&feed);
    let (head, path) = (feed.head_now(), folder.path());
    let opening = std::thread::spawn(move || ViewStore::open(&path, head, &ManualClock::new()));
    drop(store);
    assert_eq!(opening.join().unwrap().unwrap().status().position, head);
}

#[test]
fn only_the_last_three_views_that_were_set_aside_are_kept_and_every_foreign_folder() {
    let feed = a_feed();
    let folder = Folder::new();
    fs::create_dir_all(folder.path()).unwrap();
    fs::write(folder.path().join("letter.txt"), "Dear diary").unwrap();
    drop(folder.open(feed.head_now()));
    for log in 0..5 {
        let head = Position {
            incarnation: Incarnation::from_created_nanos(log),
            sequence: Sequence::START,
        };
        drop(folder.open(head));
    }
    let kept = folder.set_aside();
    assert_eq!(kept.len(), 4, "{kept:?}");
    assert!(kept[0].join("letter.txt").exists(), "{kept:?}");
}

#[test]
fn an_order_in_quarantine_and_a_message_of_nobody_are_logged_once() {
    let feed = a_feed();
    feed.write(0, b"no envelope");
    feed.write(0, b"no envelope");
    feed.write_stray();
    let folder = Folder::new();
    let store = folder.open(feed.head_now());
    let (_, log) = logged_by(|| store.commit(&feed.items()).unwrap());
    let errors: Vec<_> = log.lines().filter(|line| line.contains("ERROR")).collect();
    assert_eq!(errors.len(), 2, "{log}");
    assert!(errors[0].contains("quarantined"), "{log}");
    assert!(
        errors[0].contains(&format!("order.id={}", crate::feed::order_id(0))),
        "{log}"
    );
    assert!(errors[1].contains("event.position="), "{log}");
}
