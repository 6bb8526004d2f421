//! A load of orders of every kind, by many clients at once, that can be interrupted and gone on with.
//!
//! A client that gets no answer, or a 503, does what a careful client does: it stops, and later sends the same request
//! again, with the same `Idempotency-Key` if it has one. At the end the log must hold what was acknowledged, each order
//! once.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use futures::{StreamExt as _, stream};
use reqwest::Method;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::{Answer, Api, Call, Log, PATIENCE, ToldOrder, wait_until};

/// Clients at a time: enough that many requests are under way at any moment.
const CLIENTS: usize = 32;

/// What becomes of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Unpaid,
    Paid,
    Delivered,
    CancelledUnpaid,
    CancelledOnTheWay,
    Card,
    CardDeclined,
    CardLostRequest,
    CardLostAnswer,
    CardCancelled,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Place,
    Pay,
    Deliver,
    Cancel,
}

/// What the clients and whoever disturbs them tell each other.
#[derive(Debug, Default)]
pub(crate) struct Stop {
    requested: AtomicBool,
    placed: AtomicUsize,
    troubled: CancellationToken,
}

/// Orders to be placed, and how far each has come.
pub(crate) struct Load {
    scripts: Vec<Script>,
}

/// One order's requests. Its number is the product that is ordered, so that it is found again in the log.
struct Script {
    number: u64,
    kind: Kind,
    key: Option<String>,
    order: Option<String>,
    done: usize,
    /// How often it is not known whether the order was placed.
    doubts: usize,
    answered: Vec<(Call, Answer)>,
    refused: Vec<Answer>,
    unanswered: usize,
}

impl Kind {
    const ALL: [Self; 10] = [
        Self::Unpaid,
        Self::Card,
        Self::Paid,
        Self::CancelledUnpaid,
        Self::CardLostRequest,
        Self::Delivered,
        Self::CardCancelled,
        Self::CardDeclined,
        Self::CancelledOnTheWay,
        Self::CardLostAnswer,
    ];

    const fn steps(self) -> &'static [Step] {
        match self {
            Self::Unpaid | Self::Card | Self::CardDeclined => &[Step::Place],
            Self::CardLostRequest | Self::CardLostAnswer => &[Step::Place],
            Self::Paid => &[Step::Place, Step::Pay],
            Self::Delivered => &[Step::Place, Step::Pay, Step::Deliver],
            Self::CancelledUnpaid | Self::CardCancelled => &[Step::Place, Step::Cancel],
            Self::CancelledOnTheWay => &[Step::Place, Step::Pay, Step::Cancel],
        }
    }

    /// The states in which its order is left in the end.
    const fn end(self) -> &'static str {
        match self {
            Self::Unpaid => "payment_requested",
            Self::Paid | Self::Card | Self::CardLostRequest | Self::CardLostAnswer => "delivery_started",
            Self::Delivered => "completed",
            Self::CancelledUnpaid | Self::CancelledOnTheWay | Self::CardCancelled => "cancelled",
            Self::CardDeclined => "rejected",
        }
    }

    const fn cost(self) -> i64 {
        match self {
            Self::CardDeclined => 40_200,
            Self::CardLostRequest => 50_300,
            Self::CardLostAnswer => 50_400,
            _ => 1_000,
        }
    }

    const fn is_card(self) -> bool {
        matches!(
            self,
            Self::Card | Self::CardDeclined | Self::CardLostRequest | Self::CardLostAnswer | Self::CardCancelled
        )
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

    fn is_requested(&self) -> bool {
        self.requested.load(Ordering::SeqCst)
    }

    fn request(&self) {
        self.requested.store(true, Ordering::SeqCst);
        self.troubled.cancel();
    }
}

impl Load {
    /// So many orders, of all kinds, half of them with an `Idempotency-Key`.
    pub(crate) fn new(orders: u64) -> Self {
        let kinds = Kind::ALL.into_iter().cycle();
        let scripts = (1..=orders).zip(kinds).map(|(number, kind)| Script {
            number,
            kind,
            // Odd and even go through all kinds in turn.
            key: (number / 10 % 2 == 0).then(|| format!("order-{number}")),
            order: None,
            done: 0,
            doubts: 0,
            answered: Vec::new(),
            refused: Vec::new(),
            unanswered: 0,
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
        self.scripts.iter().map(|script| script.answered.len()).sum()
    }

    /// How many requests got no answer at all.
    pub(crate) fn unanswered(&self) -> usize {
        self.scripts.iter().map(|script| script.unanswered).sum()
    }

    /// The answers that said 503.
    pub(crate) fn refused(&self) -> impl Iterator<Item = &Answer> {
        self.scripts.iter().flat_map(|script| &script.refused)
    }

    /// Whether every request was answered with success.
    pub(crate) fn is_done(&self) -> bool {
        self.scripts
            .iter()
            .all(|script| script.done == script.kind.steps().len())
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
            by_number.entry(lines[0].product_id.get()).or_default().push(told);
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

impl Script {
    async fn go_on(&mut self, api: &Api, stop: &Stop) {
        while let Some(step) = self.kind.steps().get(self.done).copied() {
            if stop.is_requested() || !self.is_due(step, api, stop).await {
                return;
            }
            let call = self.call(step);
            match api.try_call(&call).await {
                Ok(answer) if answer.status == 503 => self.is_refused(step, answer),
                Ok(answer) => {
                    self.is_answered(step, call, answer);
                    if step == Step::Place {
                        stop.placed.fetch_add(1, Ordering::SeqCst);
                    }
                    continue;
                }
                Err(error) => {
                    self.unanswered += 1;
                    // A request that never left has changed nothing.
                    self.doubts += usize::from(step == Step::Place && !error.is_connect());
                }
            }
            stop.request();
            return;
        }
    }

    fn is_answered(&mut self, step: Step, call: Call, answer: Answer) {
        let expected = match step {
            Step::Place => 201,
            Step::Pay | Step::Deliver => 200,
            Step::Cancel => 202,
        };
        let answer = answer.expect(expected);
        if step == Step::Place {
            self.order = Some(answer.order_id());
        }
        self.answered.push((call, answer));
        self.done += 1;
    }

    /// "Nothing was changed" is taken at its word.
    fn is_refused(&mut self, step: Step, answer: Answer) {
        let is_unknown = answer.json()["type"] == "urn:ordertrace:problem:outcome-unknown";
        self.doubts += usize::from(step == Step::Place && is_unknown);
        self.refused.push(answer);
    }

    /// Waits until the saga has made room for the step; `false` when it is not to be waited for any longer.
    async fn is_due(&self, step: Step, api: &Api, stop: &Stop) -> bool {
        let not_yet: &[&str] = match step {
            Step::Place | Step::Cancel => return true,
            Step::Pay => &["placed"],
            Step::Deliver => &["placed", "payment_requested", "payment_approved", "delivery_prepared"],
        };
        let path = format!("/orderTraces/{}", self.id());
        wait_until("the saga makes room", PATIENCE, async || {
            let trace = api.try_call(&Call::new(Method::GET, path.as_str())).await;
            let trace = trace.ok().filter(|answer| answer.status == 200);
            let is_due = trace.is_some_and(|trace| {
                !not_yet.iter().any(|state| trace.json()["state"] == *state)
            });
            (is_due || stop.is_requested()).then_some(is_due)
        })
        .await
    }

    fn call(&self, step: Step) -> Call {
        let call = match step {
            Step::Place => Call::new(Method::POST, "/orders").json(self.body()),
            Step::Pay => Call::new(Method::PUT, format!("/payments/{}", self.id()))
                .json(json!({"paymentStatus": "END"})),
            Step::Deliver => Call::new(Method::POST, format!("/deliveries/{}/complete", self.id())),
            Step::Cancel => Call::new(Method::DELETE, format!("/orders/{}", self.id())),
        };
        match &self.key {
            Some(key) => call.key(key),
            None => call,
        }
    }

    fn body(&self) -> Value {
        let mut body = json!({"productId": self.number, "qty": 1, "cost": self.kind.cost(),
            "productName": "Coffee", "paymentType": "cash"});
        if self.kind.is_card() {
            body["paymentType"] = "card".into();
            body["paymentMethod"] = "pm_card_visa".into();
        }
        body
    }

    fn id(&self) -> &str {
        self.order.as_deref().unwrap()
    }

    fn assert_once_in(&self, told: &[&ToldOrder]) {
        let ids: Vec<String> = told.iter().map(|told| told.id.to_string()).collect();
        // Without a key a client that got no answer can't tell whether it ordered: it may then have ordered twice.
        let more = if self.key.is_some() { 0 } else { self.doubts };
        assert!(ids.len() <= 1 + more, "{:?} {} is there as {ids:?}", self.kind, self.number);
        let own = told.iter().find(|told| told.id.to_string() == self.id());
        let own = own.unwrap_or_else(|| panic!("{} is not among {ids:?}", self.id()));
        let names = own.event_names();
        assert_eq!(ordertrace_http::trace_state(&own.order), self.kind.end(), "{names:?}");
        // What happens at most once to an order of these kinds.
        for name in ["OrderPlaced", "PaymentApproved", "PaymentRefunded", "DeliveryStarted", "OrderCancelled"] {
            let times = names.iter().filter(|event| **event == name).count();
            assert!(times <= 1, "{name} is there {times} times: {names:?}");
        }
    }
}
