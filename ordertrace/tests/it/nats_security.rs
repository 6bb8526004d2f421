//! From an empty folder to roles with users of their own, by the commands that docs/nats-security.md gives.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::Stdio;

use ordertrace_nats::managed::{Environment, find};
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::harness::{Dev, Program, Role, cash_order};

const ROLES: [&str; 7] = [
    "command-api",
    "saga",
    "projections",
    "audit",
    "auditor",
    "ops",
    "monitor",
];

/// A server with a generated configuration, and the keys of its users.
struct Secured {
    folder: TempDir,
    client: String,
    _server: Child,
}

impl Secured {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (client, monitor) = (free_addr(), free_addr());
        let store = folder.path().join("store");
        let listen = ["--listen", &client, "--monitor", &monitor];
        let store = ["--store-dir", store.to_str().unwrap()];
        let (code, _, stderr) = nats_config(folder.path(), &[&listen[..], &store].concat()).await;
        assert_eq!(code, Some(0), "{stderr}");
        let binary = find(&Environment::from_process()).await.unwrap();
        let server = Command::new(binary.path)
            .arg("-c")
            .arg(folder.path().join("nats/nats-server.conf"))
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        Self {
            folder,
            client,
            _server: server,
        }
    }

    /// The flags by which a program connects as this user.
    fn flags_of(&self, user: &str) -> [String; 4] {
        let key = self.folder.path().join(format!("keys/{user}.nk"));
        [
            "--nats-url".to_owned(),
            format!("nats://{}", self.client),
            "--nats-nkey-file".to_owned(),
            key.to_str().unwrap().to_owned(),
        ]
    }

    async fn ops(&self, user: &str, args: &[&str]) -> (Option<i32>, String, String) {
        let flags = self.flags_of(user);
        let flags = flags.iter().map(String::as_str);
        run(["ops"].into_iter().chain(args.iter().copied()).chain(flags)).await
    }
}

fn free_addr() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

async fn run<'a>(args: impl IntoIterator<Item = &'a str>) -> (Option<i32>, String, String) {
    let mut program = Program::run(args).await;
    (program.code(), program.stdout(), program.stderr())
}

/// Writes `nats/` and `keys/` into this folder.
async fn nats_config(folder: &Path, more: &[&str]) -> (Option<i32>, String, String) {
    let (dir, keys) = (folder.join("nats"), folder.join("keys"));
    let always = ["ops", "nats-config", dir.to_str().unwrap()];
    let keys = ["--keys", keys.to_str().unwrap()];
    run(always.into_iter().chain(keys).chain(more.iter().copied())).await
}

#[tokio::test]
async fn an_operator_provisions_and_then_each_role_starts_with_its_own_user() {
    let secured = Secured::start().await;
    let flags = secured.flags_of("command-api");
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    let early = [&["command-api", "--listen", "127.0.0.1:0"], &flags[..]].concat();
    let (code, _, stderr) = run(early).await;
    assert_eq!(code, Some(1), "{stderr}");
    assert!(stderr.contains("ordertrace ops provision"), "{stderr}");

    let (code, made, stderr) = secured.ops("ops", &["provision"]).await;
    assert_eq!((code, made.lines().count()), (Some(0), 37), "{stderr}");
    let (code, again, _) = secured.ops("ops", &["provision"]).await;
    assert_eq!(code, Some(0));
    assert!(again.contains("already"), "{again}");

    let role = Role::start("command-api", &flags).await;
    role.api.place(cash_order()).await;
    for user in ["ops", "monitor"] {
        let (code, stdout, stderr) = secured.ops(user, &["doctor", "--as", user]).await;
        assert_eq!((code, stderr.as_str()), (Some(0), ""), "{stdout}");
        assert_eq!(stdout, "everything is as it should be\n");
    }
}

#[tokio::test]
async fn nothing_is_overwritten_and_secrets_are_for_their_owner_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (code, stdout, stderr) = nats_config(folder.path(), &[]).await;
    assert_eq!((code, stdout.lines().count()), (Some(0), 16), "{stderr}");
    let text = fs::read_to_string(folder.path().join("nats/nats-server.conf")).unwrap();
    let mut seeds = Vec::new();
    for role in ROLES {
        let file = folder.path().join(format!("keys/{role}.nk"));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = fs::metadata(&file).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{role}");
        }
        let seed = fs::read_to_string(file).unwrap();
        assert!(!stdout.contains(seed.trim()) && !text.contains(seed.trim()));
        seeds.push(seed);
    }

    let (code, _, stderr) = nats_config(folder.path(), &[]).await;
    assert_eq!(code, Some(1));
    assert!(stderr.contains("nothing is overwritten"), "{stderr}");
    for (role, seed) in ROLES.iter().zip(&seeds) {
        let kept = fs::read_to_string(folder.path().join(format!("keys/{role}.nk")));
        assert_eq!(kept.unwrap(), *seed);
    }
}

#[tokio::test]
async fn a_new_configuration_is_written_from_public_keys_that_are_there() {
    let folder = tempfile::tempdir().unwrap();
    nats_config(folder.path(), &[]).await;
    let keys = folder.path().join("keys");
    for role in ROLES {
        fs::remove_file(keys.join(format!("{role}.nk"))).unwrap();
    }
    let three = folder.path().join("three");
    let args = [
        "ops",
        "nats-config",
        three.to_str().unwrap(),
        "--users-from",
    ];
    let args = args.into_iter().chain([keys.to_str().unwrap()]);
    let hosts = ["--cluster", "n1.example,n2.example,n3.example"];
    let (code, _, stderr) = run(args.clone().chain(hosts)).await;
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stderr.contains("no --tls-cert"), "{stderr}");
    let public = fs::read_to_string(keys.join("saga.pub")).unwrap();
    let password = fs::read_to_string(keys.join("routes.secret")).unwrap();
    let route = format!("nats-route://route:{}@n2.example:6222", password.trim());
    for number in 1..=3 {
        let file = three.join(format!("nats-server-{number}.conf"));
        let text = fs::read_to_string(file).unwrap();
        assert!(
            text.contains(public.trim()) && text.contains(&route),
            "{text}"
        );
        assert!(
            text.contains(&format!("server_name: \"ordertrace-{number}\"")),
            "{text}"
        );
    }

    let tls = ["--tls-cert", "s.pem", "--tls-key", "s.key"];
    let (code, _, stderr) = run(args.clone().chain(hosts).chain(tls)).await;
    assert_eq!(code, Some(2), "{stderr}");
    assert!(stderr.contains("--tls-client-ca"), "{stderr}");
    let (code, _, stderr) = run(args.clone().chain(["--cluster", "n1,n2"])).await;
    assert_eq!(code, Some(2), "{stderr}");
    let (code, _, stderr) = run(["ops", "nats-config", "somewhere"]).await;
    assert_eq!(code, Some(2), "{stderr}");
}

/// As the chart of NATS does it: the rest of the configuration is its own, and takes this in.
#[tokio::test]
async fn a_server_that_includes_the_users_alone_lets_them_in_and_nobody_else() {
    let folder = tempfile::tempdir().unwrap();
    let (code, stdout, stderr) = nats_config(folder.path(), &["--users-only"]).await;
    assert_eq!((code, stdout.lines().count()), (Some(0), 16), "{stderr}");
    let (client, store) = (free_addr(), folder.path().join("store"));
    let config = folder.path().join("chart.conf");
    let text = format!(
        "include nats/users.conf\nlisten: \"{client}\"\njetstream {{ store_dir: \"{}\", sync_interval: always }}\n",
        store.display()
    );
    fs::write(&config, text).unwrap();
    let binary = find(&Environment::from_process()).await.unwrap();
    let server = Command::new(binary.path)
        .arg("-c")
        .arg(&config)
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let secured = Secured {
        folder,
        client,
        _server: server,
    };
    let (code, _, stderr) = secured.ops("ops", &["provision"]).await;
    assert_eq!(code, Some(0), "{stderr}");
    let (code, told, stderr) = secured.ops("ops", &["doctor"]).await;
    assert_eq!(
        (code, told.as_str()),
        (Some(0), "everything is as it should be\n"),
        "{stderr}"
    );
    let url = format!("nats://{}", secured.client);
    let (code, _, stderr) = run(["ops", "doctor", "--nats-url", &url]).await;
    assert!(
        code != Some(0) && stderr.contains("authorization violation"),
        "{stderr}"
    );

    let elsewhere = ["--users-only", "--listen", "127.0.0.1:0"];
    let (code, _, _) = nats_config(&secured.folder.path().join("other"), &elsewhere).await;
    assert_eq!(code, Some(2));
}

#[tokio::test]
async fn the_doctor_says_of_a_server_for_development_that_anybody_may_do_everything() {
    let folder = tempfile::tempdir().unwrap();
    let _dev = Dev::start(folder.path(), &[]).await;
    let data = folder.path().to_str().unwrap();
    let args = ["ops", "doctor", "-o", "json", "--data-dir", data];
    let (code, stdout, stderr) = run(args).await;
    assert_eq!(code, Some(1), "{stderr}");
    let found: Value = serde_json::from_str(&stdout).unwrap();
    let checks: Vec<&Value> = found
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["check"])
        .collect();
    assert_eq!(checks, ["permissions"], "{found}");
    assert!(stderr.contains("one thing is to be mended"), "{stderr}");
}

#[tokio::test]
async fn a_mistake_in_the_credentials_is_told_without_what_is_secret() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("saga.nk");
    fs::write(&file, "SUNOTASEED").unwrap();
    let (path, url) = (file.to_str().unwrap(), "nats://127.0.0.1:1");
    let flags = ["--nats-url", url, "--nats-nkey-file", path];
    let (code, _, stderr) = run(["ops", "doctor"].into_iter().chain(flags)).await;
    assert_eq!(code, Some(1), "{stderr}");
    assert!(
        stderr.contains(path) && !stderr.contains("NOTASEED"),
        "{stderr}"
    );
    let both = flags.into_iter().chain(["--nats-creds-file", path]);
    let (code, _, stderr) = run(["ops", "doctor"].into_iter().chain(both)).await;
    assert_eq!(code, Some(2), "{stderr}");
}
