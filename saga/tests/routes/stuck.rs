//! Looking at one order that may be stuck.

use std::time::Duration;

use ordertrace_domain::{
    Event, EventLog, Position, Sequence,
    testing::fixtures::{self, events, histories},
};
use rstest::rstest;
use serde_json::{Value, json};

use crate::desk::{Desk, refund_failed, unknown};

async fn case(desk: &Desk, events: Vec<Event>) -> Value {
    let order = desk.order(events).await;
    desk.get(format!("/ops/stuck/{order}")).await.ok()
}

#[tokio::test]
async fn an_order_is_shown_with_what_happened_to_it_and_what_to_do() {
    let desk = Desk::new();
    let order = desk.order(unknown(20)).await;
    desk.later(Duration::from_secs(90));
    let mut case = desk.get(format!("/ops/stuck/{order}")).await.ok();
    let timeline = case["timeline"].take();
    let expected = json!({
        "orderId": order.to_string(),
        "state": "payment_unknown",
        "status": "Order END",
        "phase": "open",
        "version": 23,
        "stuck": true,
        "reason": "payment_unknown",
        "idleSeconds": 90,
        "since": "2023-11-14T22:13:20.000000Z",
        "payment": {
            "state": "payment_unknown",
            "providerRef": "pi_1",
            "checkAttempt": 20,
        },
        "delivery": { "state": "delivery_not_prepared" },
        "advice": "Look up the payment pi_1 at the provider, and wait until it is settled there; \
                   a resume asks the provider how pi_1 ended, and never charges again.",
        "timeline": null,
        "_links": {
            "self": { "href": format!("/ops/stuck/{order}") },
            "resume": { "href": format!("/ops/stuck/{order}/resume") },
            "orderTrace": { "href": format!("/orderTraces/{order}") },
        },
    });
    assert_eq!(case, expected);
    let timeline = timeline.as_array().expect("a list");
    assert_eq!(timeline.len(), 20, "the last twenty of 23");
    let position = Position {
        incarnation: desk.log.incarnation(),
        sequence: Sequence::new(4),
    };
    let first = json!({
        "version": 4,
        "type": "PaymentOutcomeUnknown",
        "time": "2023-11-14T22:13:20.000000Z",
        "position": position.to_string(),
    });
    assert_eq!(timeline[0], first);
    assert_eq!(timeline[19]["version"], 23);
}

#[tokio::test]
async fn a_refund_that_failed_shows_why_and_how_often() {
    let desk = Desk::new();
    let case = case(&desk, refund_failed(fixtures::card(), 10)).await;
    assert_eq!(case["reason"], "refund_failed");
    assert_eq!(case["phase"], "cancelling");
    assert_eq!(case["cancellationCause"], "requested");
    let payment = json!({
        "state": "refund_failed",
        "providerRef": "pi_1",
        "refundAttempt": 10,
        "why": "no balance",
    });
    assert_eq!(case["payment"], payment);
    let advice = case["advice"].as_str().expect("words");
    assert!(advice.contains("whether a refund is there"), "{advice}");
    assert!(advice.contains("the step RequestRefund"), "{advice}");
}

#[tokio::test]
async fn an_order_that_waits_for_a_person_is_not_stuck_before_its_deadline() {
    let desk = Desk::new();
    let order = desk.order(histories::requested(fixtures::cash())).await;
    let path = format!("/ops/stuck/{order}");
    desk.later(Duration::from_hours(24));
    let waiting = desk.get(&path).await.ok();
    assert_eq!(waiting["stuck"], false);
    assert_eq!(waiting.get("reason"), None);
    desk.later(Duration::from_mins(16));
    let overdue = desk.get(&path).await.ok();
    assert_eq!(overdue["stuck"], true);
    assert_eq!(overdue["reason"], "idle");
    assert_eq!(overdue["idleSeconds"], 24 * 3_600 + 16 * 60);
}

#[tokio::test]
async fn a_failed_delivery_shows_its_attempt_and_why() {
    let desk = Desk::new();
    let mut events = histories::started(fixtures::cash());
    events.push(events::delivery_failed(1));
    let case = case(&desk, events).await;
    let expected = json!({ "state": "delivery_failed", "attempt": 1, "why": "nobody home" });
    assert_eq!(case["delivery"], expected);
}

/// The stages that an idle order may be left at, and what a resume does there.
#[rstest]
#[case(histories::placed(fixtures::cash()), "takes the step RequestPayment")]
#[case(histories::requested(fixtures::card()), "charges nothing yet")]
#[case(
    histories::submitted(fixtures::card()),
    "confirms pi_1 at the provider"
)]
#[case(unknown(1), "asks the provider how pi_1 ended")]
#[case(
    histories::approved(fixtures::card()),
    "takes the step PrepareDelivery"
)]
#[case(histories::prepared(fixtures::card()), "takes the step StartDelivery")]
#[case(histories::delivered(fixtures::card()), "takes the step CompleteOrder")]
#[tokio::test]
async fn the_advice_says_what_a_resume_does(#[case] events: Vec<Event>, #[case] doing: &str) {
    let desk = Desk::new();
    let order = desk.order(events).await;
    desk.later(Duration::from_hours(2));
    let case = desk.get(format!("/ops/stuck/{order}")).await.ok();
    assert_eq!(case["reason"], "idle");
    let advice = case["advice"].as_str().expect("words");
    assert!(advice.contains("/ops/dlq"), "{advice}");
    assert!(advice.contains(doing), "{advice}");
    assert!(advice.ends_with('.'), "{advice}");
}

#[tokio::test]
async fn a_cancelled_cards_payment_is_called_off_never_looked_up() {
    let desk = Desk::new();
    let mut events = unknown(20);
    events.push(events::cancellation_requested());
    let case = case(&desk, events).await;
    let advice = case["advice"].as_str().expect("words");
    assert!(advice.contains("call pi_1 off"), "{advice}");
}

#[tokio::test]
async fn an_order_with_all_its_events_is_to_be_settled_by_hand() {
    let desk = Desk::new();
    let mut events = refund_failed(fixtures::card(), 3);
    while events.len() < 1_000 {
        events.push(events::refund_failed(3));
    }
    let case = case(&desk, events).await;
    assert_eq!(case["reason"], "too_many_events");
    let advice = case["advice"].as_str().expect("words");
    assert!(
        advice.contains("settle the payment pi_1 by hand"),
        "{advice}"
    );
}

#[tokio::test]
async fn an_order_that_has_ended_is_shown_as_such() {
    let desk = Desk::new();
    let case = case(&desk, histories::completed(fixtures::cash())).await;
    assert_eq!(case["phase"], "completed");
    assert_eq!(case["stuck"], false);
    let advice = case["advice"].as_str().expect("words");
    assert!(advice.contains("nothing to resume"), "{advice}");
}

#[tokio::test]
async fn the_order_is_read_from_the_leader() {
    let desk = Desk::new();
    let order = desk.order(histories::completed(fixtures::cash())).await;
    desk.log.stale_reads(true);
    let case = desk.get(format!("/ops/stuck/{order}")).await.ok();
    assert_eq!(case["phase"], "completed");
}
