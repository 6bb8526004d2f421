//! A client of a live stream.

use reqwest::{Response, header::ACCEPT};
use serde_json::Value;
use tokio::time::timeout;

use crate::harness::PATIENCE;

/// A message.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Told {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) data: Value,
}

/// An open stream; dropped, its connection is cut.
pub(super) struct Client {
    response: Response,
    /// What has come, and is no whole message yet.
    rest: String,
    /// What the client comes back with.
    pub(super) last_id: String,
}

/// Asks for a stream.
pub(super) async fn get(addr: &str, path: &str, last_id: Option<&str>) -> Response {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut request = client.get(format!("http://{addr}{path}"));
    request = request.header(ACCEPT, "text/event-stream");
    if let Some(id) = last_id {
        request = request.header("last-event-id", id);
    }
    timeout(PATIENCE, request.send()).await.unwrap().unwrap()
}

impl Client {
    pub(super) async fn open(addr: &str, path: &str) -> Self {
        Self::of(get(addr, path, None).await)
    }

    pub(super) async fn resume(addr: &str, path: &str, last_id: &str) -> Self {
        Self::of(get(addr, path, Some(last_id)).await)
    }

    /// A stream that was asked for.
    pub(super) fn of(response: Response) -> Self {
        assert_eq!(response.status().as_u16(), 200);
        Self {
            response,
            rest: String::new(),
            last_id: String::new(),
        }
    }

    /// The next message; nothing at the end.
    pub(super) async fn next(&mut self) -> Option<Told> {
        loop {
            if let Some((lines, rest)) = self.rest.split_once("\n\n") {
                let (lines, rest) = (lines.to_owned(), rest.to_owned());
                self.rest = rest;
                if let Some(told) = self.take(&lines) {
                    return Some(told);
                }
                continue;
            }
            let more = timeout(PATIENCE, self.response.chunk()).await.unwrap();
            // Data is ASCII in these tests, so that no character is cut in two.
            let more = String::from_utf8(more.unwrap()?.to_vec()).unwrap();
            self.rest.push_str(&more);
        }
    }

    /// The next message that is as expected.
    pub(super) async fn until(&mut self, is_it: impl Fn(&Told) -> bool) -> Told {
        let found = timeout(PATIENCE, async {
            loop {
                let told = self.next().await.unwrap();
                if told.name != "position" && is_it(&told) {
                    return told;
                }
            }
        });
        found.await.unwrap()
    }

    fn take(&mut self, lines: &str) -> Option<Told> {
        let field = |name| lines.lines().find_map(|line| line.strip_prefix(name));
        if let Some(id) = field("id: ") {
            self.last_id = id.to_owned();
        }
        Some(Told {
            data: serde_json::from_str(field("data: ")?).unwrap(),
            id: self.last_id.clone(),
            name: field("event: ").unwrap().to_owned(),
        })
    }
}
