//! One order's requests, one after the other, each again until it is answered.

use std::sync::atomic::Ordering;

use reqwest::Method;
use serde_json::{Value, json};

use super::super::{Answer, Api, Call, PATIENCE, ToldOrder, wait_until};
use super::{
    Stop,
    kind::{Kind, Step},
};

/// One order's requests. Its number is the product that is ordered, so that it is found again in the log.
pub(super) struct Script {
    pub(super) number: u64,
    pub(super) kind: Kind,
    key: Option<String>,
    pub(super) order: Option<String>,
    done: usize,
    /// How often it is not known whether the order was placed.
    doubts: usize,
    pub(super) answered: Vec<(Call, Answer)>,
    pub(super) refused: Vec<Answer>,
    pub(super) unanswered: usize,
}

fn is_trouble(answer: &Answer) -> bool {
    answer.status >= 500 || answer.status == 408
}

impl Script {
    /// Nothing was asked yet.
    pub(super) fn new(number: u64, kind: Kind, has_key: bool) -> Self {
        Self {
            number,
            kind,
            key: has_key.then(|| format!("order-{number}")),
            order: None,
            done: 0,
            doubts: 0,
            answered: Vec::new(),
            refused: Vec::new(),
            unanswered: 0,
        }
    }

    /// Whether every request was answered with success.
    pub(super) fn is_done(&self) -> bool {
        self.done == self.kind.steps().len()
    }

    /// Goes on until everything was answered with success, or until the first trouble of anybody.
    pub(super) async fn go_on(&mut self, api: &Api, stop: &Stop) {
        while let Some(step) = self.kind.steps().get(self.done).copied() {
            if stop.is_requested() || !self.is_due(step, api, stop).await {
                return;
            }
            let call = self.call(step);
            match api.try_call(&call).await {
                Ok(answer) if is_trouble(&answer) => self.is_refused(step, answer),
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
            stop.troubled.cancel();
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
        let is_unchanged = answer.json()["type"] == "urn:ordertrace:problem:log-unavailable";
        self.doubts += usize::from(step == Step::Place && !is_unchanged);
        self.refused.push(answer);
    }

    /// Waits until the saga has made room for the step; `false` when it is not to be waited for any longer.
    async fn is_due(&self, step: Step, api: &Api, stop: &Stop) -> bool {
        let not_yet: &[&str] = match step {
            Step::Place | Step::Cancel => return true,
            Step::Pay => &["placed"],
            Step::Deliver => &[
                "placed",
                "payment_requested",
                "payment_approved",
                "delivery_prepared",
            ],
        };
        let path = format!("/orderTraces/{}", self.id());
        wait_until("the saga makes room", PATIENCE, async || {
            let trace = api.try_call(&Call::new(Method::GET, path.as_str())).await;
            let trace = trace.ok().filter(|answer| answer.status == 200);
            let is_due = trace
                .is_some_and(|trace| !not_yet.iter().any(|state| trace.json()["state"] == *state));
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

    /// Checks that the log has the order once, and that it ended as its kind does.
    pub(super) fn assert_once_in(&self, told: &[&ToldOrder]) {
        let ids: Vec<String> = told.iter().map(|told| told.id.to_string()).collect();
        // Without a key a client that got no answer can't tell whether it ordered: it may then have ordered twice.
        let more = if self.key.is_some() { 0 } else { self.doubts };
        assert!(
            ids.len() <= 1 + more,
            "{:?} {} is there as {ids:?}",
            self.kind,
            self.number
        );
        let own = told.iter().find(|told| told.id.to_string() == self.id());
        let own = own.unwrap_or_else(|| panic!("{} is not among {ids:?}", self.id()));
        let names = own.event_names();
        assert_eq!(
            ordertrace_http::trace_state(&own.order),
            self.kind.end(),
            "{names:?}"
        );
        // What happens at most once to an order of these kinds.
        for name in [
            "OrderPlaced",
            "PaymentApproved",
            "PaymentRefunded",
            "DeliveryStarted",
            "OrderCancelled",
        ] {
            let times = names.iter().filter(|event| **event == name).count();
            assert!(times <= 1, "{name} is there {times} times: {names:?}");
        }
    }
}
