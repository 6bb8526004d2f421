//! Orders that come at a steady pace, each with a client of its own that sees it through whatever happens.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures::{StreamExt as _, stream::FuturesUnordered};
use tokio::runtime::Handle;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::{Kind, Load, Stop, script::Script};
use crate::harness::{Api, PATIENCE, wait_until};

/// How long a client goes on trying: longer than any outage in the tests, and the recovery after it.
const SEE_THROUGH_MAX: Duration = Duration::from_secs(180);

/// A flow of orders.
pub(crate) struct Flow {
    clients: JoinHandle<Option<Load>>,
    over: CancellationToken,
    every: Duration,
    begun: Arc<AtomicU64>,
    /// A test that fails does not wait for its clients.
    _abandoned: DropGuard,
}

/// What the clients of a flow do, and for how long.
struct Plan {
    api: Api,
    kinds: &'static [Kind],
    every: Duration,
    over: CancellationToken,
    begun: Arc<AtomicU64>,
}

impl Flow {
    /// Orders of these kinds in turn, one `every` so often, until it is [finished](Self::finish).
    pub(crate) fn start(api: &Api, kinds: &'static [Kind], every: Duration) -> Self {
        let (over, begun, abandoned) = <(CancellationToken, Arc<_>, CancellationToken)>::default();
        let plan = Plan {
            api: api.clone(),
            kinds,
            every,
            over: over.clone(),
            begun: Arc::clone(&begun),
        };
        let (runtime, told) = (Handle::current(), abandoned.clone());
        let clients = move || runtime.block_on(told.run_until_cancelled(place(plan)));
        Self {
            clients: spawn_blocking(clients),
            over,
            every,
            begun,
            _abandoned: abandoned.drop_guard(),
        }
    }

    /// Waits until clients have begun to place so many more orders.
    pub(crate) async fn more(&self, orders: u64) {
        let until = self.begun.load(Ordering::SeqCst) + orders;
        let bound = self.every * u32::try_from(orders).unwrap() + PATIENCE;
        wait_until("orders come", bound, async || {
            (self.begun.load(Ordering::SeqCst) >= until).then_some(())
        })
        .await;
    }

    /// Ends the flow, and waits for the clients that are at it.
    pub(crate) async fn finish(self) -> Load {
        self.over.cancel();
        self.clients.await.unwrap().unwrap()
    }
}

async fn place(plan: Plan) -> Load {
    let mut ticks = interval(plan.every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut clients = FuturesUnordered::new();
    let mut scripts = Vec::new();
    loop {
        tokio::select! {
            biased;
            () = plan.over.cancelled() => break,
            Some(script) = clients.next() => scripts.push(script),
            _ = ticks.tick() => {
                let begun = plan.begun.fetch_add(1, Ordering::SeqCst);
                let kinds = plan.kinds;
                let kind = kinds[usize::try_from(begun).unwrap() % kinds.len()];
                clients.push(see_through(Script::new(begun + 1, kind, true), &plan.api));
            }
        }
    }
    scripts.extend(clients.collect::<Vec<_>>().await);
    Load { scripts }
}

/// Tries each request until it is answered with success.
async fn see_through(mut script: Script, api: &Api) -> Script {
    wait_until("every request is answered", SEE_THROUGH_MAX, async || {
        script.go_on(api, &Stop::default()).await;
        script.is_done().then_some(())
    })
    .await;
    script
}
