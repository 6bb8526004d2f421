//! Clients that ask without a pause, as `siege -c` does: each orders and looks in turn, and counts what it was answered.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use reqwest::{Client, RequestBuilder, StatusCode};
use serde_json::Value;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::harness::{Api, Log, PATIENCE, cash_order, wait_until};

/// How long a client of many waits before it asks again, as `siege` has it: together they are a hundred requests in a second,
/// which a busy machine can answer.
const ASK_EVERY: Duration = Duration::from_secs(1);

/// How long a single client waits.
const ASK_ALONE_EVERY: Duration = Duration::from_millis(20);

/// Longer than the balancer waits for an answer.
const ANSWER_MAX: Duration = Duration::from_secs(20);

/// Clients at work.
pub(super) struct Siege {
    clients: JoinSet<Counted>,
    asked: Arc<AtomicUsize>,
    over: CancellationToken,
}

/// What the clients were answered.
#[derive(Default)]
pub(super) struct Counted {
    pub(super) answered: usize,
    /// Why each of the others was not answered with success.
    pub(super) failed: Vec<String>,
    /// The orders that were acknowledged.
    orders: Vec<String>,
}

/// So many failures are shown.
const FAILURES_SHOWN: usize = 10;

impl Siege {
    /// So many clients begin.
    pub(super) fn begin(addr: &str, clients: usize) -> Self {
        let (asked, over) = (Arc::<AtomicUsize>::default(), CancellationToken::new());
        let every = if clients == 1 {
            ASK_ALONE_EVERY
        } else {
            ASK_EVERY
        };
        let mut tasks = JoinSet::new();
        for _ in 0..clients {
            let base = format!("http://{addr}");
            tasks.spawn(ask(base, every, asked.clone(), over.clone()));
        }
        Self {
            clients: tasks,
            asked,
            over,
        }
    }

    /// Waits until so many more requests have come back.
    pub(super) async fn more(&self, requests: usize) {
        let until = self.asked.load(Ordering::SeqCst) + requests;
        wait_until("requests come back", PATIENCE, async || {
            (self.asked.load(Ordering::SeqCst) >= until).then_some(())
        })
        .await;
    }

    /// Lets each client finish what it asked for, and counts.
    pub(super) async fn end(self) -> Counted {
        self.over.cancel();
        let mut all = Counted::default();
        for counted in self.clients.join_all().await {
            all.answered += counted.answered;
            all.failed.extend(counted.failed);
            all.orders.extend(counted.orders);
        }
        all
    }
}

async fn ask(
    base: String,
    every: Duration,
    asked: Arc<AtomicUsize>,
    over: CancellationToken,
) -> Counted {
    let client = Client::builder().no_proxy().timeout(ANSWER_MAX);
    let client = client.build().unwrap();
    let mut due = interval(every);
    due.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut counted = Counted::default();
    while over.run_until_cancelled(due.tick()).await.is_some() {
        let order = client.post(format!("{base}/orders")).json(&cash_order());
        if let Some(order) = counted.take(order, StatusCode::CREATED).await {
            let id = order["orderId"].as_str().unwrap();
            counted.orders.push(id.to_owned());
        }
        asked.fetch_add(1, Ordering::SeqCst);
        let list = client.get(format!("{base}/orderTraces?limit=5"));
        counted.take(list, StatusCode::OK).await;
        asked.fetch_add(1, Ordering::SeqCst);
    }
    counted
}

impl Counted {
    /// Asks, and counts the answer; gives it if it is a success.
    async fn take(&mut self, asked: RequestBuilder, expected: StatusCode) -> Option<Value> {
        let told = match asked.send().await {
            Ok(answer) if answer.status() == expected => answer.json().await,
            Ok(answer) => {
                self.failed.push(answer.status().to_string());
                return None;
            }
            Err(error) => Err(error),
        };
        match told {
            Ok(answer) => {
                self.answered += 1;
                Some(answer)
            }
            Err(error) => {
                self.failed.push(format!("{error:?}"));
                None
            }
        }
    }

    /// Some of what went wrong, for the end of a test.
    pub(super) fn failures(&self) -> &[String] {
        &self.failed[..self.failed.len().min(FAILURES_SHOWN)]
    }

    /// In the words of `siege`.
    pub(super) fn availability(&self) -> String {
        let all = self.answered + self.failed.len();
        // Rounded down: one lost request is never a hundred per cent.
        let hundredths = self.answered * 10_000 / all;
        format!("{}.{:02} %", hundredths / 100, hundredths % 100)
    }

    /// Checks that every acknowledged order is in the log.
    pub(super) fn assert_all_in(&self, log: &Log) {
        assert!(!self.orders.is_empty());
        let stored: HashSet<String> = log.orders.keys().map(ToString::to_string).collect();
        let lost: Vec<_> = self
            .orders
            .iter()
            .filter(|id| !stored.contains(*id))
            .collect();
        assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    }

    /// Checks that every acknowledged order is shown.
    pub(super) async fn assert_all_shown(&self, api: &Api) {
        for order in &self.orders {
            wait_until("the view has come that far", PATIENCE, async || {
                let shown = api.get(format!("/orders/{order}")).await;
                (shown.status == 200).then_some(())
            })
            .await;
        }
    }
}
