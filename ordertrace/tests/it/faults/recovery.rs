//! How soon all is as before. Each is measured several times on the build under test, printed, and held against its bound.
//!
//! They measure time, so they are no part of `cargo test`: `.ci/faults` runs them, on an idle machine and a release build.
//!
//! | variable | is | default |
//! |---|---|---|
//! | `ORDERTRACE_RECOVERY_RUNS` | how often each is measured | 5 |
//! | `ORDERTRACE_RECOVERY_ORDERS` | how many orders are placed while the projections are away | 30000 |

use std::time::Duration;

use futures::{StreamExt as _, future::join_all, stream};
use ordertrace_nats::managed::ClusterNode;
use reqwest::Method;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::fault::Fault;
use super::town::{Servers, Town};
use crate::harness::{Api, Call, PATIENCE, cash_order, is_alive, signal, wait_until};

/// How often an order is placed to see whether commands are served again.
const PROBE_EVERY: Duration = Duration::from_millis(20);

/// Probes that wait for an answer: more than are sent in any outage here.
const PROBES_MAX: usize = 5_000;

/// A nats-server that is ready again has its clients back within this.
const RESTART_MAX: Duration = Duration::from_secs(2);

/// The servers that are left have a leader within this.
const LEADER_LOSS_MAX: Duration = Duration::from_secs(10);

/// Three servers that run again have a leader, and their clients, within this.
const ALL_BACK_MAX: Duration = Duration::from_secs(15);

/// A view answers so soon after its process was started.
const SERVING_MAX: Duration = Duration::from_secs(1);

/// And is level with the log so soon.
const LEVEL_MAX: Duration = Duration::from_secs(5);

/// Orders that are placed at a time while the projections are away.
const AT_A_TIME: usize = 64;

fn setting(name: &str, default: usize) -> usize {
    let text = std::env::var(format!("ORDERTRACE_RECOVERY_{name}")).ok();
    text.map_or(default, |text| text.parse().unwrap())
}

/// Prints what was measured, and holds the slowest against the bound.
fn assert_within(what: &str, bound: Duration, mut took: Vec<Duration>) {
    took.sort_unstable();
    let (least, most) = (took[0], took[took.len() - 1]);
    println!(
        "{what}: median {:.2?}, {least:.2?} to {most:.2?} in {} runs; at most {bound:?}",
        took[took.len() / 2],
        took.len()
    );
    assert!(most <= bound, "{what}: {took:?}");
}

fn order() -> Call {
    Call::new(Method::POST, "/orders").json(cash_order())
}

/// Places an order every so often until one is acknowledged, and says when that was.
async fn served_again(api: &Api) -> Instant {
    let mut ticks = interval(PROBE_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut probes = JoinSet::new();
    loop {
        tokio::select! {
            Some(answer) = probes.join_next() => {
                let answer: Option<u16> = answer.unwrap();
                if answer == Some(201) {
                    return Instant::now();
                }
            }
            _ = ticks.tick() => {
                assert!(probes.len() < PROBES_MAX, "no command is served");
                let api = api.clone();
                probes.spawn(async move {
                    let answer = api.try_call(&order()).await;
                    answer.ok().map(|answer| answer.status)
                });
            }
        }
    }
}

/// Waits until a server that was killed is healthy again, and says when that was.
async fn healthy_again(monitor: &Api) -> Instant {
    wait_until("the nats-server is healthy", PATIENCE, async || {
        let health = Call::new(Method::GET, "/healthz");
        let answer = monitor.try_call(&health).await.ok()?;
        (answer.status == 200).then(Instant::now)
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "measures time: see CONTRIBUTING.md"]
async fn commands_are_served_within_two_seconds_after_a_restarted_nats_server_is_ready() {
    let town = Town::start(Servers::One).await;
    let api = town.api();
    let monitor = Api::at(
        town.log
            .single()
            .monitor_url()
            .trim_start_matches("http://"),
    );
    let mut took = Vec::new();
    for _ in 0..setting("RUNS", 5) {
        served_again(&api).await;
        let pid = town.log.single().pid().unwrap();
        signal("KILL", pid);
        wait_until("the nats-server is dead", PATIENCE, async || {
            (!is_alive(pid)).then_some(())
        })
        .await;
        let (ready, served) = tokio::join!(healthy_again(&monitor), served_again(&api));
        took.push(served.saturating_duration_since(ready));
        wait_until("its owner has it back", PATIENCE, async || {
            town.log.single().pid()
        })
        .await;
    }
    assert_within(
        "one nats-server, killed; served after it was ready",
        RESTART_MAX,
        took,
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "measures time: see CONTRIBUTING.md"]
async fn commands_are_served_within_ten_seconds_after_the_leader_was_killed() {
    let mut town = Town::start(Servers::Three).await;
    let api = town.api();
    let mut took = Vec::new();
    for _ in 0..setting("RUNS", 5) {
        served_again(&api).await;
        let struck = town.strike(Fault::KillLeader).await;
        let killed = Instant::now();
        took.push(served_again(&api).await - killed);
        town.heal(Fault::KillLeader, struck).await;
    }
    assert_within("the leader of three, killed", LEADER_LOSS_MAX, took);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "measures time: see CONTRIBUTING.md"]
async fn commands_are_served_within_fifteen_seconds_after_three_killed_servers_are_back() {
    let mut town = Town::start(Servers::Three).await;
    let api = town.api();
    let mut took = Vec::new();
    for _ in 0..setting("RUNS", 5) {
        served_again(&api).await;
        town.strike(Fault::KillAll).await;
        let begun = Instant::now();
        let cluster = town.log.cluster();
        let monitors: Vec<Api> = cluster.nodes().iter().map(monitor_of).collect();
        let (started, back, served) = tokio::join!(
            cluster.start_all(),
            all_answer(&monitors),
            served_again(&api)
        );
        started.unwrap();
        println!(
            "all three back within {:.2?}, commands served within {:.2?} of their start",
            back - begun,
            served - begun
        );
        took.push(served.saturating_duration_since(back));
    }
    assert_within(
        "all three, killed; served after they were back",
        ALL_BACK_MAX,
        took,
    );
}

fn monitor_of(node: &ClusterNode) -> Api {
    Api::at(node.monitor_url().trim_start_matches("http://"))
}

/// Waits until each server runs and answers, whatever it says of its streams, and says when that was.
async fn all_answer(monitors: &[Api]) -> Instant {
    let answers = monitors.iter().map(|monitor| answers(monitor, "/varz"));
    join_all(answers).await.into_iter().max().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "measures time, and places 30,000 orders: see CONTRIBUTING.md"]
async fn a_view_serves_within_a_second_and_is_level_within_five_after_a_minute_of_outage() {
    let mut town = Town::start(Servers::One).await;
    let (commands, views) = (town.of("command-api"), town.of("projections"));
    served_again(&commands).await;
    // The saga would add events of its own, so that nobody knew how many there are.
    town.kill("saga");
    town.kill("projections");
    let orders = setting("ORDERS", 30_000);
    let begun = Instant::now();
    let placed = stream::iter(0..orders).map(|_| commands.call(order()));
    let placed: Vec<_> = placed.buffer_unordered(AT_A_TIME).collect().await;
    let outage = begun.elapsed();
    let positions = placed.into_iter().map(|answer| {
        let position = answer.expect(201).header("ordertrace-position");
        let sequence: u64 = position.rsplit('-').next().unwrap().parse().unwrap_or(0);
        (sequence, position)
    });
    let (_, last) = positions.max().unwrap();

    let begun = Instant::now();
    town.restart("projections");
    let serving = answers(&views, "/orderTraces?limit=1").await - begun;
    let path = format!("/orderTraces?limit=1&after={last}");
    let level = answers(&views, &path).await - begun;
    println!("{orders} orders were placed in {outage:.1?} while the projections were away");
    assert_within("a view serves", SERVING_MAX, vec![serving]);
    assert_within("a view is level with the log", LEVEL_MAX, vec![level]);
}

/// Waits until a query is answered with success, and says when that was.
async fn answers(api: &Api, path: &str) -> Instant {
    wait_until("a query is answered", PATIENCE, async || {
        let answer = api.try_call(&Call::new(Method::GET, path)).await.ok()?;
        (answer.status == 200).then(Instant::now)
    })
    .await
}
