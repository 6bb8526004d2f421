//! A server with the configuration that is generated for production. Killed when it is dropped.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use ordertrace_nats::managed::{Environment, find};
use ordertrace_nats::{NatsRole, PublicNkey, ServerSetup, TlsFiles};
use tempfile::TempDir;

use super::eventually;

pub(crate) struct HandmadeServer {
    process: Child,
    /// Host and port.
    pub(crate) address: String,
    /// Where it shows how it is doing.
    pub(crate) monitoring: String,
    dir: TempDir,
}

impl HandmadeServer {
    /// A server on loopback with the configuration of `ordertrace ops nats-config`, for these users.
    pub(crate) async fn generated(
        users: Vec<(NatsRole, PublicNkey)>,
        tls: Option<TlsFiles>,
    ) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let setup = ServerSetup {
            name: "generated".to_owned(),
            listen: "127.0.0.1:-1".to_owned(),
            monitor: "127.0.0.1:-1".to_owned(),
            store_dir: dir.path().join("store").to_str().unwrap().to_owned(),
            users,
            tls,
            cluster: None,
        };
        Self::run(dir, &setup.render()).await
    }

    /// A server on loopback with a configuration of the test's own beside that.
    pub(crate) async fn with(config: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let here = "server_name: handmade\nlisten: \"127.0.0.1:-1\"\nhttp: \"127.0.0.1:-1\"\n";
        let store = dir.path().join("store");
        let store = format!("jetstream {{ store_dir: \"{}\" }}\n", store.display());
        Self::run(dir, &format!("{here}{store}{config}\n")).await
    }

    async fn run(dir: TempDir, config: &str) -> Self {
        let file = dir.path().join("server.conf");
        std::fs::write(&file, config).unwrap();
        let binary = find(&Environment::from_process()).await.unwrap();
        let process = Command::new(&binary.path)
            .arg("-c")
            .arg(&file)
            .arg("--ports_file_dir")
            .arg(dir.path())
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let ports = binary.path.file_name().unwrap().to_string_lossy();
        let ports = dir.path().join(format!("{ports}_{}.ports", process.id()));
        let ports = eventually("the ports file", || async {
            let text = std::fs::read(&ports).ok()?;
            serde_json::from_slice::<serde_json::Value>(&text).ok()
        });
        let ports = ports.await;
        let (_, address) = ports["nats"][0]
            .as_str()
            .unwrap()
            .split_once("://")
            .unwrap();
        Self {
            address: address.to_owned(),
            monitoring: ports["monitoring"][0].as_str().unwrap().to_owned(),
            process,
            dir,
        }
    }

    /// A folder that goes with the server.
    pub(crate) fn dir(&self) -> &Path {
        self.dir.path()
    }
}

impl Drop for HandmadeServer {
    fn drop(&mut self) {
        // A server that has ended already is as good as killed.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
