//! A load of orders of every kind, by many clients at once, that can be interrupted and gone on with.
//!
//! A client that gets no answer, or a 503, does what a careful client does: it stops, and later sends the same request
//! again, with the same `Idempotency-Key` if it has one. At the end the log must hold what was acknowledged, each order
//! once.

mod flow;
mod kind;
mod script;

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::{StreamExt as _, stream};
use tokio_util::sync::CancellationToken;

use super::{Answer, Api, Log, PATIENCE, ToldOrder, wait_until};
use script::Script;

pub(crate) use flow::Flow;
pub(crate) use kind::Kind;

/// Clients at a time: enough that many requests are under way at any moment.
const CLIENTS: usize = 32;

/// Orders to be placed, and how far each has come.
pub(crate) struct Load {
    scripts: Vec<Script>,
}

/// What the clients and whoever disturbs them tell each other.
#[derive(Debug, Default)]
pub(crate) struct Stop {
    placed: AtomicUsize,
    troubled: CancellationToken,
}

impl Load {
    /// So many orders, of all kinds, half of them with an `Idempotency-Key`.
    pub(crate) fn new(orders: u64) -> Self {
        let kinds = Kind::ALL.into_iter().cycle();
        let scripts = (1..=orders).zip(kinds).map(|(number, kind)| {
            // Each round through the kinds has keys, and the next has none.
            let has_key = number / 10 % 2 == 0;
            Script::new(number, kind, has_key)
        });
        Self {
            scripts: scripts.collect(),
        }
    }

    /// Goes on with all orders until they are done, or until the first trouble.
    pub(crate) async fn run(&mut self, api: &Api, stop: &Stop) {
        stream::iter(&mut self.scripts)
            .for_each_concurrent(CLIENTS, |script| script.go_on(api, stop))
            .await;
    }

    /// How many requests were answered with success.
    pub(crate) fn acknowledged(&self) -> usize {
        self.scripts
            .iter()
            .map(|script| script.answered.len())
            .sum()
    }

    /// How many requests got no answer at all.
    pub(crate) fn unanswered(&self) -> usize {
        self.scripts.iter().map(|script| script.unanswered).sum()
    }

    /// The answers that were neither success nor the client's fault.
    pub(crate) fn refused(&self) -> impl Iterator<Item = &Answer> {
        self.scripts.iter().flat_map(|script| &script.refused)
    }

    /// Whether every request was answered with success.
    pub(crate) fn is_done(&self) -> bool {
        self.scripts.iter().all(Script::is_done)
    }

    /// Sends every request with an `Idempotency-Key` again and checks that it is answered as it was; says how many.
    pub(crate) async fn repeat(&self, api: &Api) -> usize {
        let answered = self.scripts.iter().flat_map(|script| &script.answered);
        let keyed: Vec<_> = answered.filter(|(call, _)| call.key.is_some()).collect();
        stream::iter(&keyed)
            .for_each_concurrent(CLIENTS, |(call, first)| async move {
                let again = api.call(call.clone()).await.expect(first.status);
                assert_eq!(again.text, first.text, "{call:?}");
                for header in ["etag", "location", "ordertrace-position"] {
                    assert_eq!(again.header(header), first.header(header), "{call:?}");
                }
            })
            .await;
        keyed.len()
    }

    /// Checks that the log holds what was acknowledged, where it was said to be, and each order once.
    pub(crate) fn assert_all_in(&self, log: &Log) {
        for (call, answer) in self.scripts.iter().flat_map(|script| &script.answered) {
            let version = answer.header("etag").trim_matches('"').parse().unwrap();
            let place = log.at(&answer.header("ordertrace-position"));
            assert_eq!(place, Some((answer.order_id(), version)), "{call:?}");
        }
        let mut by_number: HashMap<u64, Vec<&ToldOrder>> = HashMap::new();
        for told in log.orders.values() {
            let lines = told.order.placed.lines.as_slice();
            by_number
                .entry(lines[0].product_id.get())
                .or_default()
                .push(told);
        }
        assert_eq!(by_number.len(), self.scripts.len());
        for script in &self.scripts {
            script.assert_once_in(&by_number[&script.number]);
        }
    }

    /// The orders of a kind, by their ids.
    pub(crate) fn orders(&self) -> impl Iterator<Item = (Kind, &str)> {
        let scripts = self.scripts.iter();
        scripts.filter_map(|script| Some((script.kind, script.order.as_deref()?)))
    }
}

impl Stop {
    /// Waits until so many orders were acknowledged.
    pub(crate) async fn placed(&self, orders: usize) {
        wait_until("the load is under way", PATIENCE, async || {
            (self.placed.load(Ordering::SeqCst) >= orders).then_some(())
        })
        .await;
    }

    /// Waits until a client got no answer, or was refused.
    pub(crate) async fn troubled(&self) {
        self.troubled.cancelled().await;
    }

    /// Whether everybody stops.
    fn is_requested(&self) -> bool {
        self.troubled.is_cancelled()
    }
}
