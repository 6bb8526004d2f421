//! What the log says of a request.

use ordertrace_domain::{ActorKind, CorrelationId};

use crate::support::{Api, COFFEE, customer};

const TRACE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

#[tokio::test]
async fn an_event_says_who_asked_and_starts_a_chain() {
    let api = Api::new();
    let id = api.coffee().await;
    let history = api.history(id).await;
    let envelope = &history.events()[0].envelope;
    assert_eq!(envelope.actor.kind, ActorKind::Anonymous);
    assert_eq!(envelope.actor.id.as_str(), "anonymous");
    assert_eq!(
        envelope.correlation_id,
        CorrelationId::from(envelope.command_id)
    );
    assert_eq!(envelope.causation_id, None);
    assert_eq!(envelope.traceparent, None);
}

#[tokio::test]
async fn an_event_belongs_to_the_trace_of_its_request() {
    let api = Api::new();
    let call = api
        .httpie("POST", "/orders", &COFFEE)
        .header("traceparent", TRACE);
    let history = api.history(call.send().await.id()).await;
    let traceparent = history.events()[0].envelope.traceparent.clone();
    assert_eq!(traceparent.expect("a trace").as_str(), TRACE);
}

#[tokio::test]
async fn a_trace_that_is_none_is_ignored() {
    let api = Api::new();
    let twice = api
        .httpie("POST", "/orders", &COFFEE)
        .header("traceparent", TRACE);
    let bad = api.httpie("POST", "/orders", &COFFEE);
    for call in [
        twice.header("traceparent", TRACE),
        bad.header("traceparent", b"00-\xff"),
        api.httpie("POST", "/orders", &COFFEE)
            .header("traceparent", "00-0-0-00"),
    ] {
        let answer = call.send().await;
        assert_eq!(answer.status, 201);
        let history = api.history(answer.id()).await;
        assert_eq!(history.events()[0].envelope.traceparent, None);
    }
}

#[tokio::test]
async fn ids_with_a_key_are_derived_and_frozen() {
    let api = Api::new();
    let answer = api
        .httpie("POST", "/orders", &COFFEE)
        .key("k-1")
        .send()
        .await;
    let id = answer.id();
    assert_eq!(id.to_string(), "0bff1311-4371-507b-bccd-aa96e86ad0f3");
    let history = api.history(id).await;
    let command_id = history.events()[0].envelope.command_id;
    assert_eq!(
        command_id.to_string(),
        "8c259453-8fd0-57ef-ad33-09c7dabfd464"
    );
}

#[tokio::test]
async fn who_logged_in_acts_and_orders_under_their_name() {
    let api = Api::new();
    let alice = api.authenticated(customer("alice"));
    let answer = alice.httpie("POST", "/orders", &COFFEE).send().await;
    assert_eq!(answer.body["customerId"], "alice");
    let history = api.history(answer.id()).await;
    assert_eq!(
        history.events()[0].envelope.actor,
        customer("alice").actor()
    );
}

#[tokio::test]
async fn keys_of_different_callers_never_meet() {
    let api = Api::new();
    let mut ids = Vec::new();
    for name in ["alice", "bob"] {
        let api = api.authenticated(customer(name));
        let answer = api
            .httpie("POST", "/orders", &COFFEE)
            .key("k-1")
            .send()
            .await;
        assert_eq!(answer.status, 201);
        ids.push(answer.id());
    }
    assert_ne!(ids[0], ids[1]);
}
