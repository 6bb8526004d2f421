//! What `audit verify` said.

use std::fmt;

use serde_json::Value;

use crate::harness::Program;

/// The end of one verification.
pub(super) struct Verdict {
    code: Option<i32>,
    said: Value,
    complaint: String,
}

impl Verdict {
    /// Runs `audit verify` with these arguments.
    pub(super) async fn of(args: &[&str]) -> Self {
        let verify = ["audit", "verify", "--output", "json"];
        let mut program = Program::run(verify.iter().chain(args)).await;
        Self {
            code: program.code(),
            said: serde_json::from_str(&program.stdout()).unwrap_or_default(),
            complaint: program.stderr(),
        }
    }

    /// Asserts that nothing was found, and gives the report.
    #[track_caller]
    pub(super) fn verified(&self) -> &Value {
        assert_eq!(self.code, Some(0), "{self}");
        assert_eq!(self.said["verdict"], "verified", "{self}");
        &self.said
    }

    /// Asserts that the log was refuted with a finding of this code, at this position if it is one of an event, and gives
    /// what is said of it.
    #[track_caller]
    pub(super) fn finds(&self, code: &str, position: Option<u64>) -> &str {
        assert_eq!(self.code, Some(3), "{self}");
        let wanted =
            |finding: &&Value| finding["code"] == code && finding["position"].as_u64() == position;
        match self.findings().iter().find(wanted) {
            Some(finding) => finding["message"].as_str().unwrap(),
            None => panic!("no {code} at {position:?}: {self}"),
        }
    }

    /// The same, and nothing of another code was found.
    #[track_caller]
    pub(super) fn finds_only(&self, code: &str, position: Option<u64>) -> &str {
        let message = self.finds(code, position);
        assert_eq!(self.codes(), [code], "{self}");
        message
    }

    /// Asserts that the roots were found to be others from the checkpoint over this range on, and nothing else.
    #[track_caller]
    pub(super) fn finds_other_roots_only(&self, among: (u64, u64)) {
        self.finds_other_tree(among);
        let codes = self.codes();
        let are_roots = codes.iter().all(|code| code.ends_with("-root"));
        assert!(are_roots, "{self}");
    }

    /// Asserts that the tree was found to be another one, and that the first word of it narrows it down to these positions.
    #[track_caller]
    pub(super) fn finds_other_tree(&self, among: (u64, u64)) {
        let message = self.finds("wrong-tree-root", None);
        let (first, last) = among;
        let range = format!("among the positions {first} to {last} ");
        assert!(message.contains(&range), "{range}: {self}");
        let tells_both = message.contains("expects") && message.contains("the events have");
        assert!(tells_both, "{message}");
    }

    /// The first position that is known to be wrong.
    pub(super) fn first_position(&self) -> Option<u64> {
        self.said["firstPosition"].as_u64()
    }

    fn findings(&self) -> &[Value] {
        self.said["findings"].as_array().map_or(&[], Vec::as_slice)
    }

    /// The codes of all findings, each once.
    fn codes(&self) -> Vec<&str> {
        let codes = self.findings().iter();
        let mut codes: Vec<_> = codes.filter_map(|it| it["code"].as_str()).collect();
        codes.sort_unstable();
        codes.dedup();
        codes
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            code,
            said,
            complaint,
        } = self;
        write!(f, "exit {code:?}: {said:#}\n{complaint}")
    }
}
