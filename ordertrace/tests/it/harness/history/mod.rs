//! What clients asked of orders and were told, when, and whether some order of all that is one that a single order could have
//! gone through, one step after the other.
//!
//! Invariant: what a client does not know is written down as not known. A time-out or a lost connection says nothing about
//! what was done; only an answer that says "nothing was changed", or a connection that never came about, does.
//! It deliberately knows nothing of the views' entries: they are compared with the log elsewhere.

mod action;
mod check;
mod heard;
mod order;
#[cfg(test)]
mod planted;
mod told;

use std::fmt;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use serde_json::{Value, json};

use super::{Api, Log};
pub(crate) use action::{Action, Ask, order_placed_by};
pub(crate) use heard::{Heard, Refused};

/// One operation of a client.
#[derive(Debug, Clone)]
pub(crate) struct Operation {
    /// Who asked. It asks for one thing at a time; one that was not answered never asks again, as its operation may still be
    /// under way.
    pub(crate) process: u64,
    pub(crate) ask: Ask,
    pub(crate) asked_ns: u64,
    pub(crate) heard_ns: u64,
    pub(crate) heard: Heard,
}

/// Operations as they end, one line of JSON each in a file that outlives a test that fails.
pub(crate) struct History {
    begun: Instant,
    processes: AtomicU64,
    path: PathBuf,
    written: Mutex<Written>,
}

struct Written {
    file: File,
    operations: Vec<Operation>,
}

/// What a check looked at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Checked {
    pub(crate) orders: usize,
    pub(crate) operations: usize,
    pub(crate) acknowledged: usize,
    pub(crate) refused: usize,
    pub(crate) unknown: usize,
    /// The most operations on one order.
    pub(crate) longest: usize,
}

impl History {
    /// An empty one, in a file of this name.
    pub(crate) fn begin(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("histories");
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join(format!("{name}.jsonl"));
        let file = File::create(&path).unwrap();
        Self {
            begun: Instant::now(),
            processes: AtomicU64::new(0),
            path,
            written: Mutex::new(Written {
                file,
                operations: Vec::new(),
            }),
        }
    }

    /// The number of a new process.
    pub(crate) fn process(&self) -> u64 {
        self.processes.fetch_add(1, Ordering::SeqCst)
    }

    /// Sends a request, and writes down what became of it.
    pub(crate) async fn ask(&self, api: &Api, process: u64, ask: &Ask) -> Operation {
        let asked_ns = self.now_ns();
        let heard = ask.send(api).await;
        let operation = Operation {
            process,
            ask: ask.clone(),
            asked_ns,
            heard_ns: self.now_ns(),
            heard,
        };
        let mut written = self.written();
        writeln!(written.file, "{}", operation.line()).unwrap();
        written.operations.push(operation.clone());
        operation
    }

    /// Checks everything against the log as it is now that all is over, and says what was looked at.
    pub(crate) fn assert_linearizable(&self, log: &Log) -> Checked {
        let written = self.written();
        let found = check::violations(&written.operations, &told::all(log));
        assert!(
            found.is_empty(),
            "{} violations, the history is in {}:\n{:#?}",
            found.len(),
            self.path.display(),
            found.first()
        );
        check::summary(&written.operations)
    }

    /// The operations that were carried out under a key and left events in the log, each command once.
    pub(crate) fn effects(&self, log: &Log) -> Vec<Operation> {
        check::effects(&self.written().operations, &told::all(log))
    }

    fn now_ns(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_nanos()).unwrap()
    }

    fn written(&self) -> MutexGuard<'_, Written> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Display for Checked {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} operations on {} orders, at most {} on one; {} acknowledged, {} refused, of {} nobody knows",
            self.operations,
            self.orders,
            self.longest,
            self.acknowledged,
            self.refused,
            self.unknown
        )
    }
}

impl Operation {
    /// How long the client waited.
    pub(crate) const fn took_ns(&self) -> u64 {
        self.heard_ns - self.asked_ns
    }

    fn line(&self) -> Value {
        let Ask { order, action, .. } = &self.ask;
        let mut line = json!({"process": self.process, "op": action.name(), "order": order.to_string(),
            "key": self.ask.key, "if_match": self.ask.if_match, "invoke_ns": self.asked_ns,
            "type": self.heard.kind(), "ns": self.heard_ns});
        match &self.heard {
            Heard::Done {
                version, position, ..
            } => {
                line["version"] = (*version).into();
                line["position"] = position.as_str().into();
            }
            Heard::Refused(refusal) => line["refusal"] = format!("{refusal:?}").into(),
            Heard::Unchanged(why) | Heard::Unknown(why) => line["why"] = why.as_str().into(),
        }
        line
    }
}
