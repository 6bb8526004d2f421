//! The operator's desk: the routes, and the log behind them.

use std::{sync::Arc, time::Duration};

use axum::{
    Extension, Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Request, StatusCode},
};
use ordertrace_domain::{
    Clock, Event, EventLog, Freshness, History, OrderId, Parked, Parking, Sequence,
    testing::{
        ManualClock, MemoryLog,
        fixtures::{self, drafts, events, histories},
    },
};
use ordertrace_http::{Principal, with_fallbacks};
use ordertrace_saga::{Ops, Policy, api, routes};
use serde_json::Value;
use tower::ServiceExt;

use crate::meddled::Meddled;

/// The routes on a log of their own.
pub(crate) struct Desk {
    pub(crate) log: MemoryLog,
    pub(crate) clock: Arc<ManualClock>,
    /// What else happens while an operator decides.
    pub(crate) meddled: Meddled,
    router: Router,
}

/// What came back.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Desk {
    pub(crate) fn new() -> Self {
        let clock = Arc::new(ManualClock::new());
        let log = MemoryLog::with_clock(clock.clone());
        let meddled = Meddled::new(log.clone());
        let mut desk = Self {
            log,
            clock,
            meddled,
            router: Router::new(),
        };
        desk.router = with_fallbacks(routes(desk.ops()));
        desk
    }

    fn ops(&self) -> Ops {
        Ops {
            dead_letters: Arc::new(self.meddled.clone()),
            backlogs: Arc::new(self.log.clone()),
            timers: Arc::new(self.meddled.clone()),
            log: Arc::new(self.log.clone()),
            clock: self.clock.clone(),
            policy: Policy::default(),
        }
    }

    /// The same desk behind a layer that has found out who asks.
    pub(crate) fn authenticated(mut self, principal: Principal) -> Self {
        let routes = api(self.ops()).split().0;
        self.router = with_fallbacks(routes).layer(Extension(principal));
        self
    }

    pub(crate) async fn get(&self, path: impl AsRef<str>) -> Answer {
        self.send(Request::get(path.as_ref()), Body::empty()).await
    }

    /// A call without a body.
    pub(crate) async fn post(&self, path: impl AsRef<str>) -> Answer {
        self.send(Request::post(path.as_ref()), Body::empty()).await
    }

    pub(crate) async fn post_json(&self, path: impl AsRef<str>, body: &Value) -> Answer {
        let request = Request::post(path.as_ref()).header("content-type", "application/json");
        self.send(request, Body::from(body.to_string())).await
    }

    pub(crate) async fn send(&self, request: axum::http::request::Builder, body: Body) -> Answer {
        let request = request.body(body).expect("a request");
        let answered = self.router.clone().oneshot(request).await;
        let (parts, body) = answered.expect("an answer").into_parts();
        let bytes = to_bytes(body, usize::MAX).await.expect("a body in memory");
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: serde_json::from_slice(&bytes).unwrap_or(Value::Null),
        }
    }

    /// An order with these events.
    pub(crate) async fn order(&self, events: Vec<Event>) -> OrderId {
        let order = fixtures::order_id();
        self.add(order, events).await;
        order
    }

    /// Adds events to an order.
    pub(crate) async fn add(&self, order: OrderId, events: Vec<Event>) {
        let base = self.history(order).await;
        let appended = self.log.append(&base, drafts(&base, events)).await;
        appended.expect("the log takes them");
    }

    pub(crate) async fn history(&self, order: OrderId) -> History {
        let loaded = self.log.load(order, Freshness::Current).await;
        loaded.expect("the log answers")
    }

    /// Parks the message at this place, as the saga does.
    pub(crate) async fn park(&self, sequence: u64, order_id: Option<OrderId>) {
        let parked = Parked {
            sequence: Sequence::new(sequence),
            order_id,
            consumer: "saga".to_owned(),
            reason: "StartDelivery is refused".to_owned(),
            attempts: 3,
        };
        self.log.park(parked).await.expect("the log takes it");
    }

    pub(crate) fn later(&self, by: Duration) {
        self.clock.advance(by);
    }

    /// The time, as answers show it.
    pub(crate) fn clock_shows(&self) -> String {
        self.clock.now().to_string()
    }

    /// Whether the saga was woken once, for this order, at this moment.
    pub(crate) fn is_woken_now(&self, order: OrderId) -> bool {
        let now = self.clock.now();
        self.meddled.woken() == [(order, now)]
    }
}

/// By card, the outcome unknown this many times.
pub(crate) fn unknown(checks: u16) -> Vec<Event> {
    let mut events = histories::submitted(fixtures::card());
    events.extend((1..=checks).map(events::payment_outcome_unknown));
    events
}

/// By card or in cash, being cancelled, the refund failed this many times.
pub(crate) fn refund_failed(method: ordertrace_domain::PaymentMethod, refunds: u16) -> Vec<Event> {
    let mut events = histories::approved(method);
    events.push(events::cancellation_requested());
    for refund in 1..=refunds {
        events.push(events::refund_requested(refund));
        events.push(events::refund_failed(refund));
    }
    events
}

impl Answer {
    #[track_caller]
    pub(crate) fn ok(self) -> Value {
        assert_eq!(self.status, StatusCode::OK, "{self:?}");
        self.body
    }

    #[track_caller]
    pub(crate) fn accepted(self) -> Value {
        assert_eq!(self.status, StatusCode::ACCEPTED, "{self:?}");
        self.body
    }

    /// Checks that this is a problem of that kind.
    #[track_caller]
    pub(crate) fn assert_problem(&self, status: u16, name: &str) {
        assert_eq!(
            self.body["type"],
            format!("urn:ordertrace:problem:{name}"),
            "{self:?}"
        );
        assert_eq!(self.status.as_u16(), status, "{self:?}");
        let content_type = self.headers.get("content-type");
        let content_type = content_type.map(|value| value.as_bytes());
        assert_eq!(content_type, Some(&b"application/problem+json"[..]));
    }
}
