//! One simulation, from its seed to its report.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use ordertrace_domain::{Executor, Hash};
use ordertrace_saga::{
    Saga,
    provider::{GuardConfig, Guarded},
};
use tokio::{select, task::JoinSet, time::sleep};
use tokio_util::sync::CancellationToken;

use crate::{
    log::{Link, Server},
    oracle::{Check, Violation, state_hash},
    people::{self, Api, Person, Place, Role},
    provider::{Adapter, Bank, Watched},
    view::{self, Disk},
    weather::Weather,
    world::{Coverage, Fault, Journal, Mutation, Process, World, lock},
};

/// How long things go wrong at most before all is healed.
const FAULTS_FOR: Duration = Duration::from_secs(90);

/// How long after the healing every order has to have ended: the longest deadlines of the terms, one after the other, and
/// the longest pause of a check that was doubled while things went wrong.
const HEALED_FOR: Duration = Duration::from_secs(300);

/// How many saga processes there are.
const SAGAS: usize = 2;

/// How many views there are.
const VIEWS: usize = 2;

/// What came of a simulation.
#[derive(Debug, Clone)]
pub struct Report {
    /// The seed it began with.
    pub seed: u64,
    /// How many steps it took.
    pub steps: u64,
    /// A hash of all steps: the same for the same seed.
    pub trace_hash: u64,
    /// A hash of what all orders came to.
    pub state_hash: Hash,
    /// What it met.
    pub coverage: Coverage,
    /// The promise that was broken, if one was.
    pub violation: Option<Violation>,
    /// The steps themselves, if they were asked for.
    pub trace: Vec<String>,
}

/// The saga processes that are up.
pub(crate) struct Sagas {
    up: Mutex<Vec<Option<Process>>>,
}

/// Everything of one simulation.
#[derive(Clone)]
pub(crate) struct Scene {
    pub(crate) world: Arc<World>,
    pub(crate) server: Arc<Server>,
    pub(crate) bank: Arc<Bank>,
    api: Arc<Api>,
    sagas: Arc<Sagas>,
    pub(crate) views: Vec<Arc<Disk>>,
}

/// Runs the simulation of a seed; with its steps, if `is_told`.
///
/// # Errors
/// When the machine gives no timer to run it by.
pub fn simulate(seed: u64, is_told: bool) -> std::io::Result<Report> {
    simulate_with(seed, None, is_told)
}

/// The same with something wrong built in.
///
/// # Errors
/// See [`simulate`].
pub fn simulate_with(
    seed: u64,
    mutation: Option<Mutation>,
    is_told: bool,
) -> std::io::Result<Report> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()?;
    Ok(runtime.block_on(async {
        let scene = Scene::new(seed, mutation, is_told);
        let broken = scene.world.until_broken();
        select! {
            biased;
            () = broken => {}
            () = scene.play() => {}
        }
        scene.report(seed)
    }))
}

impl Scene {
    fn new(seed: u64, mutation: Option<Mutation>, is_told: bool) -> Self {
        let world = Arc::new(World::new(seed, mutation, is_told));
        let server = Arc::new(Server::new(&world));
        let views = (0..VIEWS).map(|number| Arc::new(Disk::new(&format!("view-{number}"))));
        Self {
            bank: Arc::new(Bank::new(&world)),
            api: Arc::new(Api::new(&world, &server)),
            sagas: Arc::new(Sagas {
                up: Mutex::new(vec![None; SAGAS]),
            }),
            views: views.collect(),
            world,
            server,
        }
    }

    /// People, processes and faults; then the healing; then the last look.
    async fn play(&self) {
        self.world.sight(self.world.terms.replicas.sight());
        let mut running = self.start();
        let mut people = self.people();
        select! {
            biased;
            () = async { while people.join_next().await.is_some() {} } => {}
            () = sleep(FAULTS_FOR) => {}
            // Nothing that runs for ever ends by itself: this is a task that has panicked.
            Some(Err(error)) = running.join_next() => {
                self.world.broken(Check::P3, format_args!("a process failed: {error}"));
            }
        }
        self.world.heal();
        while people.join_next().await.is_some() {}
        sleep(HEALED_FOR).await;
        self.look_for_open_orders().await;
        self.look_last();
    }

    fn start(&self) -> JoinSet<()> {
        let mut running = JoinSet::new();
        running.spawn(people::keep(Arc::clone(&self.api)));
        for slot in 0..SAGAS {
            let scene = self.clone();
            running.spawn(async move { scene.keep_saga(slot).await });
        }
        for disk in &self.views {
            let (world, server) = (Arc::clone(&self.world), Arc::clone(&self.server));
            running.spawn(view::keep(world, server, Arc::clone(disk)));
        }
        let weather = Weather {
            world: Arc::clone(&self.world),
            server: Arc::clone(&self.server),
            bank: Arc::clone(&self.bank),
            api: Arc::clone(&self.api),
            sagas: Arc::clone(&self.sagas),
            views: self.views.clone(),
        };
        // It ends with the healing, as the processes do not.
        tokio::spawn(weather.blow());
        running
    }

    fn people(&self) -> JoinSet<()> {
        let mut people = JoinSet::new();
        for number in 0..self.world.terms.orders {
            let Some(place) = Place::draw(&self.world, number) else {
                continue;
            };
            for role in [Role::Customer, Role::Courier, Role::Operator] {
                let person = Person {
                    api: Arc::clone(&self.api),
                    role,
                    place: place.clone(),
                    views: self.views.clone(),
                };
                people.spawn(person.live());
            }
        }
        people
    }

    /// Keeps a saga process alive.
    async fn keep_saga(&self, slot: usize) {
        loop {
            let name = format!("saga-{slot}");
            let process = Process::new(&self.world, &name, Fault::SagaCrash);
            lock(&self.sagas.up)[slot] = Some(process.clone());
            let Some(saga) = self.saga(&process) else {
                return;
            };
            // Dropped when it dies, it aborts all its tasks, wherever they are.
            let ended = process.within(saga.run(CancellationToken::new())).await;
            if let Some(ended) = ended {
                self.world
                    .broken(Check::P3, format_args!("{name} ended by itself: {ended:?}"));
            }
            lock(&self.sagas.up)[slot] = None;
            Process::down(&self.world).await;
        }
    }

    fn saga(&self, process: &Process) -> Option<Saga> {
        let link = Arc::new(Link::new(process, &self.server));
        let clock = Arc::new(process.clone());
        let adapter = Arc::new(Adapter::new(process, &self.bank));
        Some(Saga {
            executor: Executor::new(link.clone(), clock.clone()),
            queue: link.clone(),
            timers: link.clone(),
            parking: link,
            provider: Arc::new(Watched::new(
                &self.world,
                Guarded::new(adapter, &guard()).ok()?,
            )),
            clock,
            policy: self.world.terms.policy.clone(),
        })
    }

    fn report(&self, seed: u64) -> Report {
        let violation = self.world.violation();
        let journal: Journal = self.world.take_journal();
        let truth = lock(&self.server.truth);
        let states = truth.orders.iter();
        Report {
            seed,
            steps: journal.steps,
            trace_hash: journal.trace_hash(),
            state_hash: state_hash(states.map(|(order, course)| (order, course.state()))),
            coverage: journal.coverage,
            violation,
            trace: journal.lines.unwrap_or_default(),
        }
    }
}

impl Sagas {
    /// One of the processes dies, wherever it is. Says whether one was up.
    pub(crate) fn kill_any(&self, world: &World) -> bool {
        let process = lock(&self.up)[world.pick(SAGAS)].clone();
        if let Some(process) = &process {
            process.die();
        }
        process.is_some()
    }
}

/// The guard of the provider. Its breaker goes by the machine's clock, which a simulation must not: it stays open for
/// less than any two calls are apart.
fn guard() -> GuardConfig {
    GuardConfig {
        calls_at_once_max: 4,
        failures_in_a_row: 3,
        open_for: Duration::from_nanos(1),
        ..GuardConfig::default()
    }
}
