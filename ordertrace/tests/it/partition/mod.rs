//! The network is cut: the leader of the log is alone, and the two other servers are without it.
//!
//! Each server has a network of its own, and all hang on one switch; clients reach each of them all the time, so that those of
//! the server that is alone can be told something untrue. Before the cut they are under a load that counts, on both sides, the packets
//! that were dropped are counted where they were dropped, and in the end each of the three servers has the same log, by its files.
//!
//! It takes root and a few tools: where they can't be had the test says that it was skipped.

mod net;
mod servers;

use std::time::Duration;

use tokio::time::Instant;

use crate::harness::{
    Crowd, PATIENCE, Role, Tale, assert_views_equal_the_log, views_have_caught_up, wait_until,
};
use net::Net;
use servers::Servers;

/// Commands are taken again within this of the election of another leader.
const SERVED_WITHIN: Duration = Duration::from_secs(10);

/// The numbers of one side's orders are below, and those of the other's above.
const OTHERS_ORDERS: u64 = 1_000_000;

/// More requests than were under way when somebody began to count.
const SOME: u64 = 100;

/// Clients of the leader, and of the two others.
struct Sides {
    alone: Crowd,
    others: Crowd,
}

impl Sides {
    async fn at_pace(alone: &Role, others: &Role) -> Self {
        let sides = Self {
            alone: Crowd::start(&alone.api, 0),
            others: Crowd::start(&others.api, OTHERS_ORDERS),
        };
        let pace = Crowd::at_pace_together(&[&sides.alone, &sides.others]).await;
        println!("{pace:.0} acknowledged commands a second before the fault");
        sides.alone.acknowledged_more(SOME).await;
        sides.others.acknowledged_more(SOME).await;
        sides
    }

    /// Cuts the leader off until both sides have noticed, and checks that only one is served meanwhile.
    async fn live_through(&self, net: &Net, servers: &Servers, leader: usize) {
        let cut_at = Instant::now();
        net.cut_off(leader);
        let next = servers.another_leader(leader).await;
        let (elected_at, alone) = (Instant::now(), self.alone.acknowledged());
        self.others.acknowledged_more(1).await;
        println!(
            "another leader {:?} after the cut, served again {:?} later",
            elected_at - cut_at,
            elected_at.elapsed()
        );
        assert!(elected_at.elapsed() <= SERVED_WITHIN, "of {next}");
        self.others.acknowledged_more(SOME).await;
        wait_until("who is alone refuses", PATIENCE, async || {
            (self.alone.refused() > 0).then_some(())
        })
        .await;
        assert_eq!(
            self.alone.acknowledged(),
            alone,
            "who is alone has acknowledged something"
        );
        let dropped = net.heal(leader);
        println!("{dropped} packets were dropped");
        assert!(dropped > 0, "the network was not cut");
        self.alone.acknowledged_more(SOME).await;
    }

    async fn finish(self) -> [Tale; 2] {
        [self.alone.finish().await, self.others.finish().await]
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes a minute: see CONTRIBUTING.md"]
async fn a_leader_that_is_cut_off_acknowledges_nothing_and_the_others_go_on_without_it() {
    let Some(net) = Net::up() else {
        return;
    };
    let Some(mut servers) = Servers::start(&net).await else {
        return;
    };
    let views = servers.role("projections", &servers.urls()).await;
    let leader = servers.leader().await;
    let (alone, others) = servers.urls_of(leader);
    let alone = servers.role("command-api", &alone).await;
    let others = servers.role("command-api", &others).await;

    let sides = Sides::at_pace(&alone, &others).await;
    sides.live_through(&net, &servers, leader).await;
    let mut tales = sides.finish().await;

    let reader = servers.log().await;
    let log = reader.read().await;
    for (tale, role) in tales.iter_mut().zip([&alone, &others]) {
        tale.assert_kept_by(&log);
        println!(
            "{} acknowledged, {} refused; lost 0",
            tale.acknowledged(),
            tale.refused()
        );
        tale.insist(&role.api).await;
    }
    let log = reader.read().await;
    for tale in &tales {
        tale.assert_kept_by(&log);
    }
    let asked_at = Instant::now();
    views_have_caught_up(&views.api, &log).await;
    println!("the views had caught up after {:?}", asked_at.elapsed());
    assert_views_equal_the_log(&views.api, &log).await;
    servers.assert_each_has(&log).await;
}
