//! What a browser complains of: errors on its console, what the content security policy kept out, requests that failed.
//!
//! Invariant: what is on record is handed out once, so that a test can tell what came before a fault from what came after.

use std::collections::HashMap;

use serde_json::Value;

use super::Tab;
use super::commands::Command;

/// Set up before the first script of every page: what the policy keeps out is kept beside the page.
pub(super) const WATCH: &str = "
    window.violations = [];
    const note = what => window.violations.push(what);
    document.addEventListener('securitypolicyviolation', e => note(`${e.violatedDirective}: ${e.blockedURI} ${e.sample}`));
    window.addEventListener('unhandledrejection', e => note(`unhandled: ${e.reason}`));
";

/// Something that a page should not give cause for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Complaint {
    /// A warning or an error on the console, and where it comes from, such as `javascript`.
    Console { source: String, text: String },
    /// What the policy kept out, or a promise that nobody looked after.
    Violation(String),
    /// A request that was answered with an error.
    Refused { url: String, status: i64 },
    /// A request that was not answered.
    Broken { url: String, why: String },
}

impl Complaint {
    /// Whether it only says that the server could not be reached.
    pub(crate) fn is_of_the_network(&self) -> bool {
        match self {
            // htmx says it on the console, too.
            Self::Console { source, text } => {
                source == "network" || text.contains("htmx:sendError")
            }
            Self::Broken { .. } => true,
            Self::Violation(_) | Self::Refused { .. } => false,
        }
    }
}

impl Tab {
    /// What the browser has complained of since it was asked last.
    pub(crate) async fn complaints(&self) -> Vec<Complaint> {
        let console = self.command(Command::log("browser")).await;
        let mut complaints: Vec<Complaint> = entries(&console).filter_map(on_console).collect();
        let network = self.command(Command::log("performance")).await;
        complaints.extend(failed_requests(entries(&network)));
        complaints.extend(self.violations().await);
        complaints
    }

    /// Checks that there is nothing to complain of.
    pub(crate) async fn assert_content(&self) {
        let complaints = self.complaints().await;
        assert_eq!(complaints, [], "at {}", self.path().await);
    }

    async fn violations(&self) -> impl Iterator<Item = Complaint> {
        let script = "return (window.violations || []).splice(0);";
        let found: Vec<String> = serde_json::from_value(self.script(script).await).unwrap();
        found.into_iter().map(Complaint::Violation)
    }
}

fn entries(log: &Value) -> impl Iterator<Item = &Value> {
    log.as_array().unwrap().iter()
}

fn on_console(entry: &Value) -> Option<Complaint> {
    let is_harmless = ["INFO", "DEBUG"].contains(&entry["level"].as_str()?);
    let said = |field: &str| entry[field].as_str().unwrap_or_default().to_owned();
    (!is_harmless).then(|| Complaint::Console {
        source: said("source"),
        text: said("message"),
    })
}

/// The requests that came to nothing. One that the browser gave up by itself, for a page that was left, has not failed.
fn failed_requests<'a>(entries: impl Iterator<Item = &'a Value>) -> Vec<Complaint> {
    let mut urls: HashMap<String, String> = HashMap::new();
    let mut failed = Vec::new();
    for entry in entries {
        let text = entry["message"].as_str().unwrap();
        let event: Value = serde_json::from_str(text).unwrap();
        let (method, params) = (&event["message"]["method"], &event["message"]["params"]);
        let request = params["requestId"].as_str().unwrap_or_default().to_owned();
        match method.as_str().unwrap_or_default() {
            "Network.requestWillBeSent" => {
                let url = params["request"]["url"].as_str().unwrap_or_default();
                urls.insert(request, url.to_owned());
            }
            "Network.responseReceived" => {
                let status = params["response"]["status"].as_i64().unwrap_or_default();
                if status >= 400 {
                    let url = params["response"]["url"].as_str().unwrap_or_default();
                    let url = url.to_owned();
                    failed.push(Complaint::Refused { url, status });
                }
            }
            "Network.loadingFailed" if params["canceled"] != true => {
                let why = params["errorText"].as_str().unwrap_or_default().to_owned();
                let url = urls.get(&request).cloned().unwrap_or_default();
                failed.push(Complaint::Broken { url, why });
            }
            _ => {}
        }
    }
    failed
}
