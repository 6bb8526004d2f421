//! The command processes: executors that crash, and the answers that get lost with them.

use std::sync::{Arc, Mutex};

use ordertrace_domain::{
    CommandRequest, ExecuteError, Executor, Outcome, Refusal, TimerName, Timers, Version, ending,
};

use crate::{
    log::{Link, Server},
    oracle::{Asked, judge},
    world::{Fault, Process, World, lock},
};

/// How many command processes there are.
const PROCESSES: usize = 2;

pub(crate) type Answer = Result<Result<Outcome, Refusal>, ExecuteError>;

/// All command processes; some may be down.
pub(crate) struct Api {
    pub(crate) world: Arc<World>,
    pub(crate) server: Arc<Server>,
    up: Mutex<Vec<Option<Process>>>,
}

/// Keeps the command processes alive for as long as the simulation lasts.
pub(crate) async fn keep(api: Arc<Api>) {
    let processes = (0..PROCESSES).map(|slot| keep_one(&api, slot));
    futures::future::join_all(processes).await;
}

async fn keep_one(api: &Api, slot: usize) {
    loop {
        let name = format!("command-{slot}");
        let process = Process::new(&api.world, &name, Fault::ApiCrash);
        lock(&api.up)[slot] = Some(process.clone());
        process.dead().await;
        lock(&api.up)[slot] = None;
        Process::down(&api.world).await;
    }
}

impl Api {
    pub(crate) fn new(world: &Arc<World>, server: &Arc<Server>) -> Self {
        Self {
            world: Arc::clone(world),
            server: Arc::clone(server),
            up: Mutex::new(vec![None; PROCESSES]),
        }
    }

    fn any(&self) -> Option<Process> {
        let slot = self.world.pick(PROCESSES);
        lock(&self.up)[slot].clone()
    }

    /// Gives a command to one of the processes. No answer if that is down, or dies before it answers.
    pub(crate) async fn give(&self, request: &CommandRequest) -> Option<Answer> {
        let world = &self.world;
        let asked = Asked {
            request,
            from: lock(&self.server.truth).version(request.order_id),
        };
        let name = request.command.name();
        world.note(format_args!(
            "{name} of {} as {}",
            request.order_id, request.command_id
        ));
        let answer = match self.any() {
            Some(process) => {
                let link = Arc::new(Link::new(&process, &self.server));
                let executor = Executor::new(link, Arc::new(process.clone()));
                process.within(executor.execute(request)).await
            }
            None => None,
        };
        let Some(answer) = answer else {
            world.sight("answer: no answer, the process died");
            return None;
        };
        judge(world, &lock(&self.server.truth), &asked, &answer);
        self.sight(&answer);
        Some(answer)
    }

    fn sight(&self, answer: &Answer) {
        let sight = match ending(answer) {
            "done" => "answer: done",
            "repeated" => "answer: repeated",
            "rejected" => "answer: rejected",
            "version_mismatch" => "answer: version_mismatch",
            "key_reused" => "answer: key_reused",
            "unavailable" => "answer: unavailable",
            "not_stored" => "answer: not_stored",
            "unknown" => "answer: unknown",
            _ => "answer: another error",
        };
        self.world.sight(sight);
    }

    /// An operator wants an order tried again that is listed as stuck.
    pub(crate) async fn resume(&self, order: ordertrace_domain::OrderId, version: Version) {
        let Some(process) = self.any() else {
            return;
        };
        let link = Link::new(&process, &self.server);
        let now = self.world.now();
        let resumed = link.schedule(order, TimerName::Resume, now, version);
        if let Some(Ok(())) = process.within(resumed).await {
            self.world.sight("operator: resumed a stuck order");
        }
    }

    /// One of the processes dies, wherever it is. Says whether one was up.
    pub(crate) fn kill_any(&self) -> bool {
        let process = self.any();
        if let Some(process) = &process {
            process.die();
        }
        process.is_some()
    }
}
