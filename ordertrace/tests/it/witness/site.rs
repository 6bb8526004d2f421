//! A witness as a process.

use std::fs;
use std::path::PathBuf;

use reqwest::{Client, StatusCode};
use tempfile::TempDir;

use super::book::{Book, EVENTS, log_key, witness_key};
use crate::harness::{Api, Program};

/// A witness with its keys and its folder.
pub(super) struct Site {
    folder: TempDir,
}

/// A running witness.
pub(super) struct Running {
    pub(super) program: Program,
    pub(super) url: String,
    pub(super) client: Client,
}

impl Site {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key = witness_key().to_secret_text();
        fs::write(folder.path().join("witness.key"), key + "\n").unwrap();
        Self { folder }
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The call that starts it, to look after the made-up log.
    pub(super) fn args(&self) -> Vec<String> {
        self.args_for(log_key().public().to_string())
    }

    /// The call that starts it, to look after the log of this key.
    pub(super) fn args_for(&self, public: String) -> Vec<String> {
        let path = |name: &str| self.path(name).to_str().unwrap().to_owned();
        let flags = [
            ("--listen", "127.0.0.1:0".to_owned()),
            ("--key-file", path("witness.key")),
            ("--log-key", public),
            ("--state", path("state")),
        ];
        let flags = flags.map(|(flag, value)| [flag.to_owned(), value]);
        let role = ["audit", "witness"].map(str::to_owned);
        role.into_iter()
            .chain(flags.into_iter().flatten())
            .collect()
    }

    /// Starts it, and waits until it is ready.
    pub(super) async fn start(&self) -> Running {
        Running::start(self.args()).await
    }

    pub(super) fn checkpoint_file(&self) -> PathBuf {
        let files = fs::read_dir(self.path("state")).unwrap();
        let mut files = files.map(|file| file.unwrap().path());
        files
            .find(|file| file.extension().is_some_and(|it| it == "checkpoint"))
            .unwrap()
    }
}

impl Running {
    /// Starts it, and waits until it is ready.
    pub(super) async fn start(args: Vec<String>) -> Self {
        let mut program = Program::start(args);
        let url = program.said("where it listens", |stdout, _| {
            let line = stdout
                .lines()
                .find(|line| line.starts_with("ordertrace audit witness"))?;
            Some(line.split_once(" on ")?.1.to_owned())
        });
        let url = url.await;
        Api::at(url.strip_prefix("http://").unwrap()).ready().await;
        Self {
            program,
            url,
            client: Client::builder().no_proxy().build().unwrap(),
        }
    }

    /// `None` when the process is gone.
    pub(super) async fn try_ask(&self, body: String) -> Option<(StatusCode, String)> {
        let url = format!("{}/add-checkpoint", self.url);
        let response = self.client.post(url).body(body).send().await.ok()?;
        Some((response.status(), response.text().await.ok()?))
    }

    pub(super) async fn ask(&self, body: String) -> (u16, String) {
        let (status, text) = self.try_ask(body).await.unwrap();
        (status.as_u16(), text)
    }

    /// Where it says to stand.
    pub(super) async fn size(&self, book: &Book) -> u64 {
        let (status, text) = self.ask(book.request(EVENTS - 1, EVENTS)).await;
        assert_eq!(status, 409, "{text}");
        text.trim_end().parse().unwrap()
    }
}
