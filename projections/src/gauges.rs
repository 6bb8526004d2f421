//! How a view is doing, for those who watch it from afar.
//!
//! Invariant: it is looked at regularly, whatever happens to it; a head that can't be asked for keeps its last value. Nothing is
//! decided here.

use std::{sync::Arc, time::Duration};

use metrics::gauge;
use ordertrace_domain::{Clock, EventFeed, Patience, Sequence, StuckReason, stuck};
use tokio::{
    task::spawn_blocking,
    time::{MissedTickBehavior, interval},
};
use tokio_util::sync::CancellationToken;

use crate::{Entry, RebuildState, Rebuilds, StoreError, ViewStore};

/// How often the view's position is compared with the log's.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// The search for stuck orders is made each so many looks: an order is stuck after minutes, not seconds.
const LOOKS_A_SEARCH: u32 = 6;

/// How many orders are read at once.
const ORDERS_A_READ: usize = 500;

/// No more than 10,000 unfinished orders are looked at, the oldest first: that takes some tenths of a second.
const READS_MAX: usize = 20;

/// The word for an order whose history is damaged, beside the domain's reasons.
const QUARANTINED: &str = "quarantined";

const HEAD: &str = "ordertrace_log_head";
const POSITION: &str = "ordertrace_projection_position";
const LAG: &str = "ordertrace_projection_lag_events";
const HALTED: &str = "ordertrace_projection_halted";
const QUARANTINED_ORDERS: &str = "ordertrace_projection_quarantined_orders";
const STRAYS: &str = "ordertrace_projection_strays";
const REBUILD: &str = "ordertrace_rebuild_state";
const STUCK: &str = "ordertrace_stuck_orders";

/// What is looked at.
pub struct Gauges {
    /// The view.
    pub store: ViewStore,
    /// The log that it follows.
    pub feed: Arc<dyn EventFeed>,
    /// Its rebuilds.
    pub rebuilds: Rebuilds,
    /// What is now.
    pub clock: Arc<dyn Clock>,
    /// When an order is stuck: as the saga has it.
    pub patience: Patience,
}

impl Gauges {
    /// Keeps looking until `shutdown`.
    pub async fn watch(self, shutdown: CancellationToken) {
        let mut due = interval(LOOK_EVERY);
        due.set_missed_tick_behavior(MissedTickBehavior::Delay);
        for look in (0..LOOKS_A_SEARCH).cycle() {
            tokio::select! {
                () = shutdown.cancelled() => return,
                _ = due.tick() => {}
            }
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = self.look() => {}
            }
            if look == 0 {
                self.search().await;
            }
        }
    }

    async fn look(&self) {
        let status = self.store.status();
        let position = status.position.sequence;
        set(POSITION, position.get());
        set(HALTED, u64::from(status.halted.is_some()));
        set(QUARANTINED_ORDERS, status.quarantined);
        set(STRAYS, status.strays);
        let rebuild = self.rebuilds.last().map(|rebuild| rebuild.state);
        for state in RebuildState::ALL {
            let is_it = rebuild == Some(*state);
            gauge!(REBUILD, "state" => state.name()).set(f64::from(u8::from(is_it)));
        }
        if let Ok(head) = self.feed.head().await {
            set(HEAD, head.get());
            set(LAG, head.get().saturating_sub(position.get()));
        }
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "ten thousand orders are counted at most"
    )]
    async fn search(&self) {
        let (store, patience, now) = (self.store.clone(), self.patience, self.clock.now());
        let judge = move |entry: &Entry| {
            if entry.record.quarantine().is_some() {
                return Some(QUARANTINED);
            }
            let row = entry.row()?;
            stuck(&row.order, now.since(row.changed_at), &patience).map(StuckReason::name)
        };
        // A view that can't be read says so itself, by having stopped.
        if let Ok(Ok(found)) = spawn_blocking(move || found(&store, judge)).await {
            for reason in reasons() {
                let count = found.iter().filter(|found| **found == reason).count();
                gauge!(STUCK, "reason" => reason).set(count as f64);
            }
        }
    }
}

/// Why the oldest unfinished orders are stuck, each that is.
fn found(
    store: &ViewStore,
    judge: impl Fn(&Entry) -> Option<&'static str>,
) -> Result<Vec<&'static str>, StoreError> {
    let mut found = Vec::new();
    let mut after = Sequence::START;
    for _ in 0..READS_MAX {
        let page = store.unfinished(after, ORDERS_A_READ)?;
        found.extend(page.entries.iter().filter_map(&judge));
        match page.next {
            Some(next) => after = next,
            None => break,
        }
    }
    Ok(found)
}

fn reasons() -> impl Iterator<Item = &'static str> {
    let known = StuckReason::ALL.iter().map(|reason| reason.name());
    known.chain([QUARANTINED])
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a gauge is a float; positions are exact up to 2^53"
)]
fn set(name: &'static str, value: u64) {
    gauge!(name).set(value as f64);
}
