//! What an auditor can check: the log itself, exports and bundles offline; and what is said when something is wrong.

mod dev;
mod live;
mod offline;
mod prove;
mod sealed;

use std::path::Path;

use serde_json::Value;

use crate::harness::Program;

/// How a command of the auditor has ended.
struct Ended {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Ended {
    async fn of(words: &[&str]) -> Self {
        let mut program = Program::run(["audit"].iter().chain(words)).await;
        Self {
            code: program.code(),
            stdout: program.stdout(),
            stderr: program.stderr(),
        }
    }

    /// The same, checked to have this exit code.
    #[track_caller]
    fn with(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}\n{}", self.stdout, self.stderr);
        self
    }

    #[track_caller]
    fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap()
    }

    /// Checks that these words were printed.
    #[track_caller]
    fn says(self, words: &[&str]) -> Self {
        for words in words {
            assert!(
                self.stdout.contains(words),
                "{words:?} is not in\n{}",
                self.stdout
            );
        }
        self
    }

    /// Checks that these words were said beside it.
    #[track_caller]
    fn tells(self, words: &[&str]) -> Self {
        for words in words {
            assert!(
                self.stderr.contains(words),
                "{words:?} is not in\n{}",
                self.stderr
            );
        }
        self
    }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// The codes of what was found, and the positions.
fn findings(json: &Value) -> Vec<(&str, Option<u64>)> {
    let findings = json["findings"].as_array().unwrap().iter();
    let found = findings.map(|it| (it["code"].as_str().unwrap(), it["position"].as_u64()));
    found.collect()
}
