//! A town: the log's servers, the roles at addresses that stay, a payment provider, and a wire between the command-api and the
//! log where one is asked for.

use std::net::TcpListener;

use tempfile::TempDir;

use super::log_server::LogServer;
use super::wire::Wire;
use crate::harness::{Api, LogReader, Program, Provider};

/// The roles of a town.
pub(super) const ROLES: [&str; 3] = ["command-api", "projections", "saga"];

/// The simulated provider takes any secret.
const SECRET: (&str, &str) = ("ORDERTRACE_PAYMENT_PROVIDER_SECRET", "sk_test");

/// How many servers keep the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Servers {
    One,
    /// One, to which the command-api comes by a wire.
    OneByWire,
    Three,
}

/// A town.
pub(super) struct Town {
    places: Vec<Place>,
    pub(super) provider: Provider,
    pub(super) wire: Option<Wire>,
    pub(super) log: LogServer,
    /// The last to go: whoever writes to it has ended then.
    folder: TempDir,
}

/// A role at an address of its own.
pub(super) struct Place {
    role: &'static str,
    port: u16,
    pub(super) program: Program,
}

impl Town {
    /// Starts everything, and waits until it is ready.
    pub(super) async fn start(servers: Servers) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (log, wire) = match servers {
            Servers::One => (LogServer::one(folder.path()).await, None),
            Servers::OneByWire => {
                let log = LogServer::one(folder.path()).await;
                let wire = Wire::lay(&log.url()).await;
                (log, Some(wire))
            }
            Servers::Three => (LogServer::three(folder.path()).await, None),
        };
        let mut town = Self {
            places: Vec::new(),
            provider: Provider::start(folder.path()).await,
            wire,
            log,
            folder,
        };
        for role in ROLES {
            let port = free_port();
            let program = town.run(role, port);
            town.places.push(Place {
                role,
                port,
                program,
            });
        }
        for place in &town.places {
            place.api().ready().await;
        }
        town
    }

    /// Commands and queries, as behind a gateway.
    pub(super) fn api(&self) -> Api {
        Api::behind_a_gateway([&self.of("command-api")], [&self.of("projections")])
    }

    /// The API of a role.
    pub(super) fn of(&self, role: &str) -> Api {
        self.place(role).api()
    }

    /// Where a role runs.
    pub(super) fn place(&self, role: &str) -> &Place {
        let mut places = self.places.iter();
        places.find(|place| place.role == role).unwrap()
    }

    /// Kills a role as a power cut would.
    pub(super) fn kill(&mut self, role: &str) {
        let mut places = self.places.iter_mut();
        let place = places.find(|place| place.role == role).unwrap();
        place.program.kill9();
    }

    /// Starts a role again, where it was.
    pub(super) fn restart(&mut self, role: &'static str) {
        let port = self.place(role).port;
        let program = self.run(role, port);
        let mut places = self.places.iter_mut();
        places.find(|place| place.role == role).unwrap().program = program;
    }

    /// The log, past the wire.
    pub(super) async fn reader(&self) -> LogReader {
        match &self.log {
            LogServer::One(server) => LogReader::of_url(server.client_url()).await,
            LogServer::Three(cluster) => LogReader::of_cluster(&cluster.urls()).await,
        }
    }

    fn run(&self, role: &'static str, port: u16) -> Program {
        let nats_url = match &self.wire {
            Some(wire) if role == "command-api" => wire.url(),
            _ => self.log.url(),
        };
        let data_dir = self.folder.path().join(role);
        let mut args = vec![
            role.to_owned(),
            "--listen".to_owned(),
            format!("127.0.0.1:{port}"),
            "--nats-url".to_owned(),
            nats_url,
            "--data-dir".to_owned(),
            data_dir.to_str().unwrap().to_owned(),
        ];
        args.extend(self.log.flags());
        if role == "saga" {
            args.extend(["--payment-provider-url".to_owned(), self.provider.url()]);
        }
        let (name, value) = SECRET;
        let env = [(name, value.to_owned()), ("NO_COLOR", "1".to_owned())];
        Program::start_with_env(args, env)
    }
}

impl Place {
    fn api(&self) -> Api {
        Api::at(&format!("127.0.0.1:{}", self.port))
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}
