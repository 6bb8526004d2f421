//! A shop in this process: the routes of all roles on one log, with an order of alice's and one of bob's.

use std::sync::Arc;

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    http::{HeaderMap, Request, StatusCode, header},
    response::Response,
};
use futures::StreamExt;
use ordertrace_audit::{KeyUse, SecretKey};
use ordertrace_auditor::{AuditRoutes, Auditor, Settings};
use ordertrace_command_api::CommandApi;
use ordertrace_domain::{
    ActorId, CustomerId, EventFeed, Executor, OrderId, Parked, Parking, Position, Sequence,
    testing::{
        ManualClock, MemoryLog,
        fixtures::{self, commands},
    },
};
use ordertrace_http::{Principal, Role, Roles, openapi::ApiRouter, with_fallbacks};
use ordertrace_projections::{
    Queries, Rebuilds, StreamLimits, ViewStore, live_api, stuck_api, view_api,
};
use ordertrace_saga::{Ops, Policy};
use serde_json::Value;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::operations::{self, Operations};

/// What fits an answer that is not a stream.
const BODY_BYTES_MAX: usize = 1 << 20;

/// What places the coffee of the original's README.
pub(super) const COFFEE: &str =
    r#"{"productId":1,"qty":1,"paymentType":"cash","cost":1000,"productName":"Coffee"}"#;

/// The message that is parked.
pub(super) const LETTER: &str = "saga.1";

/// The shop.
pub(super) struct Scene {
    routes: Router,
    pub(super) operations: Operations,
    pub(super) alices: OrderId,
    pub(super) bobs: OrderId,
    /// Where the log begins.
    pub(super) start: Position,
    /// Ends the streams.
    pub(super) shutdown: CancellationToken,
    /// What the routes live on.
    _folder: TempDir,
}

/// An answer. A stream is not read: it does not end.
#[derive(Debug, PartialEq)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

/// Somebody with this role alone.
pub(super) fn somebody(name: &str, role: Role) -> Principal {
    Principal {
        id: ActorId::parse(name).unwrap(),
        customer_id: CustomerId::parse(name).unwrap(),
        roles: Roles::NONE.and(role),
        is_anonymous: false,
    }
}

/// A customer with this name.
pub(super) fn customer(name: &str) -> Principal {
    somebody(name, Role::Customer)
}

impl Scene {
    pub(super) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::new());
        let log = MemoryLog::with_clock(clock.clone());
        let executor = Executor::new(Arc::new(log.clone()), clock.clone());
        let head = position(&log).await;
        let store = ViewStore::open(&folder.path().join("views"), head, &*clock).unwrap();
        let shutdown = CancellationToken::new();
        let api = commands_of(&executor)
            .merge(queries_of(&store, &log, &clock, &shutdown))
            .merge(operated(&log, &clock))
            .merge(audited(&log, &clock, &folder));
        let (routes, endpoints) = api.split();
        let mut scene = Self {
            routes: with_fallbacks(routes),
            operations: operations::of(endpoints),
            alices: fixtures::order_id(),
            bobs: fixtures::order_id(),
            start: head,
            shutdown,
            _folder: folder,
        };
        scene.alices = scene.delivering(&executor, "alice").await;
        scene.bobs = scene.delivering(&executor, "bob").await;
        log.park(parked(scene.alices)).await.unwrap();
        let count = position(&log).await.sequence.get();
        let items = log.follow(Sequence::START).take(count.try_into().unwrap());
        let items: Vec<_> = items.map(|item| item.unwrap()).collect().await;
        store.commit(&items).unwrap();
        scene
    }

    /// An order that this customer has placed, its goods ready.
    async fn delivering(&self, executor: &Executor, name: &str) -> OrderId {
        let request = Request::post("/orders").header(header::CONTENT_TYPE, "application/json");
        let request = request.body(Body::from(COFFEE)).unwrap();
        let placed = self.send(Some(&customer(name)), request).await;
        assert_eq!(placed.status, StatusCode::CREATED);
        let placed: Value = serde_json::from_slice(&placed.body).unwrap();
        assert_eq!(placed["customerId"], name);
        let order = OrderId::parse(placed["orderId"].as_str().unwrap()).unwrap();
        for command in [
            commands::request_payment(),
            commands::approve_payment(None),
            commands::prepare_delivery(3),
        ] {
            let answered = executor.execute(&fixtures::request(order, command)).await;
            answered.unwrap().unwrap();
        }
        order
    }

    /// Sends a request as somebody, or as nobody.
    pub(super) async fn send(&self, who: Option<&Principal>, request: Request<Body>) -> Answer {
        let response = self.open(who, request).await;
        let (parts, body) = response.into_parts();
        let content_type = parts.headers.get(header::CONTENT_TYPE);
        let is_stream = content_type.is_some_and(|it| it == "text/event-stream");
        let body = if is_stream {
            Bytes::new()
        } else {
            to_bytes(body, BODY_BYTES_MAX).await.unwrap()
        };
        Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }

    /// The same, without a look at the body.
    pub(super) async fn open(
        &self,
        who: Option<&Principal>,
        mut request: Request<Body>,
    ) -> Response {
        if let Some(who) = who {
            request.extensions_mut().insert(who.clone());
        }
        self.routes.clone().oneshot(request).await.unwrap()
    }
}

impl Answer {
    /// The last part of the problem's type; empty if it is none.
    pub(super) fn problem(&self) -> String {
        let body: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        let kind = body["type"].as_str().unwrap_or_default();
        kind.rsplit(':').next().unwrap_or_default().to_owned()
    }
}

async fn position(log: &MemoryLog) -> Position {
    Position {
        incarnation: EventFeed::incarnation(log),
        sequence: log.head().await.unwrap(),
    }
}

fn parked(order: OrderId) -> Parked {
    Parked {
        sequence: Sequence::new(1),
        order_id: Some(order),
        consumer: "saga".to_owned(),
        reason: "StartDelivery is refused".to_owned(),
        attempts: 3,
    }
}

fn commands_of(executor: &Executor) -> ApiRouter {
    ordertrace_command_api::api(CommandApi {
        executor: executor.clone(),
        default_currency: fixtures::euro(),
    })
}

fn queries_of(
    store: &ViewStore,
    log: &MemoryLog,
    clock: &Arc<ManualClock>,
    shutdown: &CancellationToken,
) -> ApiRouter {
    let feed = Arc::new(log.clone());
    let queries = Queries::new(store.clone(), feed.clone(), clock.clone());
    // Nobody carries out what is asked of the rebuilds: that it was taken is all there is to see.
    let (rebuilds, _) = Rebuilds::new(store.clone(), feed.clone(), clock.clone());
    let live = live_api(
        queries.clone(),
        feed.clone(),
        StreamLimits::default(),
        shutdown.clone(),
    );
    ordertrace_projections::api(queries.clone())
        .merge(live)
        .merge(stuck_api(queries, Policy::default().patience()))
        .merge(view_api(store.clone(), feed, rebuilds))
}

fn operated(log: &MemoryLog, clock: &Arc<ManualClock>) -> ApiRouter {
    ordertrace_saga::api(Ops {
        dead_letters: Arc::new(log.clone()),
        backlogs: Arc::new(log.clone()),
        timers: Arc::new(log.clone()),
        log: Arc::new(log.clone()),
        clock: clock.clone(),
        policy: Policy::default(),
    })
}

fn audited(log: &MemoryLog, clock: &Arc<ManualClock>, folder: &TempDir) -> ApiRouter {
    let log = Arc::new(log.clone());
    let key = SecretKey::from_seed("shop.example/orders", KeyUse::Log, [1; 32]).unwrap();
    let settings = Settings::signer(key);
    let folder = folder.path().join("audit");
    let opened = Auditor::open(
        &folder,
        log.clone(),
        log.clone(),
        clock.clone(),
        settings.clone(),
    );
    let (audit, _) = opened.unwrap();
    let shutdown = CancellationToken::new();
    ordertrace_auditor::api(AuditRoutes::new(audit, log, &settings, shutdown))
}
