//! The driver's commands that WebDriver's standard does not have: Chromium's log, and its DevTools protocol.

use std::str::FromStr;

use fantoccini::wd::WebDriverCompatibleCommand;
use reqwest::{Method, Url};
use serde_json::{Value, json};

/// A command to a session.
#[derive(Debug)]
pub(super) struct Command {
    path: &'static str,
    body: Value,
}

impl Command {
    /// What was logged since it was asked last.
    pub(super) fn log(kind: &'static str) -> Self {
        let body = json!({"type": kind});
        Self {
            path: "se/log",
            body,
        }
    }

    /// A command of the DevTools protocol, such as `Emulation.setEmulatedMedia`.
    pub(super) fn devtools(method: &str, params: Value) -> Self {
        Self {
            path: "goog/cdp/execute",
            body: json!({"cmd": method, "params": params}),
        }
    }
}

impl WebDriverCompatibleCommand for Command {
    fn endpoint(&self, base: &Url, session_id: Option<&str>) -> Result<Url, <Url as FromStr>::Err> {
        let session_id = session_id.unwrap_or_default();
        base.join(&format!("session/{session_id}/{}", self.path))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.body.to_string()))
    }
}
