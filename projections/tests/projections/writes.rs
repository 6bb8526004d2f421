//! P4 of the promises, write by write: wherever a process is ended while it writes its view, what the next one opens is the
//! fold of a prefix of the log, and the rest of the log makes it the whole.
//!
//! Three ways to end it: SIGKILL after every batch and after every flush; the system's limit on the size of a file, which
//! ends it in the middle of the write that goes beyond, for every 4 KiB; and a copy of the folder after every write, which
//! is what a kill at that moment leaves behind.

use std::{
    io::{BufRead, BufReader, Lines, Write},
    process::{Child, ChildStdout, Command, Stdio},
};

use ordertrace_domain::{FeedItem, Position, testing::ManualClock};
use ordertrace_projections::ViewStore;

use crate::{
    folder::{self, Folder},
    history::feed_of,
};

const SEED: u64 = 31;
const MESSAGES: u64 = 160;

/// Messages a batch: small, so that there are many.
const CHUNK: usize = 8;

/// Where the child is told its folder.
const FOLDER_VARIABLE: &str = "ORDERTRACE_TEST_WRITES_FOLDER";

/// Whether the child waits for a word before each write.
const STEPWISE_VARIABLE: &str = "ORDERTRACE_TEST_WRITES_STEPWISE";

/// The boundaries at which writes are cut.
const BLOCK_BYTES: u64 = 4_096;

/// The unit of `ulimit -f` in every POSIX shell.
const ULIMIT_BYTES: u64 = 512;

/// More blocks than the view of this log takes up: a child that is never ended by itself ends the test.
const BLOCKS_MAX: u64 = 2_000;

/// What a child does next, in turn: every batch is flushed before the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Commit(usize),
    Flush(usize),
}

fn steps(items: &[FeedItem]) -> Vec<Step> {
    let ends = (CHUNK..=items.len()).step_by(CHUNK);
    ends.flat_map(|end| [Step::Commit(end), Step::Flush(end)])
        .collect()
}

fn take(step: Step, store: &ViewStore, items: &[FeedItem]) {
    match step {
        Step::Commit(end) => drop(store.commit(&items[end - CHUNK..end]).unwrap()),
        Step::Flush(_) => store.flush().unwrap(),
    }
}

#[test]
#[ignore = "it is the process that the tests below end"]
fn child_that_writes_step_by_step() {
    let Some(folder) = std::env::var_os(FOLDER_VARIABLE) else {
        return;
    };
    let is_stepwise = std::env::var_os(STEPWISE_VARIABLE).is_some();
    let feed = feed_of(SEED, MESSAGES);
    let (items, head) = (feed.items(), feed.head_now());
    let store = ViewStore::open(folder.as_ref(), head, &ManualClock::new()).unwrap();
    let mut words = std::io::stdin().lines();
    for step in steps(&items) {
        if is_stepwise {
            words.next().unwrap().unwrap();
        }
        take(step, &store, &items);
        // Not `println`, which the test harness captures.
        writeln!(std::io::stdout(), "\ndone {step:?}").unwrap();
    }
}

/// A process that takes one step at a time, when it is told to.
struct Stepper {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Stepper {
    fn start(folder: &Folder) -> Self {
        let mut child = child(std::env::current_exe().unwrap().as_os_str(), &[], folder)
            .env(STEPWISE_VARIABLE, "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    fn take(&mut self, step: Step) {
        let mut words = self.child.stdin.as_ref().unwrap();
        writeln!(words).unwrap();
        let done = format!("done {step:?}");
        let mut lines = self.lines.by_ref().map(Result::unwrap);
        assert!(lines.any(|line| line == done), "it ended before {done}");
    }

    fn kill(mut self) {
        self.child.kill().unwrap();
        assert!(!self.child.wait().unwrap().success());
    }
}

fn child(program: &std::ffi::OsStr, args: &[&std::ffi::OsStr], folder: &Folder) -> Command {
    let name = "writes::child_that_writes_step_by_step";
    let mut command = Command::new(program);
    command
        .args(args)
        .args([name, "--exact", "--ignored", "--nocapture"])
        .env(FOLDER_VARIABLE, folder.path())
        .env_remove(STEPWISE_VARIABLE);
    command
}

/// The log, and its fold at every position that was asked for so far.
struct Log {
    items: Vec<FeedItem>,
    head: Position,
}

impl Log {
    fn new() -> Self {
        let feed = feed_of(SEED, MESSAGES);
        Self {
            items: feed.items(),
            head: feed.head_now(),
        }
    }

    /// Checks that a view is a fold of a prefix of the log, and becomes that of the whole; says how long the prefix was.
    fn check(&self, folder: &Folder, what: &str) -> usize {
        let store = folder.open(self.head);
        assert_eq!(store.set_aside(), None, "{what}");
        let at = usize::try_from(store.status().position.sequence.get()).unwrap();
        let fold = Folder::contents_of(&self.items[..at], self.head);
        assert_eq!(store.contents().unwrap(), fold, "{what}, at {at}");
        store.commit(&self.items).unwrap();
        let whole = Folder::contents_of(&self.items, self.head);
        assert_eq!(store.contents().unwrap(), whole, "{what}, from {at}");
        at
    }
}

#[test]
fn a_kill_after_any_batch_or_flush_leaves_the_fold_of_a_prefix() {
    let log = Log::new();
    let steps = steps(&log.items);
    for last in 1..=steps.len() {
        let folder = Folder::new();
        let mut stepper = Stepper::start(&folder);
        steps[..last].iter().for_each(|step| stepper.take(*step));
        stepper.kill();
        let step = steps[last - 1];
        let at = log.check(&folder, &format!("killed after {step:?}"));
        match step {
            Step::Flush(end) => assert_eq!(at, end, "what was flushed is there"),
            Step::Commit(end) => assert!([end - CHUNK, end].contains(&at), "{at} after {end}"),
        }
    }
}

#[test]
fn a_copy_after_any_batch_or_flush_is_the_fold_of_a_prefix() {
    let log = Log::new();
    let original = Folder::new();
    let store = original.open(log.head);
    for step in steps(&log.items) {
        take(step, &store, &log.items);
        let image = Folder::new();
        folder::copy(&original.path(), &image.path());
        let at = log.check(&image, &format!("copied after {step:?}"));
        match step {
            Step::Flush(end) => assert_eq!(at, end, "what was flushed is there"),
            Step::Commit(end) => assert!([end - CHUNK, end].contains(&at), "{at} after {end}"),
        }
    }
}

/// Runs the child with a limit on the size of its files; says whether it came to its end.
fn run_within(blocks: u64, folder: &Folder) -> bool {
    let script = "ulimit -c 0 && ulimit -f \"$1\" && shift && exec \"$@\"";
    let units = (blocks * BLOCK_BYTES / ULIMIT_BYTES).to_string();
    let this = std::env::current_exe().unwrap();
    let args = ["-c", script, "sh", &units].map(std::ffi::OsStr::new);
    let args: Vec<_> = args.into_iter().chain([this.as_os_str()]).collect();
    let status = child("/bin/sh".as_ref(), &args, folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    status.unwrap().success()
}

#[test]
fn a_process_that_is_ended_in_the_middle_of_a_write_leaves_the_fold_of_a_prefix() {
    let log = Log::new();
    let mut left = Vec::new();
    for blocks in 1..=BLOCKS_MAX {
        let folder = Folder::new();
        if run_within(blocks, &folder) {
            break;
        }
        left.push(log.check(&folder, &format!("ended at block {blocks}")));
    }
    println!("left after each block: {left:?}");
    assert!((left.len() as u64) < BLOCKS_MAX, "it was never let go on");
    let is_between = |at: &&usize| **at > 0 && **at < log.items.len();
    assert!(left.iter().filter(is_between).count() > 3, "{left:?}");
}
