//! Three nats-servers that keep the log together, each on a host of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use ordertrace_nats::managed::{Environment, find};
use serde_json::Value;
use tempfile::TempDir;

use super::net::{HOSTS, Net};
use crate::harness::{
    Api, Call, Log, LogReader, PATIENCE, Role, Store, Stored, signal, skip::skipped, wait_until,
};

/// The stream of events.
const STREAM: &str = "ORDERTRACE_EVENTS";

/// The servers.
pub(super) struct Servers {
    servers: Vec<Server>,
    folder: TempDir,
}

/// One of them.
struct Server {
    address: String,
    data_dir: PathBuf,
    process: Child,
    monitor: Api,
}

impl Servers {
    /// Starts all, and waits until they are healthy. It has to be called by the test's own thread: they end with it.
    pub(super) async fn start(net: &Net) -> Option<Self> {
        let binary = find(&Environment::from_process()).await.unwrap().path;
        let folder = tempfile::tempdir().unwrap();
        let started = (0..HOSTS).map(|host| Server::start(net, host, &binary, folder.path()));
        let servers = Self {
            servers: started.collect::<Option<_>>()?,
            folder,
        };
        for server in &servers.servers {
            wait_until("a server is healthy", PATIENCE, async || {
                server.ask("/healthz").await
            })
            .await;
        }
        Some(servers)
    }

    /// Where clients find each.
    pub(super) fn urls(&self) -> Vec<String> {
        self.servers.iter().map(Server::url).collect()
    }

    /// Where clients find this one, and where the others.
    pub(super) fn urls_of(&self, one: usize) -> (Vec<String>, Vec<String>) {
        let mut others = self.urls();
        let own = others.remove(one);
        (vec![own], others)
    }

    /// Starts a role that uses these servers, and waits until it is ready.
    pub(super) async fn role(&self, role: &str, urls: &[String]) -> Role {
        // Two of them have a name.
        let data_dir = tempfile::tempdir_in(self.folder.path()).unwrap().keep();
        let monitors = self.servers.iter().map(|server| server.monitor_url());
        let flags = [
            ["--nats-url", &urls.join(",")],
            [
                "--nats-monitor-url",
                &monitors.collect::<Vec<_>>().join(","),
            ],
            ["--nats-replicas", "3"],
            ["--data-dir", data_dir.to_str().unwrap()],
        ];
        Role::start(role, &flags.concat()).await
    }

    /// The number of the server that leads the log, as all agree.
    pub(super) async fn leader(&self) -> usize {
        wait_until("the log has a leader", PATIENCE, async || {
            let mut leaders = Vec::new();
            for server in &self.servers {
                leaders.push(server.leader().await?);
            }
            let is_agreed = leaders.iter().all(|leader| *leader == leaders[0]);
            is_agreed.then(|| self.number_of(&leaders[0]))
        })
        .await
    }

    /// Waits until the others have another leader than this one, and gives its name.
    pub(super) async fn another_leader(&self, than: usize) -> String {
        let other = &self.servers[(than + 1) % HOSTS];
        wait_until("another leader is elected", PATIENCE, async || {
            let leader = other.leader().await?;
            (self.number_of(&leader) != than).then_some(leader)
        })
        .await
    }

    fn number_of(&self, name: &str) -> usize {
        (0..HOSTS)
            .find(|number| self::name(*number) == name)
            .unwrap()
    }

    /// Reads the log.
    pub(super) async fn log(&self) -> LogReader {
        LogReader::of_cluster(&self.urls()).await
    }

    /// Waits until each server has the whole log, stops all, and checks by their files that each has it, and the same.
    pub(super) async fn assert_each_has(&mut self, log: &Log) {
        let head = log.head.sequence.get();
        for server in &self.servers {
            wait_until("a server has caught up", PATIENCE, async || {
                (server.last_sequence().await? == head).then_some(())
            })
            .await;
        }
        let mut kept: Vec<Vec<Stored>> = Vec::new();
        for server in &mut self.servers {
            server.stop().await;
            kept.push(Store::of(&server.data_dir, STREAM).messages());
        }
        for messages in &kept {
            assert_eq!(messages.len() as u64, head);
            assert!(*messages == kept[0], "two servers have different logs");
        }
    }
}

impl Server {
    fn start(net: &Net, host: usize, binary: &Path, folder: &Path) -> Option<Self> {
        let data_dir = folder.join(name(host));
        let nats = data_dir.join("nats");
        fs::create_dir_all(&nats).unwrap();
        let config = nats.join("nats-server.conf");
        fs::write(&config, config_of(net, host, &nats)).unwrap();
        let process = net
            .command(host, "setpriv")
            .args(["--pdeathsig", "KILL"])
            .arg(binary)
            .arg("--config")
            .arg(&config)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let process = match process {
            Ok(process) => process,
            Err(error) => {
                skipped("servers with networks of their own", &error.to_string());
                return None;
            }
        };
        let address = net.address(host);
        Some(Self {
            monitor: Api::at(&format!("{address}:8222")),
            address,
            data_dir,
            process,
        })
    }

    fn url(&self) -> String {
        format!("nats://{}:4222", self.address)
    }

    fn monitor_url(&self) -> String {
        format!("http://{}:8222", self.address)
    }

    /// What its monitoring says there; `None` while it says nothing good.
    async fn ask(&self, path: &str) -> Option<Value> {
        let call = Call::new(reqwest::Method::GET, path);
        let answer = self.monitor.try_call(&call).await.ok()?;
        (answer.status == 200).then(|| answer.json())
    }

    /// What it knows of the log.
    async fn stream(&self) -> Option<Value> {
        let known = self.ask("/jsz?accounts=true&streams=true").await?;
        let streams = known["account_details"][0]["stream_detail"].as_array()?;
        let log = streams.iter().find(|stream| stream["name"] == STREAM);
        log.cloned()
    }

    async fn leader(&self) -> Option<String> {
        let leader = self.stream().await?["cluster"]["leader"]
            .as_str()?
            .to_owned();
        (!leader.is_empty()).then_some(leader)
    }

    async fn last_sequence(&self) -> Option<u64> {
        self.stream().await?["state"]["last_seq"].as_u64()
    }

    /// Asks it to end, and waits for that.
    async fn stop(&mut self) {
        signal("TERM", self.process.id());
        wait_until("a server ends", PATIENCE, async || {
            self.process.try_wait().unwrap()
        })
        .await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn name(host: usize) -> String {
    format!("n{}", host + 1)
}

/// Production's sync, and no word to clients of where the other servers are: who is alone with a server stays there.
fn config_of(net: &Net, host: usize, nats: &Path) -> String {
    let (name, address, store) = (name(host), net.address(host), nats.to_str().unwrap());
    let routes = (0..HOSTS).map(|peer| format!("\"nats://{}:6222\"", net.address(peer)));
    let routes = routes.collect::<Vec<_>>().join(", ");
    format!(
        "server_name: {name}
listen: \"{address}:4222\"
http: \"{address}:8222\"
log_file: \"{store}/nats-server.log\"
jetstream {{ store_dir: \"{store}\", sync_interval: always }}
cluster {{ name: ordertrace, listen: \"{address}:6222\", no_advertise: true, routes: [{routes}] }}
"
    )
}
