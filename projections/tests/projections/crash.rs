//! A process that is killed in the middle of its writes: what the next one finds is the fold of a prefix of the log.

use std::{
    io::{BufRead, BufReader, Write},
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use ordertrace_domain::testing::ManualClock;
use ordertrace_projections::ViewStore;

use crate::{
    feed::Feed,
    folder::Folder,
    history::{Dice, feed_of},
};

const SEED: u64 = 23;
const MESSAGES: u64 = 4_000;

/// How many processes are killed, at most: each leaves a part of the log applied, about a twentieth.
const KILLS_MAX: usize = 15;

/// Where the child is told its folder.
const FOLDER_VARIABLE: &str = "ORDERTRACE_TEST_VIEW_FOLDER";

#[test]
#[ignore = "it is the process that the test below kills"]
fn child_that_applies_the_log_in_small_batches() {
    let Some(folder) = std::env::var_os(FOLDER_VARIABLE) else {
        return;
    };
    let feed = feed_of(SEED, MESSAGES);
    let (items, head) = (feed.items(), feed.head_now());
    let store = ViewStore::open(&PathBuf::from(folder), head, &ManualClock::new()).unwrap();
    let at = store.status().position.sequence.get();
    let mut dice = Dice::new(at);
    let mut rest = &items[usize::try_from(at).unwrap()..];
    while !rest.is_empty() {
        let (chunk, later) = rest.split_at(rest.len().min(1 + dice.below(20)));
        let position = store.commit(chunk).unwrap();
        rest = later;
        // Not `println`, which the test harness captures.
        writeln!(std::io::stdout(), "\nat {position}").unwrap();
    }
}

fn spawn_child(folder: &Folder) -> Child {
    let name = "crash::child_that_applies_the_log_in_small_batches";
    Command::new(std::env::current_exe().unwrap())
        .args([name, "--exact", "--ignored", "--nocapture"])
        .env(FOLDER_VARIABLE, folder.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Kills the child with SIGKILL once it has committed `batches`; says whether it was still at work.
fn kill_after(mut child: Child, batches: usize) -> bool {
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let committed = lines
        .map_while(Result::ok)
        .filter(|line| line.starts_with("at "));
    let was_at_work = committed.take(batches).count() == batches;
    child.kill().unwrap();
    let status = child.wait().unwrap();
    was_at_work && !status.success()
}

#[test]
fn a_killed_process_leaves_a_view_of_a_prefix_of_the_log() {
    let feed = feed_of(SEED, MESSAGES);
    let (items, head) = (feed.items(), feed.head_now());
    let folder = Folder::new();
    let (_reference_folder, reference) = Folder::with(&Feed::new());
    let mut dice = Dice::new(SEED);
    let mut kills = 0;
    for _ in 0..KILLS_MAX {
        let was_killed = kill_after(spawn_child(&folder), 1 + dice.below(40));
        kills += usize::from(was_killed);
        let store = folder.open(head);
        let at = store.status().position.sequence;
        let applied = &items[..usize::try_from(at.get()).unwrap()];
        assert_eq!(store.set_aside(), None, "after kill {kills} at {at}");
        reference.commit(applied).unwrap();
        assert_eq!(
            store.contents().unwrap(),
            reference.contents().unwrap(),
            "after kill {kills} at {at}"
        );
        if at == head.sequence {
            break;
        }
    }
    assert!(kills > 5, "only {kills} processes were killed at work");
    let store = folder.open(head);
    store.commit(&items).unwrap();
    assert_eq!(store.contents().unwrap(), Folder::contents_of(&items, head));
}
