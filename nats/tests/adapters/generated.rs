//! The server reads what is written for it, in every form.

use std::process::{Command, Stdio};

use ordertrace_nats::managed::{Environment, find};
use ordertrace_nats::{ClusterSetup, NatsRole, RoutePassword, ServerSetup, TlsFiles, UserSeed};

/// A path of somebody who tries the quoting.
const STORE: &str = "a \"quoted\" {folder} # of $HOME";

fn setup() -> ServerSetup {
    let users = NatsRole::ALL.map(|role| (role, UserSeed::generate().unwrap().1));
    ServerSetup {
        name: "n-1".to_owned(),
        listen: "127.0.0.1:4222".to_owned(),
        monitor: "127.0.0.1:8222".to_owned(),
        store_dir: STORE.to_owned(),
        users: users.to_vec(),
        tls: None,
        cluster: None,
    }
}

fn tls(is_mutual: bool) -> TlsFiles {
    let file = |name| format!("{}/tests/adapters/tls/{name}", env!("CARGO_MANIFEST_DIR"));
    TlsFiles {
        certificate: file("server.pem"),
        key: file("server.key"),
        client_ca: is_mutual.then(|| file("ca.pem")),
    }
}

fn cluster() -> ClusterSetup {
    let routes = ["127.0.0.1:6222", "localhost:6223", "[::1]:6224"];
    ClusterSetup {
        name: "ordertrace".to_owned(),
        listen: "127.0.0.1:6222".to_owned(),
        routes: routes.map(str::to_owned).to_vec(),
        password: RoutePassword::generate().unwrap(),
    }
}

async fn accepts(setup: &ServerSetup) -> Result<(), String> {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("server.conf");
    std::fs::write(&file, setup.render()).unwrap();
    let binary = find(&Environment::from_process()).await.unwrap();
    let mut command = Command::new(binary.path);
    let command = command.arg("-t").arg("-c").arg(&file);
    let tested = command.stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8_lossy(&tested.stderr).into_owned();
    if tested.status.success() {
        Ok(())
    } else {
        Err(said)
    }
}

#[tokio::test]
async fn a_server_accepts_its_configuration_alone_and_in_a_cluster_with_tls_and_without() {
    for files in [None, Some(tls(false)), Some(tls(true))] {
        for cluster in [None, Some(cluster())] {
            let written = ServerSetup {
                tls: files.clone(),
                cluster,
                ..setup()
            };
            assert_eq!(accepts(&written).await, Ok(()), "{written:?}");
        }
    }
    // The check is one that can fail.
    let mut broken = setup();
    broken.listen = "nowhere".to_owned();
    assert!(accepts(&broken).await.is_err());
}

#[test]
fn no_seed_is_written_and_what_is_quoted_stays_a_word() {
    let text = setup().render();
    assert!(
        text.contains(r#""a \"quoted\" {folder} # of $HOME""#),
        "{text}"
    );
    assert!(text.contains("sync_interval: always"));
    assert_eq!(text.matches("nkey: U").count(), NatsRole::ALL.len());
    let mut words = text.split(|letter: char| !letter.is_ascii_alphanumeric());
    let seed = words.find(|word| word.starts_with("SU") && word.len() > 50);
    assert_eq!(seed, None);
}
