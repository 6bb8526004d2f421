//! Half an hour of load and faults, one after the other. No process of ours is killed meanwhile, so that each is as old as the
//! test: in the end it holds no more memory and no more open files than when it had warmed up, and nothing is lost.
//!
//! | variable | is | default |
//! |---|---|---|
//! | `ORDERTRACE_SOAK_SECS` | how long it takes | 1800 |

use std::fs;
use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval};

use super::clients::Clients;
use super::fault::Fault;
use super::town::{ROLES, Servers, Town};

/// The faults, in turn. What they strike outlives them, but for the nats-server.
const FAULTS: [Fault; 7] = [
    Fault::KillNats,
    Fault::LateReplies,
    Fault::Stop("projections"),
    Fault::LostReplies,
    Fault::StopNats,
    Fault::Reset,
    Fault::Stop("command-api"),
];

/// From the beginning of one fault to that of the next, at least.
const FAULT_EVERY: Duration = Duration::from_secs(20);

/// How often a process is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Memory may grow by so much, in hundredths, from the second quarter to the last.
const GROWTH_PERCENT_MAX: u64 = 5;

/// Connections come and go; so many more or less are no growth.
const HANDLES_MORE_MAX: u64 = 4;

/// What one process held at a moment.
#[derive(Debug, Clone, Copy)]
struct Held {
    kib: u64,
    handles: u64,
}

impl Held {
    /// What a process holds now.
    fn by(pid: u32) -> Self {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
        let resident = status.lines().find(|line| line.starts_with("VmRSS:"));
        let kib = resident.unwrap().split_whitespace().nth(1).unwrap();
        Self {
            kib: kib.parse().unwrap(),
            handles: fs::read_dir(format!("/proc/{pid}/fd")).unwrap().count() as u64,
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes half an hour: see CONTRIBUTING.md"]
async fn half_an_hour_of_load_and_faults_costs_neither_memory_nor_handles_nor_a_promise() {
    let secs = std::env::var("ORDERTRACE_SOAK_SECS").ok();
    let length = Duration::from_secs(secs.map_or(1_800, |secs| secs.parse().unwrap()));
    let mut town = Town::start(Servers::OneByWire).await;
    let pids = ROLES.map(|role| town.place(role).program.pid());
    let clients = Clients::start("soak", &town.api());
    let until = Instant::now() + length;
    let (seen, faults) = tokio::join!(look(&pids, until), strike(&mut town, &clients, until));
    let acknowledged = clients.acknowledged();
    let history = clients.finish().await;
    println!(
        "soak: {faults} faults in {length:?}, {:.0} acknowledged/s",
        acknowledged as f64 / length.as_secs_f64()
    );
    for (index, role) in ROLES.iter().enumerate() {
        let held: Vec<Held> = seen.iter().map(|moment| moment[index]).collect();
        assert_flat(role, &held);
    }
    let checked = town.check(&history).await;
    println!("soak: {checked}");
}

/// Looks at the processes until a moment.
async fn look(pids: &[u32; 3], until: Instant) -> Vec<[Held; 3]> {
    let mut seen = Vec::new();
    let mut looks = interval(LOOK_EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while Instant::now() < until {
        looks.tick().await;
        seen.push(pids.map(Held::by));
    }
    seen
}

/// Lets faults strike until a moment, each under load, and says how many.
async fn strike(town: &mut Town, clients: &Clients, until: Instant) -> usize {
    let mut count = 0;
    let mut turns = interval(FAULT_EVERY);
    turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for fault in FAULTS.iter().copied().cycle() {
        turns.tick().await;
        if Instant::now() >= until {
            break;
        }
        clients.at_pace().await;
        let before = clients.trouble();
        let struck = town.strike(fault).await;
        town.noticed(fault, clients, before).await;
        town.heal(fault, struck).await;
        count += 1;
    }
    count
}

/// Compares the last quarter with the second; in the first a process warms up.
fn assert_flat(role: &str, held: &[Held]) {
    let quarter = held.len() / 4;
    let [early, late] = [&held[quarter..2 * quarter], &held[3 * quarter..]];
    let kib = [early, late].map(|held| median(held.iter().map(|held| held.kib)));
    let handles = [early, late].map(|held| median(held.iter().map(|held| held.handles)));
    println!(
        "soak: {role}: {kib:?} KiB and {handles:?} handles in the second quarter and the last"
    );
    assert!(
        kib[1] * 100 <= kib[0] * (100 + GROWTH_PERCENT_MAX),
        "{role} grows"
    );
    assert!(
        handles[1] <= handles[0] + HANDLES_MORE_MAX,
        "{role} leaks handles"
    );
}

fn median(values: impl Iterator<Item = u64>) -> u64 {
    let mut values: Vec<u64> = values.collect();
    values.sort_unstable();
    values[values.len() / 2]
}
