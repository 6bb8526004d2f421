//! A server with a configuration of the test's own, such as accounts and permissions. Killed when it is dropped.

use std::process::{Child, Command, Stdio};

use ordertrace_nats::managed::{Environment, find};
use tempfile::TempDir;

use super::eventually;

pub(crate) struct HandmadeServer {
    process: Child,
    /// Host and port, for an address with a user.
    pub(crate) address: String,
    _dir: TempDir,
}

impl HandmadeServer {
    /// A server on loopback that writes before it acknowledges, with this in its configuration beside that.
    pub(crate) async fn start(config: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().display();
        let text = format!(
            "server_name: handmade\nlisten: \"127.0.0.1:-1\"\nports_file_dir: \"{path}\"\n\
             jetstream {{ store_dir: \"{path}\"\n sync_interval: always }}\n{config}\n"
        );
        let file = dir.path().join("server.conf");
        std::fs::write(&file, text).unwrap();
        let binary = find(&Environment::from_process()).await.unwrap();
        let process = Command::new(&binary.path)
            .arg("-c")
            .arg(&file)
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let ports = binary.path.file_name().unwrap().to_string_lossy();
        let ports = dir.path().join(format!("{ports}_{}.ports", process.id()));
        let address = eventually("the ports file", || async {
            let text = std::fs::read(&ports).ok()?;
            let ports: serde_json::Value = serde_json::from_slice(&text).ok()?;
            let url = ports["nats"][0].as_str()?.to_owned();
            Some(url.trim_start_matches("nats://").to_owned())
        });
        Self {
            address: address.await,
            process,
            _dir: dir,
        }
    }

    pub(crate) fn url(&self, user: &str) -> String {
        format!("nats://{user}:{user}@{}", self.address)
    }
}

impl Drop for HandmadeServer {
    fn drop(&mut self) {
        // A server that has ended already is as good as killed.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
