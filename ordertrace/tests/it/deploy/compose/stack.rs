//! The services of `deploy/compose.yaml` as processes of this machine: the same programs, arguments and settings, with its addresses and
//! folders in the place of those that the containers have.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Stdio,
};

use ordertrace_nats::managed::ServerBinary;
use tempfile::TempDir;
use tokio::process::{Child, Command};

use super::{super::free_addr, file::Service};
use crate::harness::{Api, Program, Role};

/// Where the image keeps its data, whether a volume is there or not.
const DATA: &str = "/var/lib/ordertrace";

/// What a service says where it listens: any address of this machine does.
const ANYWHERE: &str = "127.0.0.1:0";

const NODES: [&str; 3] = ["nats-1", "nats-2", "nats-3"];

/// Where one server is.
struct Node {
    name: &'static str,
    client: String,
    monitor: String,
    route: String,
}

/// All of them.
pub(super) struct Stack {
    folder: TempDir,
    nodes: [Node; 3],
    /// What stands for what.
    instead: Vec<(String, String)>,
}

impl Stack {
    pub(super) fn new() -> Self {
        let nodes = NODES.map(|name| Node {
            name,
            client: free_addr(),
            monitor: free_addr(),
            route: free_addr(),
        });
        let instead = nodes.iter();
        let instead = instead.map(|node| (format!("{}:4222", node.name), node.client.clone()));
        Self {
            folder: tempfile::tempdir().unwrap(),
            instead: instead.collect(),
            nodes,
        }
    }

    /// Has everybody find this address here.
    pub(super) fn stands_at(&mut self, there: &str, here: &str) {
        self.instead.push((there.to_owned(), here.to_owned()));
    }

    /// The folder that is a volume's.
    pub(super) fn volume(&self, name: &str) -> PathBuf {
        let folder = self.folder.path().join(name);
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    /// What a service is told, as it holds on this machine.
    fn here(&self, service: &Service, text: &str) -> String {
        let mut volumes = service.volumes();
        volumes.sort_by_key(|(_, place)| std::cmp::Reverse(place.len()));
        volumes.push((service.name, DATA));
        let folders = volumes
            .into_iter()
            .fold(text.to_owned(), |text, (name, place)| {
                text.replace(place, self.volume(name).to_str().unwrap())
            });
        self.instead
            .iter()
            .fold(folders, |text, (there, here)| text.replace(there, here))
    }

    /// Its settings; it listens wherever there is room.
    fn settings(&self, service: &Service) -> Vec<(&'static str, String)> {
        let told = service.environment().into_iter();
        let told = told.map(|(name, value)| (name, self.here(service, value)));
        told.chain([("ORDERTRACE_LISTEN", ANYWHERE.to_owned())])
            .collect()
    }

    /// Runs a service of the shell, which has our program at hand, to its end.
    pub(super) async fn run_by_shell(&self, service: &Service, args: &[&str]) {
        let binary = Path::new(env!("CARGO_BIN_EXE_ordertrace"))
            .parent()
            .unwrap();
        let path = env::var_os("PATH").unwrap();
        let path = env::join_paths(
            [binary.to_owned()]
                .into_iter()
                .chain(env::split_paths(&path)),
        );
        let ran = Command::new("/bin/sh")
            .args(args)
            .env("PATH", path.unwrap())
            .output()
            .await
            .unwrap();
        let said = String::from_utf8_lossy(&ran.stderr).into_owned();
        assert!(ran.status.success(), "{}: {said}", service.name);
    }

    /// Makes the users of NATS, by the script that the container runs, and tells what their keys are: of each folder of keys
    /// whatever is in it.
    pub(super) async fn make_users(&self) -> Vec<(&'static str, String)> {
        let service = Service::named("nats-users");
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/compose/nats-users.sh");
        // The container has each volume of a key below one folder; here the folders lie beside each other.
        let keys = self.volume("keys");
        let volumes = service.volumes().into_iter();
        let keyed: Vec<&str> = volumes
            .filter_map(|(_, place)| place.strip_prefix("/run/keys/"))
            .collect();
        for role in &keyed {
            fs::create_dir_all(keys.join(role)).unwrap();
        }
        let routes = self.nodes.iter().map(|node| node.route.as_str());
        let routes = routes.collect::<Vec<_>>().join(",");
        let told = service.environment();
        let wanted = [
            ("HOME_DIR", DATA),
            ("KEYS_DIR", "/run/keys"),
            ("SERVERS", "nats-1,nats-2,nats-3"),
        ];
        assert_eq!(told, wanted);
        let home = self.volume("nats-users");
        let settings = [
            format!("HOME_DIR={}", home.display()),
            format!("KEYS_DIR={}", keys.display()),
            format!("SERVERS={routes}"),
        ];
        let line = format!("{} exec /bin/sh {}", settings.join(" "), script.display());
        self.run_by_shell(&service, &["-c", &line]).await;
        let read = keyed.into_iter().map(|role| {
            let found = fs::read_dir(keys.join(role)).unwrap();
            let found: Vec<_> = found.map(|file| file.unwrap().path()).collect();
            assert_eq!(found, [keys.join(role).join("nats.nk")]);
            (role, fs::read_to_string(&found[0]).unwrap())
        });
        read.collect()
    }

    /// Puts the key of a role where its container has it.
    pub(super) fn hand_out_keys(&self, keys: &[(&'static str, String)]) {
        for (role, key) in keys {
            fs::write(self.volume(&format!("key-{role}")).join("nats.nk"), key).unwrap();
        }
    }

    /// Starts the servers with what was written for them.
    pub(super) fn start_servers(&self, binary: &ServerBinary) -> Vec<Child> {
        let start = |node: &Node| {
            let service = Service::named(node.name);
            let args = service.command();
            let args: Vec<String> = args.iter().map(|arg| self.here(&service, arg)).collect();
            self.settle(node, &service, Path::new(&args[1]));
            Command::new(&binary.path)
                .args(&args)
                .stderr(Stdio::null())
                .kill_on_drop(true)
                .spawn()
                .unwrap()
        };
        self.nodes.iter().map(start).collect()
    }

    /// Gives a server the addresses and the folder that it has here; each that is replaced has to be there.
    fn settle(&self, node: &Node, service: &Service, config: &Path) {
        let (_, port) = node.route.rsplit_once(':').unwrap();
        let replaced = [
            (
                "listen: \"0.0.0.0:4222\"".to_owned(),
                format!("listen: \"{}\"", node.client),
            ),
            (
                "http: \"127.0.0.1:8222\"".to_owned(),
                format!("http: \"{}\"", node.monitor),
            ),
            (
                format!("listen: \"0.0.0.0:{port}\""),
                format!("listen: \"{}\"", node.route),
            ),
            (
                "store_dir: \"/data\"".to_owned(),
                format!("store_dir: \"{}\"", self.here(service, "/data")),
            ),
        ];
        let written = fs::read_to_string(config).unwrap();
        let text = replaced.iter().fold(written, |text, (there, here)| {
            assert!(text.contains(there), "no {there} in\n{text}");
            text.replace(there, here)
        });
        fs::write(config, text).unwrap();
    }

    /// Runs our program to its end, with the settings of a service.
    pub(super) async fn run(&self, service: &str, args: &[&str]) -> (Option<i32>, String, String) {
        let settings = self.settings(&named(service));
        ended(Program::start_with_env(args, settings)).await
    }

    /// The same for somebody who has no key.
    pub(super) async fn run_as_nobody(&self, args: &[&str]) -> (Option<i32>, String, String) {
        let settings = self.settings(&named("provision")).into_iter();
        let keyless = settings.filter(|(name, _)| *name != "NATS_NKEY_FILE");
        ended(Program::start_with_env(args, keyless)).await
    }

    /// Starts a role, and waits until it says where it listens.
    pub(super) async fn start(&self, service: &str) -> Role {
        let service = named(service);
        let mut program = Program::start_with_env(service.command(), self.settings(&service));
        let addr = program.said("where it listens", |_, stderr| {
            let rest = stderr.split_once(r#""http.addr":""#)?.1;
            Some(rest.split_once('"')?.0.to_owned())
        });
        let addr = addr.await;
        Role {
            program,
            api: Api::at(&addr),
            addr,
        }
    }

    /// The same, once it is ready.
    pub(super) async fn start_ready(&self, service: &str) -> Role {
        let role = self.start(service).await;
        role.api.ready().await;
        role
    }

    /// Makes the key of the audit, by the line that the container runs.
    pub(super) async fn make_audit_key(&self) {
        let service = Service::named("audit-key");
        assert_eq!(service.entrypoint(), ["/busybox/sh", "-c"]);
        let line = self.here(&service, service.command()[0]);
        self.run_by_shell(&service, &["-c", &line]).await;
    }
}

async fn ended(mut program: Program) -> (Option<i32>, String, String) {
    program.ended().await;
    (program.code(), program.stdout(), program.stderr())
}

/// The services that a test starts by their names.
fn named(service: &str) -> Service {
    const NAMES: [&str; 7] = [
        "provision",
        "command-api",
        "saga",
        "payment-simulator",
        "projections",
        "audit",
        "page",
    ];
    let name = NAMES.into_iter().find(|name| *name == service);
    Service::named(name.unwrap())
}
