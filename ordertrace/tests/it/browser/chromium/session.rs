//! How a browser is set up.

use std::path::Path;

use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

/// Whether pages may run scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scripts {
    Run,
    Blocked,
}

impl Scripts {
    /// Chromium's number for it.
    fn setting(self) -> u8 {
        match self {
            Self::Run => 1,
            Self::Blocked => 2,
        }
    }
}

/// Starts a browser with this profile folder.
pub(super) async fn open(driver: &str, profile: &Path, scripts: Scripts) -> Client {
    let Value::Object(wishes) = wishes(profile, scripts) else {
        panic!("capabilities are an object");
    };
    let mut builder = ClientBuilder::new(HttpConnector::new());
    builder.capabilities(Capabilities::from_iter(wishes));
    match builder.connect(driver).await {
        Ok(client) => client,
        Err(error) => panic!("Chromium does not start: {error}"),
    }
}

fn wishes(profile: &Path, scripts: Scripts) -> Value {
    let args = [
        "--headless=new",
        // The tests may be run by root, for whom the sandbox does not work; the pages are our own.
        "--no-sandbox",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-dev-shm-usage",
        "--disable-gpu",
        "--no-first-run",
        // Whatever proxy the machine has: nothing of this leaves it.
        "--no-proxy-server",
        "--hide-scrollbars",
        "--lang=en-GB",
        "--window-size=1280,900",
    ];
    let profile = format!("--user-data-dir={}", profile.display());
    let args: Vec<&str> = args.into_iter().chain([profile.as_str()]).collect();
    json!({
        "browserName": "chrome",
        "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
        "goog:chromeOptions": {
            "args": args,
            "perfLoggingPrefs": {"enableNetwork": true, "enablePage": false},
            "prefs": {"profile.managed_default_content_settings.javascript": scripts.setting()},
        },
    })
}
