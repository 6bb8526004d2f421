//! A client of the routes, and the saga's part in an order's way.

use std::sync::Arc;

use axum::{
    Extension, Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Request, StatusCode, header},
};
use ordertrace_command_api::{CommandApi, api, router};
use ordertrace_domain::{
    ActorId, Command, CustomerId, EventLog, Executor, Freshness, History, OrderId,
    testing::{
        ManualClock, MemoryLog,
        fixtures::{self, commands},
    },
};
use ordertrace_http::{POSITION_HEADER, Principal, Role, Roles, with_fallbacks};
use serde_json::{Value, json};
use tower::ServiceExt;

/// The routes on a log of their own.
pub(crate) struct Api {
    pub(crate) log: MemoryLog,
    executor: Executor,
    state: CommandApi,
    router: Router,
}

/// What came back.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

/// A request being put together.
pub(crate) struct Call<'a> {
    api: &'a Api,
    request: axum::http::request::Builder,
    body: Body,
}

impl Api {
    pub(crate) fn new() -> Self {
        let clock = Arc::new(ManualClock::new());
        let log = MemoryLog::with_clock(clock.clone());
        let executor = Executor::new(Arc::new(log.clone()), clock);
        let state = CommandApi {
            executor: executor.clone(),
            default_currency: fixtures::euro(),
        };
        Self {
            log,
            executor,
            router: with_fallbacks(router(state.clone())),
            state,
        }
    }

    /// The same routes behind a layer that has found out who asks.
    pub(crate) fn authenticated(&self, principal: Principal) -> Self {
        Self {
            log: self.log.clone(),
            executor: self.executor.clone(),
            router: with_fallbacks(api(self.state.clone()).split().0).layer(Extension(principal)),
            state: self.state.clone(),
        }
    }

    pub(crate) fn call(&self, method: &str, path: impl AsRef<str>) -> Call<'_> {
        Call {
            api: self,
            request: Request::builder().method(method).uri(path.as_ref()),
            body: Body::empty(),
        }
    }

    /// What `http METHOD path name=value …` of httpie 3.2 puts on the wire: all values are text.
    pub(crate) fn httpie(
        &self,
        method: &str,
        path: impl AsRef<str>,
        fields: &[(&str, &str)],
    ) -> Call<'_> {
        let call = self
            .call(method, path)
            .header("User-Agent", "HTTPie/3.2.4")
            .header("Accept-Encoding", "gzip, deflate")
            .header("Connection", "keep-alive");
        if fields.is_empty() {
            return call.header("Accept", "*/*");
        }
        let pairs: Vec<String> = fields
            .iter()
            .map(|(name, value)| format!("{}: {}", json!(name), json!(value)))
            .collect();
        call.header("Accept", "application/json, */*;q=0.5")
            .raw("application/json", format!("{{{}}}", pairs.join(", ")))
    }

    /// Places the coffee of the original's README and gives its id.
    pub(crate) async fn coffee(&self) -> OrderId {
        self.httpie("POST", "/orders", &COFFEE).send().await.id()
    }

    /// Gives commands as the saga does.
    pub(crate) async fn saga(&self, id: OrderId, commands: impl IntoIterator<Item = Command>) {
        for command in commands {
            let answered = self.executor.execute(&fixtures::request(id, command)).await;
            answered
                .expect("the log answers")
                .expect("the command is accepted");
        }
    }

    /// An order whose payment was requested.
    pub(crate) async fn requested(&self) -> OrderId {
        let id = self.coffee().await;
        self.saga(id, [commands::request_payment()]).await;
        id
    }

    /// An order that is paid, its goods ready.
    pub(crate) async fn prepared(&self) -> OrderId {
        let id = self.requested().await;
        self.saga(
            id,
            [
                commands::approve_payment(None),
                commands::prepare_delivery(2),
            ],
        )
        .await;
        id
    }

    pub(crate) async fn history(&self, id: OrderId) -> History {
        let loaded = self.log.load(id, Freshness::Current).await;
        loaded.expect("the log answers")
    }
}

/// Somebody who orders, and has no other role.
pub(crate) fn customer(name: &str) -> Principal {
    Principal {
        id: ActorId::parse(name).expect("a name"),
        roles: Roles::NONE.and(Role::Customer),
        is_anonymous: false,
        customer_id: CustomerId::parse(name).expect("a name"),
    }
}

/// `productId=1 qty=1 paymentType=cash cost=1000 productName=Coffee`
pub(crate) const COFFEE: [(&str, &str); 5] = [
    ("productId", "1"),
    ("qty", "1"),
    ("paymentType", "cash"),
    ("cost", "1000"),
    ("productName", "Coffee"),
];

impl Call<'_> {
    pub(crate) fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.request = self.request.header(name, value.as_ref());
        self
    }

    pub(crate) fn key(self, key: &str) -> Self {
        self.header("Idempotency-Key", key)
    }

    pub(crate) fn raw(mut self, content_type: &str, body: impl Into<Body>) -> Self {
        self.body = body.into();
        self.header(header::CONTENT_TYPE.as_str(), content_type)
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.raw("application/json", body.to_string())
    }

    pub(crate) async fn send(self) -> Answer {
        let request = self.request.body(self.body).expect("a request");
        let answered = self.api.router.clone().oneshot(request).await;
        let (parts, body) = answered.expect("an answer").into_parts();
        let bytes = to_bytes(body, usize::MAX).await.expect("a body in memory");
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: serde_json::from_slice(&bytes).unwrap_or(Value::Null),
        }
    }
}

impl Answer {
    #[track_caller]
    pub(crate) fn id(&self) -> OrderId {
        let id = self.body["orderId"].as_str();
        OrderId::parse(id.expect("an order id")).expect("a canonical id")
    }

    #[track_caller]
    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        let value = value.unwrap_or_else(|| panic!("there is no {name}"));
        value.to_str().expect("ASCII")
    }

    pub(crate) fn etag(&self) -> &str {
        self.header("etag")
    }

    pub(crate) fn position(&self) -> &str {
        self.header(POSITION_HEADER)
    }

    /// The pointers of a problem's errors.
    pub(crate) fn pointers(&self) -> Vec<&str> {
        let errors = self.body["errors"].as_array();
        let errors = errors.map(Vec::as_slice).unwrap_or_default();
        errors
            .iter()
            .filter_map(|error| error["pointer"].as_str())
            .collect()
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
        assert_eq!(self.body["status"], status, "{self:?}");
        assert_eq!(self.header("content-type"), "application/problem+json");
    }
}
