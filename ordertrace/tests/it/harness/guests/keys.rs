//! API keys, as an operator makes them.

use std::path::PathBuf;

use serde_json::Value;

use crate::harness::Program;

/// The keys of a shop.
pub(crate) struct Keys {
    file: String,
}

impl Keys {
    /// Keys in this file.
    pub(crate) fn at(file: PathBuf) -> Self {
        let file = file.to_str().unwrap().to_owned();
        Self { file }
    }

    pub(crate) fn file(&self) -> &str {
        &self.file
    }

    /// Makes a key, and gives it and its id.
    pub(crate) async fn make(&self, args: &[&str]) -> (String, String) {
        let made = self.ops(&["create"], args).await;
        let of = |field: &str| made[field].as_str().unwrap().to_owned();
        (of("key"), of("id"))
    }

    /// Revokes the key with this id.
    pub(crate) async fn revoke(&self, id: &str) {
        self.ops(&["revoke", id], &["--yes"]).await;
    }

    async fn ops(&self, command: &[&str], args: &[&str]) -> Value {
        let all = [&["ops", "apikey"], command, args].concat();
        let more = ["--api-keys-file", &self.file, "-o", "json"];
        let mut program = Program::run(all.into_iter().chain(more)).await;
        assert_eq!(program.code(), Some(0), "{}", program.stderr());
        serde_json::from_str(&program.stdout()).unwrap()
    }
}
