//! The original's experiment: clients that order and look without a pause, while every role is replaced under them by
//! another instance. With readiness heeded no request is lost; without, some are.
//!
//! By hand, with Debian's `siege` before any balancer: docs/operations.md, "Redeploying".

mod balancer;
mod siege;
mod town;

use std::time::Duration;

use rstest::rstest;

use crate::harness::{Log, PATIENCE, is_alive, signal, wait_until};
use balancer::Heed;
use siege::Siege;
use town::Town;

/// Orders come as far as they can by themselves.
const SETTLE_MAX: Duration = Duration::from_secs(60);

/// So many requests are answered before, between and after the replacements: each happens under load.
const STRETCH: usize = 40;

/// Waits until the end of a process that was told to stop in good order.
async fn ended(role: &mut crate::harness::Role) {
    signal("TERM", role.program.pid());
    let status = role.program.ended().await;
    assert_eq!(status.code(), Some(0), "{}", role.program.stderr());
}

#[rstest]
#[case::one_client(1)]
#[case::fifty_clients(50)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rolling_restart_of_every_role_loses_no_request(#[case] clients: usize) {
    let town = Town::open().await;
    let mut commands = town.commands("one").await;
    let mut views = town.views("one").await;
    let mut saga = town.saga("one").await;
    let balancer = town.balancer(Heed::Readiness).await;
    balancer.commands.add_ready(&commands.addr).await;
    balancer.queries.add_ready(&views.addr).await;
    let siege = Siege::begin(&balancer.addr, clients);
    siege.more(STRETCH).await;

    let new = town.commands("two").await;
    balancer.commands.add_ready(&new.addr).await;
    ended(&mut commands).await;
    balancer.commands.remove(&commands.addr);
    siege.more(STRETCH).await;

    let new_views = town.views("two").await;
    balancer.queries.add_ready(&new_views.addr).await;
    ended(&mut views).await;
    balancer.queries.remove(&views.addr);
    siege.more(STRETCH).await;

    let _new_saga = town.saga("two").await;
    ended(&mut saga).await;
    siege.more(STRETCH).await;

    let result = siege.end().await;
    assert_eq!(result.availability(), "100.00 %", "{:?}", result.failures());
    let log = town.site.log().await;
    let log = log.read_until(SETTLE_MAX, Log::is_settled).await;
    result.assert_all_in(&log);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_look_at_readiness_a_restart_loses_requests() {
    let town = Town::open().await;
    let mut commands = town.commands("one").await;
    let views = town.views("one").await;
    let balancer = town.balancer(Heed::Nothing).await;
    balancer.commands.add(&commands.addr);
    balancer.queries.add(&views.addr);
    let siege = Siege::begin(&balancer.addr, 10);
    siege.more(STRETCH).await;

    // As a deployment without a readiness probe does it: an instance gets requests from when it was made, and it takes a
    // while until its program runs.
    let addr = Town::free_addr();
    balancer.commands.add(&addr);
    siege.more(STRETCH).await;
    let new = town.start_commands(&addr, "two");
    siege.more(STRETCH).await;
    ended(&mut commands).await;
    balancer.commands.remove(&commands.addr);
    siege.more(STRETCH).await;

    let result = siege.end().await;
    assert!(is_alive(new.pid()));
    assert!(!result.failed.is_empty());
    assert_ne!(result.availability(), "100.00 %", "{:?}", result.failures());
    // What was acknowledged is there all the same.
    result.assert_all_in(&town.site.log().await.read().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wedged_process_is_noticed_and_its_restart_loses_nothing_acknowledged() {
    let town = Town::open().await;
    let mut wedged = town.commands("one").await;
    let other = town.commands("two").await;
    let views = town.views("one").await;
    let balancer = town.balancer(Heed::Readiness).await;
    balancer.commands.add_ready(&wedged.addr).await;
    balancer.commands.add_ready(&other.addr).await;
    balancer.queries.add_ready(&views.addr).await;
    let siege = Siege::begin(&balancer.addr, 10);
    siege.more(STRETCH).await;

    signal("STOP", wedged.program.pid());
    // Three probes in a row that get no answer, as a kubelet counts them.
    let (mut silent, prober) = (0, balancer::prober());
    wait_until("/livez says nothing any more", PATIENCE, async || {
        let is_alive = balancer::probe(&prober, &wedged.addr, "/livez").await;
        silent = if is_alive { 0 } else { silent + 1 };
        (silent >= 3).then_some(())
    })
    .await;
    wedged.program.kill9();
    balancer.commands.remove(&wedged.addr);
    let again = town.commands("one").await;
    balancer.commands.add_ready(&again.addr).await;
    siege.more(STRETCH).await;

    let result = siege.end().await;
    let log = town.site.log().await.read().await;
    result.assert_all_in(&log);
    result.assert_all_shown(&views.api).await;
}
