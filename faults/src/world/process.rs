//! A process: alive until it crashes, at any of its awaits.

use std::{
    future::{pending, ready},
    sync::Arc,
    time::Duration,
};

use ordertrace_domain::{Clock, Timestamp};
use tokio::{select, time::sleep};
use tokio_util::sync::CancellationToken;

use super::{Fault, World};

/// How far a wrong clock is off at most, either way.
const SKEW_MS_MAX: u64 = 3_000;

/// How long it takes until a crashed process is up again.
const DOWN_MS: (u64, u64) = (100, 6_000);

/// One life of a process; the next has another number.
#[derive(Clone)]
pub(crate) struct Process {
    pub(crate) world: Arc<World>,
    pub(crate) name: Arc<str>,
    /// Tells this life from all others.
    pub(crate) life: u64,
    crash: Fault,
    skew: Skew,
    dead: CancellationToken,
}

#[derive(Clone, Copy)]
enum Skew {
    None,
    Ahead(Duration),
    Behind(Duration),
}

impl Process {
    pub(crate) fn new(world: &Arc<World>, name: &str, crash: Fault) -> Self {
        Self {
            life: world.below(u64::MAX),
            skew: Skew::draw(world),
            world: Arc::clone(world),
            name: name.into(),
            crash,
            dead: CancellationToken::new(),
        }
    }

    /// A point at which it may crash: then nothing after it ever happens.
    pub(crate) async fn step(&self) {
        if self.world.strikes(self.crash) {
            self.die();
        }
        if self.dead.is_cancelled() {
            pending::<()>().await;
        }
        ready(()).await;
    }

    pub(crate) fn die(&self) {
        self.world.note(format_args!("{} dies", self.name));
        self.dead.cancel();
    }

    /// Returns when it has crashed.
    pub(crate) async fn dead(&self) {
        self.dead.cancelled().await;
    }

    /// Does something in the process: `None` if that dies before it is done.
    pub(crate) async fn within<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        select! {
            biased;
            () = self.dead() => None,
            done = work => Some(done),
        }
    }

    /// Waits as long as it takes until it is up again.
    pub(crate) async fn down(world: &World) {
        sleep(world.between_ms(DOWN_MS.0, DOWN_MS.1)).await;
    }
}

impl Skew {
    fn draw(world: &World) -> Self {
        if !world.strikes(Fault::ClockSkew) {
            return Self::None;
        }
        let off = world.between_ms(1, SKEW_MS_MAX);
        match world.below(2) {
            0 => Self::Ahead(off),
            _ => Self::Behind(off),
        }
    }
}

impl Clock for Process {
    fn now(&self) -> Timestamp {
        let now = self.world.now();
        match self.skew {
            Skew::None => now,
            Skew::Ahead(off) => now.after(off),
            Skew::Behind(off) => now.before(off),
        }
    }
}
