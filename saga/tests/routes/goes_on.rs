//! What an operator's word leads to, with a saga at work on the same log.
//!
//! Tokio's time is paused: it moves on only when no task can go on, so waiting is bounded by what there is to do.

use std::{sync::Arc, time::Duration};

use futures::StreamExt;
use ordertrace_domain::{
    CancellationCause, Executor, OrderId, Phase, Shard, WorkQueue,
    testing::fixtures::{self, histories},
};
use ordertrace_saga::{Policy, Saga, SagaError, provider::SimulatedProvider};
use serde_json::Value;
use tokio::{
    task::JoinHandle,
    time::{interval, timeout},
};
use tokio_util::sync::CancellationToken;

use crate::desk::{Desk, refund_failed};

/// Longer than the saga tries anything, in paused time.
const PATIENCE: Duration = Duration::from_mins(2);

/// How often a condition is looked at, in paused time.
const LOOK: Duration = Duration::from_millis(50);

/// Takes the order's events off the queue, as a saga does that could do nothing about them and parked them.
async fn passed_over(desk: &Desk, order: OrderId) {
    let mut queue = desk.log.work(Shard::of(order));
    for _ in desk.history(order).await.events() {
        let work = timeout(PATIENCE, queue.next()).await.expect("work");
        let work = work.expect("the queue goes on").expect("work");
        work.receipt.acknowledge().await.expect("the log answers");
    }
}

struct Running {
    shutdown: CancellationToken,
    task: JoinHandle<Result<(), SagaError>>,
}

impl Running {
    fn start(desk: &Desk) -> Self {
        let log = Arc::new(desk.log.clone());
        let saga = Saga {
            executor: Executor::new(log.clone(), desk.clock.clone()),
            queue: log.clone(),
            timers: log.clone(),
            parking: log,
            provider: Arc::new(SimulatedProvider::in_memory()),
            clock: desk.clock.clone(),
            policy: Policy::default(),
        };
        let shutdown = CancellationToken::new();
        let task = tokio::spawn(saga.run(shutdown.clone()));
        Self { shutdown, task }
    }

    async fn stop(self) {
        self.shutdown.cancel();
        let ended = timeout(PATIENCE, self.task).await.expect("it ends");
        ended.expect("no panic").expect("no failure");
    }
}

async fn until(desk: &Desk, path: &str, is_so: impl Fn(&Value) -> bool) -> Value {
    let waited = timeout(PATIENCE, async {
        let mut looks = interval(LOOK);
        loop {
            looks.tick().await;
            let body = desk.get(path).await.body;
            if is_so(&body) {
                return body;
            }
        }
    });
    match waited.await {
        Ok(body) => body,
        Err(_) => panic!("it never came to that: {:?}", desk.get(path).await),
    }
}

#[tokio::test(start_paused = true)]
async fn a_retried_message_lets_the_saga_go_on_with_its_order() {
    let desk = Desk::new();
    let order = desk.order(histories::placed(fixtures::cash())).await;
    desk.park(1, Some(order)).await;
    passed_over(&desk, order).await;
    let saga = Running::start(&desk);
    desk.post("/ops/dlq/saga.1/retry").await.accepted();
    let path = format!("/ops/stuck/{order}");
    until(&desk, &path, |case| case["state"] == "payment_requested").await;
    assert_eq!(desk.get("/ops/dlq/saga.1").await.ok()["status"], "retried");
    saga.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_retried_message_that_still_can_not_be_handled_waits_again() {
    let desk = Desk::new();
    let order = desk.order(histories::placed(fixtures::cash())).await;
    desk.log.write_foreign(order, b"no envelope");
    let saga = Running::start(&desk);
    let path = "/ops/dlq/saga.2";
    let parked = until(&desk, path, |letter| letter["status"] == "waiting").await;
    desk.later(Duration::from_mins(1));
    desk.post(format!("{path}/retry")).await.accepted();
    let again = until(&desk, path, |letter| letter["status"] == "waiting").await;
    assert_eq!(parked["parkedAt"], "2023-11-14T22:13:20.000000Z");
    assert_eq!(again["parkedAt"], "2023-11-14T22:14:20.000000Z");
    assert_eq!(again["orderId"], order.to_string());
    saga.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_resumed_refund_is_tried_again_and_the_order_ends() {
    let desk = Desk::new();
    let order = desk.order(refund_failed(fixtures::cash(), 10)).await;
    passed_over(&desk, order).await;
    let saga = Running::start(&desk);
    let path = format!("/ops/stuck/{order}");
    let case = desk.post(format!("{path}/resume")).await.accepted();
    assert_eq!(case["reason"], "refund_failed");
    until(&desk, &path, |case| case["phase"] == "cancelled").await;
    let history = desk.history(order).await;
    let state = history.state();
    let phase = state.order().expect("an order").phase;
    assert_eq!(phase, Phase::Cancelled(CancellationCause::Requested));
    saga.stop().await;
}
