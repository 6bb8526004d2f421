//! What `deploy/` offers is what the program accepts.

mod compose;
mod streams;

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::Stdio;

use ordertrace_nats::managed::{Environment, find};
use tokio::process::Command;

use crate::harness::{Role, cash_order};

fn free_addr() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

#[tokio::test]
async fn the_nats_server_of_deploy_is_one_that_a_role_starts_on() {
    let folder = tempfile::tempdir().unwrap();
    let offered = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/nats-server.conf");
    let (client, monitor) = (free_addr(), free_addr());
    let config = fs::read_to_string(offered).unwrap();
    assert!(config.contains("127.0.0.1:4222") && config.contains("127.0.0.1:8222"));
    let config = config
        .replace("listen: 127.0.0.1:4222", &format!("listen: {client}"))
        .replace("http: 127.0.0.1:8222", &format!("http: {monitor}"));
    fs::write(folder.path().join("nats-server.conf"), config).unwrap();
    let binary = find(&Environment::from_process()).await.unwrap();
    let _server = Command::new(binary.path)
        .args(["-c", "nats-server.conf"])
        .current_dir(folder.path())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();

    let (url, monitor) = (format!("nats://{client}"), format!("http://{monitor}"));
    let flags = ["--nats-url", &url, "--nats-monitor-url", &monitor];
    let role = Role::start("command-api", &flags).await;
    role.api.place(cash_order()).await;
}
