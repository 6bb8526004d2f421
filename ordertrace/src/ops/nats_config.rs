//! `ordertrace ops nats-config`: the configuration of NATS servers for production, and the keys of their users.
//!
//! Invariant: no file is overwritten, and a secret one is readable by its owner alone from the moment that it is there. It
//! speaks to no server.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use ordertrace_nats::{
    ClusterSetup, NatsRole, PublicNkey, RoutePassword, ServerSetup, TlsFiles, UserSeed,
};
use serde_json::json;

use super::print::Printer;
use crate::cli::{self, NatsConfigArgs};

/// As many as survive the loss of one.
const CLUSTER_SERVERS: usize = 3;

/// Where the servers of a cluster listen for each other, unless it is said.
const ROUTE_PORT: &str = "6222";

/// The password of the routes, beside the keys: all servers of a cluster have the same, whenever they are written.
const ROUTES_FILE: &str = "routes.secret";

/// A file to be written.
struct NewFile {
    path: PathBuf,
    text: String,
    is_secret: bool,
}

/// Writes the files, or none.
pub(super) fn run(printer: &Printer, args: &NatsConfigArgs) -> anyhow::Result<()> {
    let servers = args.cluster.len();
    if servers != 0 && servers != CLUSTER_SERVERS {
        let told = format!("--cluster: {servers} servers; a cluster has {CLUSTER_SERVERS}");
        return Err(cli::wrong(&told).into());
    }
    if servers != 0 && args.tls_cert.is_some() && args.tls_client_ca.is_none() {
        let told = "--cluster: with --tls-cert it needs --tls-client-ca; without, a server of the cluster could show a \
                    certificate of any authority that this machine trusts";
        return Err(cli::wrong(told).into());
    }
    let mut files = Vec::new();
    let users = match (&args.keys, &args.users_from) {
        (Some(folder), _) => make_keys(folder, &mut files)?,
        (None, Some(folder)) => read_keys(folder)?,
        (None, None) => Vec::new(),
    };
    let routes = match servers {
        0 => None,
        _ => Some(route_password(args, &mut files)?),
    };
    files.extend(configs(args, &users, routes.as_ref()));
    write_all(&files)?;
    if args.tls_cert.is_none() && (servers > 0 || args.listen.is_some()) {
        eprintln!(
            "warning: no --tls-cert: whoever is on the way to the servers can read all orders"
        );
    }
    let paths = files.iter().map(|file| file.path.display().to_string());
    let paths: Vec<String> = paths.collect();
    let sentence = format!("wrote:\n  {}", paths.join("\n  "));
    printer.done(&sentence, &json!({"wrote": paths}))
}

fn make_keys(
    folder: &Path,
    files: &mut Vec<NewFile>,
) -> anyhow::Result<Vec<(NatsRole, PublicNkey)>> {
    let made = NatsRole::ALL.map(|role| {
        let (seed, public) = UserSeed::generate().context("no key could be made")?;
        files.push(NewFile {
            path: folder.join(format!("{role}.nk")),
            text: format!("{}\n", seed.reveal()),
            is_secret: true,
        });
        files.push(NewFile {
            path: folder.join(format!("{role}.pub")),
            text: format!("{public}\n"),
            is_secret: false,
        });
        Ok((role, public))
    });
    made.into_iter().collect()
}

fn read_keys(folder: &Path) -> anyhow::Result<Vec<(NatsRole, PublicNkey)>> {
    let read = NatsRole::ALL.map(|role| {
        let path = folder.join(format!("{role}.pub"));
        let place = path.display();
        let text = fs::read_to_string(&path).with_context(|| format!("could not read {place}"))?;
        let key =
            PublicNkey::parse(text.trim()).with_context(|| format!("{place} is of no use"))?;
        Ok((role, key))
    });
    read.into_iter().collect()
}

/// The one that was made for the servers before, or a new one, which is kept for the next time.
fn route_password(
    args: &NatsConfigArgs,
    files: &mut Vec<NewFile>,
) -> anyhow::Result<RoutePassword> {
    let folder = args.keys.as_ref().or(args.users_from.as_ref());
    let path = folder.unwrap_or(&args.dir).join(ROUTES_FILE);
    let place = path.display();
    match fs::read_to_string(&path) {
        Ok(text) => {
            RoutePassword::parse(text.trim()).with_context(|| format!("{place} is of no use"))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let made = RoutePassword::generate().context("no password could be made")?;
            files.push(NewFile {
                path,
                text: format!("{}\n", made.reveal()),
                is_secret: true,
            });
            Ok(made)
        }
        Err(error) => Err(error).with_context(|| format!("could not read {place}")),
    }
}

fn configs(
    args: &NatsConfigArgs,
    users: &[(NatsRole, PublicNkey)],
    password: Option<&RoutePassword>,
) -> Vec<NewFile> {
    let file = |name: String, setup: ServerSetup| NewFile {
        path: args.dir.join(name),
        text: setup.render(),
        is_secret: setup.is_secret(),
    };
    if args.users_only {
        return vec![NewFile {
            path: args.dir.join("users.conf"),
            text: ServerSetup::render_users(users),
            is_secret: false,
        }];
    }
    let Some(password) = password else {
        let listen = args.listen.as_deref().unwrap_or("127.0.0.1:4222");
        let setup = setup(args, users, "ordertrace-1".to_owned(), listen, None);
        return vec![file("nats-server.conf".to_owned(), setup)];
    };
    let routes: Vec<String> = args.cluster.iter().map(|host| route(host)).collect();
    let listen = args.listen.as_deref().unwrap_or("0.0.0.0:4222");
    let each = (1..=routes.len()).map(|number| {
        let cluster = ClusterSetup {
            name: "ordertrace".to_owned(),
            listen: format!("0.0.0.0:{}", port(&routes[number - 1])),
            routes: routes.clone(),
            password: password.clone(),
        };
        let name = format!("ordertrace-{number}");
        let setup = setup(args, users, name, listen, Some(cluster));
        file(format!("nats-server-{number}.conf"), setup)
    });
    each.collect()
}

fn setup(
    args: &NatsConfigArgs,
    users: &[(NatsRole, PublicNkey)],
    name: String,
    listen: &str,
    cluster: Option<ClusterSetup>,
) -> ServerSetup {
    let files = args.tls_cert.clone().zip(args.tls_key.clone());
    ServerSetup {
        name,
        listen: listen.to_owned(),
        monitor: args.monitor.clone(),
        store_dir: args.store_dir.clone(),
        users: users.to_vec(),
        tls: files.map(|(certificate, key)| TlsFiles {
            certificate,
            key,
            client_ca: args.tls_client_ca.clone(),
        }),
        cluster,
    }
}

/// `HOST:PORT`; an address of IPv6 stands in brackets.
fn route(host: &str) -> String {
    let host = host.trim();
    let has_port = host
        .rsplit_once(':')
        .is_some_and(|(before, _)| !before.contains(':') || before.ends_with(']'));
    if has_port {
        host.to_owned()
    } else {
        format!("{host}:{ROUTE_PORT}")
    }
}

fn port(route: &str) -> &str {
    route.rsplit_once(':').map_or(ROUTE_PORT, |(_, port)| port)
}

/// Everything that can be known beforehand is known before the first is written.
fn write_all(files: &[NewFile]) -> anyhow::Result<()> {
    for NewFile { path, .. } in files {
        let shown = path.display();
        ensure!(
            !path.exists(),
            "{shown} is there already, and nothing is overwritten"
        );
    }
    for file in files {
        write(file).with_context(|| format!("could not write {}", file.path.display()))?;
    }
    Ok(())
}

fn write(file: &NewFile) -> std::io::Result<()> {
    if let Some(folder) = file.path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if file.is_secret {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut opened = options.open(&file.path)?;
    opened.write_all(file.text.as_bytes())?;
    opened.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_reached_at_the_port_that_is_said_or_at_the_usual_one() {
        assert_eq!(route(" n1.example "), "n1.example:6222");
        assert_eq!(route("n1.example:7000"), "n1.example:7000");
        assert_eq!(route("[::1]"), "[::1]:6222");
        assert_eq!(route("[::1]:7000"), "[::1]:7000");
        assert_eq!(port("n1:7000"), "7000");
    }
}
