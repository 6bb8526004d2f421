//! What the tests share: processes that end with their test, an HTTP client, a load of orders, and the log as it stands.
//!
//! Invariant: every wait is for a condition and has a bound; nothing here waits for time to pass.

mod api;
mod crowd;
mod guests;
mod history;
mod jetstream;
mod load;
mod log;
mod process;
mod program;
mod proxy;
mod server;
mod shop;
mod site;
pub(crate) mod skip;
mod store;
mod strace;
mod views;

use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval};

pub(crate) use api::{Answer, Api, Call, cash_order};
pub(crate) use crowd::{Crowd, Tale};
pub(crate) use guests::{Guests, Keys};
pub(crate) use history::{Action, Ask, Checked, Heard, History, Operation, order_placed_by};
pub(crate) use load::{Flow, Kind, Load, Stop};
pub(crate) use log::{Follower, Log, LogReader, ToldOrder, now};
pub(crate) use process::{is_alive, signal};
pub(crate) use program::Program;
pub(crate) use proxy::{Gate, HttpProxy, NatsProxy, OpenGate, Verdict};
pub(crate) use server::{Dev, Role};
pub(crate) use shop::Shop;
pub(crate) use site::{Money, Provider, Site};
pub(crate) use store::{Store, Stored, copy_folder, copy_streams};
pub(crate) use strace::Strace;
pub(crate) use views::{assert_views_equal_the_log, views_have_caught_up};

/// How long a condition is waited for that holds within a second or two on an idle machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// How often a condition that can't be subscribed to is looked at.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// Looks until there is something, within the bound.
pub(crate) async fn wait_until<T>(
    what: &str,
    bound: Duration,
    mut look: impl AsyncFnMut() -> Option<T>,
) -> T {
    let give_up_at = Instant::now() + bound;
    let mut looks = interval(LOOK_AGAIN);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        if let Some(found) = look().await {
            return found;
        }
        assert!(
            Instant::now() < give_up_at,
            "waited {bound:?} in vain: {what}"
        );
    }
}
