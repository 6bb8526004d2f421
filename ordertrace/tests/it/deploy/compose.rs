//! The three NATS servers of `deploy/compose.yaml` are a cluster that a role starts on.
//!
//! Their configuration is taken as it is offered, but for the addresses: here they share one machine. What the containers make
//! of it is left to whoever has an engine.

use std::{fs, path::Path, process::Stdio};

use ordertrace_nats::managed::{Environment, ServerBinary, find};
use tokio::process::{Child, Command};

use super::free_addr;
use crate::harness::{Role, cash_order};

const NODES: [&str; 3] = ["nats-1", "nats-2", "nats-3"];

/// Where one server is.
struct Node {
    name: &'static str,
    client: String,
    monitor: String,
    route: String,
}

impl Node {
    fn new(name: &'static str) -> Self {
        Self {
            name,
            client: free_addr(),
            monitor: free_addr(),
            route: free_addr(),
        }
    }

    /// The offered configuration with this machine's addresses; each that is replaced has to be there.
    fn config(&self, offered: &str, nodes: &[Self]) -> String {
        let own = [
            ("listen: 0.0.0.0:4222", format!("listen: {}", self.client)),
            ("http: 0.0.0.0:8222", format!("http: {}", self.monitor)),
            ("listen: 0.0.0.0:6222", format!("listen: {}", self.route)),
            ("store_dir: /data", format!("store_dir: {}", self.name)),
        ];
        let own = own.map(|(there, here)| (there.to_owned(), here));
        let routes = nodes.iter().map(|node| {
            let (there, here) = (format!("nats://{}:6222", node.name), &node.route);
            (there, format!("nats://{here}"))
        });
        let replaced = own.into_iter().chain(routes);
        replaced.fold(offered.to_owned(), |config, (there, here)| {
            assert!(config.contains(&there), "no {there} in\n{config}");
            config.replace(&there, &here)
        })
    }

    fn start(&self, binary: &ServerBinary, folder: &Path, config: &str) -> Child {
        let file = format!("{}.conf", self.name);
        fs::write(folder.join(&file), config).unwrap();
        Command::new(&binary.path)
            .args(["-c", &file])
            .env("SERVER_NAME", self.name)
            .current_dir(folder)
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap()
    }
}

#[tokio::test]
async fn the_nats_servers_of_compose_are_a_cluster_that_a_role_starts_on() {
    let folder = tempfile::tempdir().unwrap();
    let offered = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/compose/nats.conf");
    let offered = fs::read_to_string(offered).unwrap();
    let binary = find(&Environment::from_process()).await.unwrap();
    let nodes = NODES.map(Node::new);
    let start = |node: &Node| node.start(&binary, folder.path(), &node.config(&offered, &nodes));
    let _servers: Vec<Child> = nodes.iter().map(start).collect();

    let listed = |scheme: &str, of: fn(&Node) -> &str| {
        let urls = nodes.iter().map(|node| format!("{scheme}://{}", of(node)));
        urls.collect::<Vec<_>>().join(",")
    };
    let urls = listed("nats", |node| &node.client);
    let monitors = listed("http", |node| &node.monitor);
    let flags = [
        "--nats-url",
        &urls,
        "--nats-monitor-url",
        &monitors,
        "--nats-replicas",
        "3",
    ];
    let role = Role::start("command-api", &flags).await;
    role.api.place(cash_order()).await;
}
