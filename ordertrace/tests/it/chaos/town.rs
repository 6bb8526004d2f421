//! A shop of which every process can be killed, and comes back where it was.

use std::net::TcpListener;

use super::dice::Dice;
use crate::harness::{Api, Program, Provider, Site, signal};

/// What can be killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Victim {
    /// A process, by its number.
    Process(usize),
    NatsServer,
}

/// The processes: role, and name of the data folder.
const PROCESSES: [(&str, &str); 5] = [
    ("saga", "saga"),
    ("saga", "saga"),
    ("command-api", "commands"),
    ("command-api", "commands"),
    ("projections", "views"),
];

/// How likely each is to be killed next: the saga has the most to lose.
const VICTIMS: [(Victim, u64); 6] = [
    (Victim::Process(0), 3),
    (Victim::Process(1), 3),
    (Victim::Process(2), 2),
    (Victim::Process(3), 2),
    (Victim::Process(4), 1),
    (Victim::NatsServer, 2),
];

/// The shop.
pub(super) struct Town {
    pub(super) tally: Tally,
    places: Vec<Place>,
    pub(super) provider: Provider,
    pub(super) site: Site,
}

/// How often what was killed.
#[derive(Debug, Default)]
pub(super) struct Tally {
    saga: usize,
    command_api: usize,
    projections: usize,
    nats_server: usize,
    /// Processes that a killed nats-server took along while they started.
    not_started: usize,
}

/// A process at an address of its own.
struct Place {
    role: &'static str,
    data_dir: &'static str,
    port: u16,
    program: Program,
}

impl Town {
    /// Starts all processes, and waits until they are ready.
    pub(super) async fn start() -> Self {
        let site = Site::start().await;
        let provider = site.provider().await;
        let places = PROCESSES.map(|(role, data_dir)| {
            let port = free_port();
            let program = run(&site, &provider, role, data_dir, port);
            Place {
                role,
                data_dir,
                port,
                program,
            }
        });
        for place in &places {
            place.api().ready().await;
        }
        Self {
            tally: Tally::default(),
            places: places.into(),
            provider,
            site,
        }
    }

    /// Commands and queries, as behind a gateway.
    pub(super) fn api(&self) -> Api {
        Api::behind_a_gateway(&self.apis("command-api"), &self.apis("projections"))
    }

    /// The queries.
    pub(super) fn views(&self) -> Api {
        self.apis("projections").remove(0)
    }

    fn apis(&self, role: &str) -> Vec<Api> {
        let places = self.places.iter().filter(|place| place.role == role);
        places.map(Place::api).collect()
    }

    /// Kills one of them, and starts it again.
    pub(super) fn kill_one(&mut self, dice: &mut Dice) {
        match dice.pick(&VICTIMS) {
            Victim::Process(number) => {
                self.places[number].program.kill9();
                self.restart(number);
                *self.tally.of(PROCESSES[number].0) += 1;
            }
            Victim::NatsServer => {
                // It may be on its way up from the last time.
                if let Some(pid) = self.site.nats.pid() {
                    signal("KILL", pid);
                    self.tally.nats_server += 1;
                }
            }
        }
    }

    /// Starts again what has ended by itself, which a process may do only while it starts: when the nats-server is killed
    /// at that moment.
    pub(super) fn mend(&mut self) {
        for number in 0..self.places.len() {
            let program = &mut self.places[number].program;
            if let Some(code) = program.code() {
                let log = program.stderr();
                let is_up = log.contains("http.addr=");
                assert!(!is_up, "it ended by itself ({code}):\n{log}");
                self.tally.not_started += 1;
                self.restart(number);
            }
        }
    }

    fn restart(&mut self, number: usize) {
        let place = &self.places[number];
        let (role, data_dir, port) = (place.role, place.data_dir, place.port);
        let program = run(&self.site, &self.provider, role, data_dir, port);
        self.places[number].program = program;
    }
}

impl Tally {
    fn of(&mut self, role: &str) -> &mut usize {
        match role {
            "saga" => &mut self.saga,
            "command-api" => &mut self.command_api,
            _ => &mut self.projections,
        }
    }
}

impl Place {
    fn api(&self) -> Api {
        Api::at(&format!("127.0.0.1:{}", self.port))
    }
}

fn run(site: &Site, provider: &Provider, role: &str, data_dir: &str, port: u16) -> Program {
    let listen = format!("127.0.0.1:{port}");
    site.process(role, &listen, data_dir, &provider.url())
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}
