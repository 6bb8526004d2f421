//! Faults of whole processes, of the log's servers and of the network between, under the load of clients who contend for the
//! same orders.
//!
//! Each run is a row: the load before the fault, that it was seen and that a client noticed it, and how soon all was as before.
//! In the end what was acknowledged is in the log, each command once; the answers are such as single orders could have given,
//! one step after the other; repeats are answered as before and change nothing; views and the provider's ledger agree with the
//! log. The short runs belong to every test run, the others to `.ci/faults`.
//! It deliberately knows nothing of disks and of partitions, which have folders of their own.

mod clients;
mod fault;
mod log_server;
mod recovery;
mod soak;
mod town;
mod verdict;
mod wire;

use rstest::rstest;

use clients::Clients;
use fault::Fault;
use town::{Servers, Town};

/// After a fault so many more commands have to be acknowledged before it counts as overcome.
const ACKNOWLEDGED_AFTER: u64 = 100;

/// Lets one fault after the other come over a town, each under load, and checks everything in the end.
async fn survives(name: &str, servers: Servers, faults: &[Fault]) {
    let mut town = Town::start(servers).await;
    let clients = Clients::start(name, &town.api());
    for fault in faults {
        let pace = clients.at_pace().await;
        let before = clients.trouble();
        let struck = town.strike(*fault).await;
        town.noticed(*fault, &clients, before).await;
        town.heal(*fault, struck).await;
        let healed = std::time::Instant::now();
        clients.acknowledged_more(ACKNOWLEDGED_AFTER).await;
        println!(
            "{name}: {fault:?}: {pace:.0} acknowledged/s before, {} troubled requests, {ACKNOWLEDGED_AFTER} more \
             acknowledged within {:.2?} after",
            clients.trouble() - before,
            healed.elapsed()
        );
    }
    let history = clients.finish().await;
    let checked = town.check(&history).await;
    println!("{name}: {checked}");
}

#[rstest]
#[case::processes_are_killed("kills", Servers::One, &[Fault::Kill("command-api"), Fault::Kill("projections"), Fault::Kill("saga"), Fault::KillNats])]
#[case::replies_are_late_or_lost_and_connections_reset("wire", Servers::OneByWire, &[Fault::LateReplies, Fault::LostReplies, Fault::Reset])]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_server_and_its_roles_keep_every_promise_while(
    #[case] name: &'static str,
    #[case] servers: Servers,
    #[case] faults: &'static [Fault],
) {
    survives(name, servers, faults).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes half a minute, and belongs to .ci/faults: see CONTRIBUTING.md"]
async fn one_server_and_its_roles_keep_every_promise_while_processes_are_stopped_and_go_on() {
    let faults = [
        Fault::StopNats,
        Fault::Stop("command-api"),
        Fault::Stop("projections"),
        Fault::Stop("saga"),
    ];
    survives("stops", Servers::One, &faults).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_servers_keep_every_promise_while_their_leader_is_killed() {
    survives("leader", Servers::Three, &[Fault::KillLeader]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes a minute, and belongs to .ci/faults: see CONTRIBUTING.md"]
async fn three_servers_keep_every_promise_while_they_are_stopped_restarted_in_turn_and_all_killed()
{
    let faults = [
        Fault::RollingRestart,
        Fault::StopLeader,
        Fault::KillAll,
        Fault::KillLeader,
    ];
    survives("cluster", Servers::Three, &faults).await;
}
