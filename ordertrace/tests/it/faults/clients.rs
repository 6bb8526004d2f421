//! Clients who contend for the same orders: at each table some of them work on one order at a time, all at once, each with
//! commands and keys of its own, expectations that others outdate, repeats, and reads.
//!
//! A client that gets no answer, or is told that nothing was changed, asks again, with the same key. Invariant: whatever was
//! asked is in the history.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use futures::future::join_all;
use ordertrace_domain::OrderId;
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::chaos::dice::Dice;
use crate::harness::skip::is_all_asked_for;
use crate::harness::{
    Action, Api, Ask, Heard, History, PATIENCE, now, order_placed_by, wait_until,
};

/// Orders that are worked on at a time.
const TABLES: u64 = 20;

/// Clients at a table: three are enough for every kind of race.
const SEATS: u64 = 3;

/// What a client does with an order once it is placed.
const STEPS: u64 = 7;

/// A fault counts only under a load of so many acknowledged commands a second.
const PACE: f64 = 100.0;

/// A test of a debug build may share its machine with others, and makes do with so many.
const PACE_MIN: f64 = 20.0;

/// For so long the full pace is waited for.
const PACE_WAIT: Duration = Duration::from_secs(10);

/// Over which time the pace is measured.
const PACE_OVER: Duration = Duration::from_secs(1);

/// How long a client waits before it asks again.
const COME_AGAIN: Duration = Duration::from_millis(400);

/// How often a client asks again: for longer than any fault lasts.
const TRIES_MAX: usize = 80;

/// A client that waits longer notices that something is amiss.
const SLOW: Duration = Duration::from_millis(900);

/// So many requests in trouble are no accident.
const TROUBLE_MIN: u64 = 20;

/// What a client may do next, and how likely.
const CHOICES: [(Action, u64); 5] = [
    (Action::Approve, 5),
    (Action::Complete, 4),
    (Action::Cancel, 1),
    (Action::ReadVersion, 3),
    (Action::Look, 3),
];

/// Clients at work, until they are [sent home](Self::finish).
pub(super) struct Clients {
    tables: Vec<JoinHandle<()>>,
    shop: Arc<Shop>,
}

/// What all clients share.
struct Shop {
    name: String,
    api: Api,
    history: History,
    seed: u64,
    acknowledged: AtomicU64,
    trouble: AtomicU64,
    is_over: AtomicBool,
}

/// A client at work on one order.
struct Client<'a> {
    shop: &'a Shop,
    /// Whose keys these are, among all clients of the order.
    seat: u64,
    process: u64,
    order: OrderId,
    is_card: bool,
    dice: Dice,
    /// The last version it was told, and where that stands.
    seen: Option<(u64, String)>,
}

impl Drop for Clients {
    /// A test that fails does not leave its clients behind.
    fn drop(&mut self) {
        self.shop.is_over.store(true, Ordering::SeqCst);
        self.tables.iter().for_each(JoinHandle::abort);
    }
}

impl Clients {
    /// Clients of this API, and a history of this name.
    pub(super) fn start(name: &str, api: &Api) -> Self {
        let seed = now().micros().unsigned_abs();
        println!("{name}: the clients' seed is {seed}");
        let shop = Arc::new(Shop {
            name: name.to_owned(),
            api: api.clone(),
            history: History::begin(name),
            seed,
            acknowledged: AtomicU64::new(0),
            trouble: AtomicU64::new(0),
            is_over: AtomicBool::new(false),
        });
        let table = |table| tokio::spawn(Arc::clone(&shop).serve(table));
        Self {
            tables: (0..TABLES).map(table).collect(),
            shop,
        }
    }

    /// Waits until the clients are acknowledged at the pace of a load, and gives the pace: what a machine has to reach that has
    /// nothing else to do, or after a while the best that was seen.
    pub(super) async fn at_pace(&self) -> f64 {
        let (begun, mut best) = (Instant::now(), 0.0_f64);
        let mut since = (begun, self.acknowledged());
        let pace_min = if is_all_asked_for() { PACE } else { PACE_MIN };
        wait_until("clients are acknowledged at a pace", PATIENCE, async || {
            let (now, acknowledged) = (Instant::now(), self.acknowledged());
            let span = now.duration_since(since.0);
            if span < PACE_OVER {
                return None;
            }
            let more = u32::try_from(acknowledged - since.1).unwrap();
            since = (now, acknowledged);
            best = best.max(f64::from(more) / span.as_secs_f64());
            let is_enough = best >= PACE || begun.elapsed() > PACE_WAIT && best >= pace_min;
            is_enough.then_some(best)
        })
        .await
    }

    /// Waits until so many more requests are acknowledged.
    pub(super) async fn acknowledged_more(&self, requests: u64) {
        let until = self.acknowledged() + requests;
        wait_until("clients are acknowledged again", PATIENCE, async || {
            (self.acknowledged() >= until).then_some(())
        })
        .await;
    }

    /// Waits until clients were refused, got no answer, or waited for long, so often that it was no accident.
    pub(super) async fn troubled_more(&self, before: u64) {
        wait_until("clients notice something", PATIENCE, async || {
            (self.trouble() >= before + TROUBLE_MIN).then_some(())
        })
        .await;
    }

    /// How many requests were acknowledged so far.
    pub(super) fn acknowledged(&self) -> u64 {
        self.shop.acknowledged.load(Ordering::SeqCst)
    }

    /// How many requests were refused, not answered, or answered late.
    pub(super) fn trouble(&self) -> u64 {
        self.shop.trouble.load(Ordering::SeqCst)
    }

    /// Sends the clients home when they are done with their orders, and gives what they were told.
    pub(super) async fn finish(mut self) -> Told {
        self.shop.is_over.store(true, Ordering::SeqCst);
        for table in std::mem::take(&mut self.tables) {
            table.await.unwrap();
        }
        Told(Arc::clone(&self.shop))
    }
}

/// What the clients were told.
pub(super) struct Told(Arc<Shop>);

impl std::ops::Deref for Told {
    type Target = History;

    fn deref(&self) -> &History {
        &self.0.history
    }
}

impl Shop {
    /// One table: an order after the other, by all who sit there.
    async fn serve(self: Arc<Self>, table: u64) {
        let mut round = 0;
        while !self.is_over.load(Ordering::SeqCst) {
            let key = format!("{}-{table}-{round}", self.name);
            join_all((0..SEATS).map(|seat| self.visit(&key, table, round, seat))).await;
            round += 1;
        }
    }

    async fn visit(&self, key: &str, table: u64, round: u64, seat: u64) {
        let mut client = Client {
            shop: self,
            seat,
            process: self.history.process(),
            order: order_placed_by(key),
            is_card: (table + round).is_multiple_of(4),
            // Any number that is another for each visit does.
            dice: Dice(self.seed ^ (table << 48 | round << 8 | seat)),
            seen: None,
        };
        // All who sit here place the order under one key: one of them does, the others are told the same.
        client.ask(Action::Place, Some(key.to_owned()), None).await;
        for step in 0..STEPS {
            client.step(step).await;
        }
    }
}

impl Client<'_> {
    async fn step(&mut self, step: u64) {
        let action = self.dice.pick(&CHOICES);
        if let Action::ReadVersion | Action::Look = action {
            return self.ask(action, None, None).await;
        }
        let key = Some(format!("{}-{step}", self.seat));
        let expects = self.dice.pick(&[(true, 1), (false, 3)]);
        let seen = self.seen.as_ref().map(|(version, _)| *version);
        let if_match = seen.filter(|_| expects);
        self.ask(action, key.clone(), if_match).await;
        if self.dice.pick(&[(true, 1), (false, 4)]) {
            self.ask(action, key, if_match).await;
        }
    }

    /// Asks until there is an answer that says more than that there is none.
    async fn ask(&mut self, action: Action, key: Option<String>, if_match: Option<u64>) {
        let ask = Ask {
            key,
            if_match,
            seen: self.seen.clone(),
            is_card: self.is_card,
            ..Ask::new(self.order, action)
        };
        let mut tries = interval(COME_AGAIN);
        tries.set_missed_tick_behavior(MissedTickBehavior::Delay);
        for _ in 0..TRIES_MAX {
            tries.tick().await;
            if self.is_answered(&ask).await {
                return;
            }
        }
        panic!("{ask:?} is not answered, {TRIES_MAX} times");
    }

    async fn is_answered(&mut self, ask: &Ask) -> bool {
        let shop = self.shop;
        let operation = shop.history.ask(&shop.api, self.process, ask).await;
        let is_late = Duration::from_nanos(operation.took_ns()) > SLOW;
        let is_answered = match operation.heard {
            Heard::Done {
                version, position, ..
            } => {
                shop.acknowledged.fetch_add(1, Ordering::SeqCst);
                if self.seen.as_ref().is_none_or(|(seen, _)| *seen < version) {
                    self.seen = Some((version, position));
                }
                true
            }
            Heard::Refused(_) => true,
            Heard::Unchanged(_) => false,
            Heard::Unknown(_) => {
                self.process = shop.history.process();
                false
            }
        };
        if is_late || !is_answered {
            shop.trouble.fetch_add(1, Ordering::SeqCst);
        }
        is_answered
    }
}
