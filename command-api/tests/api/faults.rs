//! A log that fails: nobody is told "done" that is not, nor "not done" that may be.

use std::{
    io::{self, Write},
    sync::{Arc, LazyLock, Mutex},
};

use ordertrace_domain::{
    Actor, CommandId, Draft, Envelope, EventFeed, EventId, EventLog, Freshness, History, OrderId,
    Sequence, Version,
    testing::{
        AppendFault, ManualClock,
        fixtures::{self, commands, events},
    },
};
use serde_json::Value;
use tracing::{Dispatch, Level, level_filters::LevelFilter};
use uuid::Uuid;

use crate::support::{Answer, Api, COFFEE};

async fn order(api: &Api) -> Answer {
    api.httpie("POST", "/orders", &COFFEE)
        .key("k-1")
        .send()
        .await
}

#[tokio::test]
async fn an_unreachable_log_is_said_to_be_and_service_resumes() {
    let api = Api::new();
    let id = api.requested().await;
    api.log.unavailable(true);
    let answers = [
        order(&api).await,
        api.call("POST", format!("/payments/{id}/approve"))
            .send()
            .await,
        api.call("DELETE", format!("/orders/{id}")).send().await,
    ];
    for answer in answers {
        answer.assert_problem(503, "log-unavailable");
        assert_eq!(answer.header("retry-after"), "1");
    }
    api.log.unavailable(false);
    assert_eq!(order(&api).await.status, 201);
}

#[tokio::test]
async fn an_order_that_was_not_stored_can_be_sent_again() {
    let api = Api::new();
    api.log.fail_next_append(AppendFault::NotStored);
    order(&api).await.assert_problem(503, "log-unavailable");
    assert_eq!(api.log.head().await.expect("a head"), Sequence::START);
    assert_eq!(order(&api).await.status, 201);
}

#[tokio::test]
async fn an_order_whose_confirmation_got_lost_is_found_in_the_log() {
    let api = Api::new();
    api.log.fail_next_append(AppendFault::StoredButUnknown);
    let first = order(&api).await;
    assert_eq!(first.status, 201);
    assert_eq!(order(&api).await, first);
    assert_eq!(api.log.head().await.expect("a head"), Sequence::new(1));
}

#[tokio::test]
async fn an_order_that_may_still_arrive_is_neither_confirmed_nor_denied() {
    let api = Api::new();
    api.log.fail_next_append(AppendFault::LostAndUnknown);
    let answer = order(&api).await;
    answer.assert_problem(503, "outcome-unknown");
    let detail = answer.body["detail"].as_str().expect("a detail");
    assert!(detail.contains("same Idempotency-Key"), "{detail}");
    assert_eq!(order(&api).await.status, 201, "the same key finds out");
}

#[tokio::test]
async fn a_recreated_log_is_not_written_to() {
    let api = Api::new();
    api.log.recreate();
    order(&api).await.assert_problem(503, "log-unavailable");
}

#[tokio::test]
async fn a_damaged_order_is_an_operators_business_and_no_others() {
    let api = Api::new();
    let damaged = api.requested().await;
    api.log.write_foreign(damaged, b"not an envelope");
    let answer = api
        .call("DELETE", format!("/orders/{damaged}"))
        .send()
        .await;
    answer.assert_problem(500, "order-unreadable");
    assert!(
        !answer.body.to_string().contains("envelope"),
        "{:?}",
        answer.body
    );
    assert_eq!(order(&api).await.status, 201);
}

#[tokio::test]
async fn a_refusal_is_not_given_on_a_stale_read() {
    let api = Api::new();
    let id = api.requested().await;
    api.log.stale_reads(true);
    let answer = api
        .call("POST", format!("/payments/{id}/approve"))
        .send()
        .await;
    assert_eq!(
        answer.status, 200,
        "the stale read had no payment request yet"
    );
    let missing = fixtures::order_id();
    let answer = api
        .call("POST", format!("/payments/{missing}/approve"))
        .send()
        .await;
    answer.assert_problem(404, "not-found");
}

#[tokio::test]
async fn an_order_that_others_keep_changing_is_given_up() {
    let api = Api::new();
    let id = api.requested().await;
    for _ in 0..16 {
        api.log.fail_next_append(AppendFault::Conflict);
    }
    let answer = api
        .call("POST", format!("/payments/{id}/approve"))
        .send()
        .await;
    answer.assert_problem(409, "version-conflict");
}

#[tokio::test]
async fn an_order_takes_so_many_events_and_no_more() {
    let api = Api::new();
    let id = api.requested().await;
    let mut history = api.log.load(id, Freshness::Current).await.expect("a log");
    while history.version() < Version::MAX {
        history = api
            .log
            .append(&history, vec![next(&history)])
            .await
            .expect("room");
    }
    let answer = api.call("DELETE", format!("/orders/{id}")).send().await;
    answer.assert_problem(409, "order-full");
}

/// An event that changes nothing of what may be done with an order.
fn next(history: &History) -> Draft {
    let version = history.version().next();
    let command = format!("{} {version}", history.order_id());
    let command_id = CommandId::from_uuid(Uuid::new_v5(&Uuid::NAMESPACE_OID, command.as_bytes()));
    Draft::new(Envelope {
        event_id: EventId::derive(command_id, version),
        order_id: history.order_id(),
        version,
        occurred_at: ManualClock::START,
        command_id,
        command_hash: commands::request_payment().hash(),
        causation_id: None,
        correlation_id: command_id.into(),
        traceparent: None,
        actor: Actor::anonymous(),
        prev_hash: history.head_hash(),
        event: events::payment_outcome_unknown(1),
    })
}

/// What the process wrote to its log.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no panic").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Written {
    fn lines(&self) -> Vec<Value> {
        let bytes = self.0.lock().expect("no panic").clone();
        let text = String::from_utf8(bytes).expect("text");
        let lines = text.lines().map(serde_json::from_str);
        lines.collect::<Result<_, _>>().expect("JSON lines")
    }
}

/// While a single subscriber is alive, `tracing` asks only the thread that reaches a log line first whether anybody wants
/// it, and remembers the answer for all. A second one, which wants nothing, makes it ask all subscribers.
static SECOND_SUBSCRIBER: LazyLock<Dispatch> = LazyLock::new(|| {
    Dispatch::new(
        tracing_subscriber::fmt()
            .with_max_level(LevelFilter::OFF)
            .finish(),
    )
});

/// What is logged at `level` and above while an order is cancelled.
async fn logged_by_a_cancellation(api: &Api, id: OrderId, level: Level) -> Vec<Value> {
    LazyLock::force(&SECOND_SUBSCRIBER);
    let written = Written::default();
    let writer = written.clone();
    let subscriber = tracing_subscriber::fmt()
        .json()
        .with_max_level(level)
        .with_writer(move || writer.clone())
        .finish();
    let guard = tracing::subscriber::set_default(subscriber);
    api.call("DELETE", format!("/orders/{id}")).send().await;
    drop(guard);
    written.lines()
}

#[tokio::test]
async fn a_failure_is_logged_once_with_all_its_causes() {
    let api = Api::new();
    let id = api.requested().await;
    api.log.write_foreign(id, b"not an event of ours");
    let lines = logged_by_a_cancellation(&api, id, Level::INFO).await;
    assert_eq!(lines.len(), 1, "{lines:?}");
    let fields = &lines[0]["fields"];
    assert_eq!(lines[0]["level"], "ERROR");
    assert_eq!(fields["order.id"], id.to_string());
    assert!(fields["command.id"].is_string(), "{fields}");
    let error = fields["error"].as_str().expect("text");
    assert!(
        error.starts_with("the history of the order is broken: the event at "),
        "{error}"
    );
}

#[tokio::test]
async fn an_outage_is_not_told_again_by_every_command() {
    let api = Api::new();
    let id = api.requested().await;
    api.log.unavailable(true);
    let lines = logged_by_a_cancellation(&api, id, Level::INFO).await;
    assert_eq!(lines, Vec::<Value>::new());
    let lines = logged_by_a_cancellation(&api, id, Level::DEBUG).await;
    let refused = |line: &&Value| line["fields"]["message"] == "a command was refused";
    assert_eq!(lines.iter().filter(refused).count(), 1, "{lines:?}");
}
