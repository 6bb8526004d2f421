//! The weather: faults that come over a whole process, a shard, the log or the provider, at random times.

use std::sync::Arc;

use ordertrace_domain::Shard;
use tokio::time::{Instant, sleep};

use crate::{
    log::{Gap, Server},
    people::Api,
    provider::Bank,
    run::Sagas,
    view::Disk,
    world::{Fault, World},
};

/// What weather there is.
const KINDS: [Fault; 6] = [
    Fault::LeaderGap,
    Fault::SuddenDeath,
    Fault::RedeliveredAll,
    Fault::PinMoved,
    Fault::ProviderDown,
    Fault::ViewWiped,
];

/// How long it stays calm, in milliseconds.
const CALM_MS: (u64, u64) = (300, 6_000);

/// How long a leader's death lasts, in milliseconds; five seconds were measured.
const GAP_MS: (u64, u64) = (3_000, 7_000);

/// How long it lasts when no majority of the servers is up.
const NO_QUORUM_MS: (u64, u64) = (16_000, 30_000);

/// How long the provider stays away, in milliseconds.
const DOWN_MS: (u64, u64) = (2_000, 20_000);

/// All that the weather comes over.
pub(crate) struct Weather {
    pub(crate) world: Arc<World>,
    pub(crate) server: Arc<Server>,
    pub(crate) bank: Arc<Bank>,
    pub(crate) api: Arc<Api>,
    pub(crate) sagas: Arc<Sagas>,
    pub(crate) views: Vec<Arc<Disk>>,
}

impl Weather {
    /// Goes on until the healing.
    pub(crate) async fn blow(self) {
        while !self.world.is_healed() {
            sleep(self.world.between_ms(CALM_MS.0, CALM_MS.1)).await;
            let kind = KINDS[self.world.pick(KINDS.len())];
            if self.world.terms.rate(kind) > 0 && !self.world.is_healed() && self.strike(kind) {
                self.world.befalls(kind);
            }
        }
    }

    /// Says whether it hit anything.
    fn strike(&self, kind: Fault) -> bool {
        let world = &self.world;
        let shard = world.pick(usize::from(Shard::COUNT));
        match kind {
            Fault::LeaderGap => {
                let lasts = if world.below(6) == 0 {
                    NO_QUORUM_MS
                } else {
                    GAP_MS
                };
                let gap = world.between_ms(lasts.0, lasts.1);
                self.server.lose_leader(Gap {
                    until: Instant::now() + gap,
                    is_told: world.below(2) == 0,
                });
                true
            }
            Fault::ProviderDown => {
                let down = world.between_ms(DOWN_MS.0, DOWN_MS.1);
                self.bank.go_down(Instant::now() + down);
                true
            }
            Fault::RedeliveredAll => self.server.redeliver_all(shard),
            Fault::PinMoved => self.server.move_pin(shard),
            Fault::ViewWiped => self.views[world.pick(self.views.len())].remove(),
            _ => match world.below(3) {
                0 => self.api.kill_any(),
                1 => self.sagas.kill_any(world),
                _ => self.views[world.pick(self.views.len())].kill(),
            },
        }
    }
}
