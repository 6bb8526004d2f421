//! A process that is killed in the middle of a rebuild, at each step of it: the next one finds one view, whole, and nothing else.

use std::{
    io::{self, BufRead, BufReader, Write},
    process::{Child, Command, Stdio},
    thread,
};

use ordertrace_domain::testing::ManualClock;
use ordertrace_projections::{RebuildRequest, ViewStore};
use rstest::rstest;
use tracing::level_filters::LevelFilter;

use crate::{
    folder::Folder,
    history::feed_of,
    rebuild_scene::{Rebuilding, names},
    scene::Running,
};

const SEED: u64 = 29;
const MESSAGES: u64 = 1_500;

/// Where the child is told its folder.
const FOLDER_VARIABLE: &str = "ORDERTRACE_TEST_REBUILD_FOLDER";

/// Where the child is told at which words of its log to stand still.
const STEP_VARIABLE: &str = "ORDERTRACE_TEST_REBUILD_STEP";

/// A log that stops whoever writes certain words to it, for good, and says so.
struct StandingStillAt(String);

impl Write for StandingStillAt {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if String::from_utf8_lossy(bytes).contains(&self.0) {
            // Not `println`, which the test harness captures.
            writeln!(io::stdout(), "\nstands still")?;
            loop {
                thread::park();
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "it is the process that the test below kills"]
async fn child_that_rebuilds_and_stands_still() {
    let (Some(folder), Ok(step)) = (
        std::env::var_os(FOLDER_VARIABLE),
        std::env::var(STEP_VARIABLE),
    ) else {
        return;
    };
    tracing_subscriber::fmt()
        .with_max_level(LevelFilter::DEBUG)
        .with_ansi(false)
        .with_writer(move || StandingStillAt(step.clone()))
        .init();
    let feed = feed_of(SEED, MESSAGES);
    let store = ViewStore::open(folder.as_ref(), feed.head_now(), &ManualClock::new()).unwrap();
    let _running = Running::start(&feed, &store);
    let rebuilding = Rebuilding::of(&store, &feed);
    rebuilding.rebuild(RebuildRequest::default()).await;
    std::future::pending::<()>().await;
}

fn spawn_child(folder: &Folder, step: &str) -> Child {
    let name = "rebuild_crash::child_that_rebuilds_and_stands_still";
    Command::new(std::env::current_exe().unwrap())
        .args([name, "--exact", "--ignored", "--nocapture"])
        .env(FOLDER_VARIABLE, folder.path())
        .env(STEP_VARIABLE, step)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Kills the child with SIGKILL once it stands still.
fn kill_where_it_stands(mut child: Child) {
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let stands = lines.any(|line| line.unwrap() == "stands still");
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(stands, "the child ended before it came there");
}

#[rstest]
#[case::before_anything("a rebuild begins", "sled")]
#[case::level("rebuild.step=\"level\"", "sled")]
#[case::compared("rebuild.step=\"compared\"", "sled")]
#[case::written_out("rebuild.step=\"flushed\"", "sled")]
#[case::before_the_pointer_changes("rebuild.step=\"pointer_written\"", "sled")]
#[case::right_after_the_pointer_changed("rebuild.step=\"pointer_renamed\"", "sled-1")]
#[case::before_the_old_folder_goes("rebuild.step=\"switched\"", "sled-1")]
#[case::after_the_old_folder_went("a rebuild has ended", "sled-1")]
fn a_process_that_is_killed_at_a_step_leaves_one_whole_view(
    #[case] step: &str,
    #[case] answers: &str,
) {
    let feed = feed_of(SEED, MESSAGES);
    let (folder, store) = Folder::with(&feed);
    let contents = store.contents().unwrap();
    drop(store);
    kill_where_it_stands(spawn_child(&folder, step));

    let store = folder.open(feed.head_now());
    assert_eq!(store.set_aside(), None);
    assert_eq!(store.status().position, feed.head_now());
    assert_eq!(store.contents().unwrap(), contents);
    let folders = names(&folder.path());
    let folders: Vec<_> = folders
        .iter()
        .filter(|name| name.starts_with("sled"))
        .collect();
    assert_eq!(folders, [answers], "the others are removed");
}
