//! What a story is played on: a running `dev`, a proxy before it that can be cut, and a Chromium.

use std::sync::Arc;

use tempfile::TempDir;

use super::chromium::{Chromium, Tab};
use crate::harness::{Dev, HttpProxy, OpenGate};

/// Set up before the first script of every page: the positions of the messages that its streams bring are kept.
const HEARD: &str = "
    window.heard = [];
    window.EventSource = class extends EventSource {
        constructor(...args) {
            super(...args);
            this.addEventListener('trace', message => window.heard.push(message.lastEventId));
        }
    };
";

/// The button that places the order in the form.
pub(super) const PLACE: &str = ".card-foot button.primary";

/// A stage. What is on it ends with it, the browsers first.
pub(super) struct Stage {
    pub(super) chromium: Chromium,
    pub(super) proxy: HttpProxy,
    pub(super) dev: Dev,
    _data: TempDir,
}

impl Stage {
    /// Sets it up, with more flags for `dev`; `None` on a machine without a browser.
    pub(super) async fn set(flags: &[&str]) -> Option<Self> {
        Self::set_on(tempfile::tempdir().unwrap(), flags).await
    }

    /// The same on a data folder that may hold something already.
    pub(super) async fn set_on(data: TempDir, flags: &[&str]) -> Option<Self> {
        let chromium = Chromium::start().await?;
        let dev = Dev::start(data.path(), flags).await;
        let proxy = HttpProxy::start(&dev.addr, Arc::new(OpenGate)).await;
        Some(Self {
            chromium,
            proxy,
            dev,
            _data: data,
        })
    }

    /// The address of a page, past the proxy.
    pub(super) fn page(&self, path: &str) -> String {
        format!("http://{}{path}", self.dev.addr)
    }

    /// The address of a page, through the proxy.
    pub(super) fn proxied(&self, path: &str) -> String {
        format!("{}{path}", self.proxy.url())
    }
}

/// Keeps the positions of the messages that the streams of this tab's pages bring.
pub(super) async fn listen(tab: &Tab) {
    tab.before_scripts(HEARD).await;
}

/// The positions of the messages that the page was sent, reconnections and all.
pub(super) async fn heard(tab: &Tab) -> Vec<String> {
    serde_json::from_value(tab.script("return window.heard;").await).unwrap()
}

/// Waits until the page follows the log.
pub(super) async fn until_live(tab: &Tab) {
    until_badge(tab, &["live"]).await;
}

/// Waits until the page says one of these about its connection.
pub(super) async fn until_badge(tab: &Tab, words: &[&str]) {
    let what = format!("the badge says {words:?}");
    tab.until(&what, async |tab| {
        let badge = tab.attributes("[data-badge]", "data-live").await;
        badge.iter().any(|said| words.contains(&said.as_str()))
    })
    .await;
}

/// The order that the page is about, by its address.
pub(super) async fn order_on(tab: &Tab) -> String {
    tab.until("the page is that of one order", async |tab| {
        let path = tab.path().await;
        order_in(&path).is_some()
    })
    .await;
    order_in(&tab.path().await).unwrap()
}

fn order_in(path: &str) -> Option<String> {
    let id = path.strip_prefix("/ui/orders/")?.get(..36)?;
    uuid::Uuid::parse_str(id).ok().map(|id| id.to_string())
}

/// The events in the timeline on the page, first to last.
pub(super) async fn timeline(tab: &Tab) -> Vec<String> {
    tab.texts("#timeline .event").await
}
