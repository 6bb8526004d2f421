//! Processes are killed at random for half an hour, under load. In the end nothing is lost and nothing is there twice.
//!
//! | variable | is | default |
//! |---|---|---|
//! | `ORDERTRACE_CHAOS_KILLS` | how many processes are killed | 500 |
//! | `ORDERTRACE_CHAOS_SECS` | how long that takes | 1800 |
//! | `ORDERTRACE_CHAOS_SEED` | which they are, and in which order | another one each time; it is printed |

pub(crate) mod dice;
mod town;

use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::harness::{Flow, Kind, Load, Log, assert_views_equal_the_log, now};
use dice::Dice;
use town::Town;

/// Ten orders a second.
const PACE: Duration = Duration::from_millis(100);

/// How long orders may take to come to an end after the last kill: the waits for a provider grow to 15 s, and half an hour of
/// orders has to be read meanwhile.
const SETTLE_MAX: Duration = Duration::from_mins(5);

/// How often a process that a kill took along while it started is looked for.
const MEND_EVERY: Duration = Duration::from_millis(100);

struct Settings {
    kills: u32,
    length: Duration,
    seed: u64,
}

impl Settings {
    fn read() -> Self {
        let setting = |name: &str| {
            let text = std::env::var(format!("ORDERTRACE_CHAOS_{name}")).ok()?;
            Some(text.parse::<u64>().unwrap())
        };
        let any = || now().micros().unsigned_abs();
        Self {
            kills: setting("KILLS").unwrap_or(500).try_into().unwrap(),
            length: Duration::from_secs(setting("SECS").unwrap_or(1_800)),
            seed: setting("SEED").unwrap_or_else(any),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes half an hour: see CONTRIBUTING.md"]
async fn nothing_is_lost_and_nothing_is_there_twice_after_500_random_kills() {
    let settings = Settings::read();
    let Settings {
        kills,
        length,
        seed,
    } = settings;
    println!("ORDERTRACE_CHAOS_SEED={seed}: {kills} kills in {length:?}");
    let mut town = Town::start().await;
    let flow = Flow::start(&town.api(), &Kind::ALL, PACE);
    kill(&mut town, &settings).await;
    let load = mending(&mut town, flow.finish()).await;

    let ended_at = Instant::now();
    let log = settled(&mut town, &load).await;
    println!(
        "{} orders, {} requests without an answer; {:?}; settled {:?} after the load",
        log.orders.len(),
        load.unanswered(),
        town.tally,
        ended_at.elapsed()
    );
    assert!(load.unanswered() > 0, "no client noticed anything");
}

/// Kills one after the other, at a steady pace.
async fn kill(town: &mut Town, settings: &Settings) {
    let mut dice = Dice(settings.seed);
    let mut kills = interval(settings.length / settings.kills);
    kills.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut mends = interval(MEND_EVERY);
    // The first tick comes at once, before there is any load.
    kills.tick().await;
    let mut left = settings.kills;
    while left > 0 {
        tokio::select! {
            _ = kills.tick() => {
                town.kill_one(&mut dice);
                left -= 1;
            }
            _ = mends.tick() => town.mend(),
        }
    }
}

/// Waits until every order has come as far as it can, and checks all of them.
async fn settled(town: &mut Town, load: &Load) -> Log {
    let (reader, api, views) = (town.site.log().await, town.api(), town.views());
    let log = mending(town, reader.read_until(SETTLE_MAX, Log::is_settled)).await;
    load.assert_all_in(&log);
    town.provider.assert_charged_once(load).await;
    views.ready().await;
    assert_views_equal_the_log(&views, &log).await;
    assert!(load.repeat(&api).await > 0);
    assert_eq!(
        reader.read().await.head,
        log.head,
        "repeats changed the log"
    );
    log
}

/// Starts again what a kill took along, for as long as something else takes.
async fn mending<T>(town: &mut Town, work: impl Future<Output = T>) -> T {
    tokio::pin!(work);
    let mut mends = interval(MEND_EVERY);
    loop {
        tokio::select! {
            done = &mut work => return done,
            _ = mends.tick() => town.mend(),
        }
    }
}
