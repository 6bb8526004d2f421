//! One browser at one page, and what a person does there: look, click, type.
//!
//! Invariant: whatever is looked for may still be on its way, so it is waited for, with a bound.

use fantoccini::elements::Element;
use fantoccini::error::CmdError;
use fantoccini::key::Key;
use fantoccini::{Client, Locator};
use serde_json::{Value, json};

use super::commands::Command;
use super::complaints::WATCH;
use crate::harness::{PATIENCE, wait_until};

/// A browser.
pub(crate) struct Tab {
    client: Client,
}

impl Tab {
    pub(super) async fn of(client: Client) -> Self {
        let tab = Self { client };
        tab.before_scripts(WATCH).await;
        tab
    }

    /// Runs this in every page from now on, before the page's own scripts.
    pub(crate) async fn before_scripts(&self, script: &str) {
        let source = json!({"source": script});
        self.devtools("Page.addScriptToEvaluateOnNewDocument", source)
            .await;
    }

    /// Goes to this address.
    pub(crate) async fn go(&self, url: &str) {
        match self.client.goto(url).await {
            Ok(()) => {}
            Err(error) => panic!("no page at {url}: {error}"),
        }
    }

    /// The path and the query of the page that is shown.
    pub(crate) async fn path(&self) -> String {
        let url = self.client.current_url().await.unwrap();
        url.as_str()[url.origin().ascii_serialization().len()..].to_owned()
    }

    /// Waits until the page has what this CSS selector names.
    pub(crate) async fn find(&self, selector: &str) -> Element {
        let what = format!("there is {selector}");
        wait_until(&what, PATIENCE, async || self.found(selector).await).await
    }

    async fn found(&self, selector: &str) -> Option<Element> {
        self.client.find(Locator::Css(selector)).await.ok()
    }

    /// How many of these there are now.
    pub(crate) async fn count(&self, selector: &str) -> usize {
        let all = self.client.find_all(Locator::Css(selector)).await;
        all.unwrap().len()
    }

    /// Waits until something holds on the page.
    pub(crate) async fn until(&self, what: &str, holds: impl AsyncFn(&Self) -> bool) {
        wait_until(what, PATIENCE, async || holds(self).await.then_some(())).await;
    }

    /// Clicks on it. A page that changes at that moment has it elsewhere, so it is looked for again.
    pub(crate) async fn click(&self, selector: &str) {
        let what = format!("{selector} can be clicked");
        wait_until(&what, PATIENCE, async || {
            let element = self.found(selector).await?;
            element.click().await.ok()
        })
        .await;
    }

    /// Types into a field that may hold something already.
    pub(crate) async fn fill(&self, selector: &str, text: &str) {
        let field = self.find(selector).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// Gives it the focus, as the Tab key would.
    pub(crate) async fn focus(&self, selector: &str) {
        self.find(selector).await;
        let script = "document.querySelector(arguments[0]).focus({focusVisible: true});";
        self.call(script, vec![json!(selector)]).await.unwrap();
    }

    /// Types into the field that has the focus, in the place of what it holds.
    pub(crate) async fn retype(&self, text: &str) {
        let focused = self.client.active_element().await.unwrap();
        focused.clear().await.unwrap();
        focused.send_keys(text).await.unwrap();
    }

    /// Presses a key, wherever the focus is.
    pub(crate) async fn press(&self, key: Key) {
        self.type_keys(&char::from(key).to_string()).await;
    }

    /// Types, wherever the focus is.
    pub(crate) async fn type_keys(&self, keys: &str) {
        let focused = self.client.active_element().await.unwrap();
        focused.send_keys(keys).await.unwrap();
    }

    /// The texts of all that this selector names, as they are shown; empty while the page changes.
    pub(crate) async fn texts(&self, selector: &str) -> Vec<String> {
        let script = "return [...document.querySelectorAll(arguments[0])].map(found => found.innerText.trim());";
        let found = self.call(script, vec![json!(selector)]).await;
        found.map_or_else(
            |_| Vec::new(),
            |found| serde_json::from_value(found).unwrap(),
        )
    }

    /// An attribute of each of those that this selector names and that have it.
    pub(crate) async fn attributes(&self, selector: &str, name: &str) -> Vec<String> {
        let script = "return [...document.querySelectorAll(arguments[0])].map(found => found.getAttribute(arguments[1])).filter(value => value !== null);";
        let found = self.call(script, vec![json!(selector), json!(name)]).await;
        found.map_or_else(
            |_| Vec::new(),
            |found| serde_json::from_value(found).unwrap(),
        )
    }

    /// Runs a script of the test's own in the page, and gives what it returns.
    pub(crate) async fn script(&self, script: &str) -> Value {
        match self.call(script, Vec::new()).await {
            Ok(value) => value,
            Err(error) => panic!("{script}: {error}"),
        }
    }

    async fn call(&self, script: &str, args: Vec<Value>) -> Result<Value, CmdError> {
        self.client.execute(script, args).await
    }

    /// Runs a script that calls its last argument with its result.
    pub(crate) async fn script_until_told(&self, script: &str) -> Value {
        match self.client.execute_async(script, Vec::new()).await {
            Ok(value) => value,
            Err(error) => panic!("{script}: {error}"),
        }
    }

    /// What is seen of the page, as a PNG.
    pub(crate) async fn picture(&self) -> Vec<u8> {
        self.client.screenshot().await.unwrap()
    }

    pub(super) async fn devtools(&self, method: &str, params: Value) -> Value {
        self.command(Command::devtools(method, params)).await
    }

    pub(super) async fn command(&self, command: Command) -> Value {
        match self.client.issue_cmd(command).await {
            Ok(value) => value,
            Err(error) => panic!("the driver refuses: {error}"),
        }
    }

    /// Closes the browser.
    pub(crate) async fn close(self) {
        self.client.close().await.unwrap();
    }
}
