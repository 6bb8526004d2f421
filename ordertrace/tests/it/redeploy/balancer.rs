//! A small balancer: what changes something goes to one pool, what looks goes to the other, and in a pool to each in turn.
//!
//! It tries nothing twice: a request that its instance does not answer is 502, and lost.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{Method, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use reqwest::Client;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

use crate::harness::{PATIENCE, wait_until};

/// How often an instance is asked whether it is ready.
const PROBE_EVERY: Duration = Duration::from_millis(100);

/// After so many probes in a row that were not answered with yes, an instance is not ready: on a busy machine one may be late.
const PROBES_FAILED_MAX: usize = 3;

/// How long a probe waits for an answer.
const PROBE_MAX: Duration = Duration::from_secs(1);

/// How long an instance may take to answer.
const FORWARD_MAX: Duration = Duration::from_secs(10);

/// More than any answer that the siege asks for.
const BODY_BYTES_MAX: usize = 1 << 20;

/// By what the balancer goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Heed {
    /// Only instances whose `/readyz` says yes get requests.
    Readiness,
    /// Whatever was added gets requests.
    Nothing,
}

/// A running balancer.
pub(super) struct Balancer {
    pub(super) addr: String,
    pub(super) commands: Arc<Pool>,
    pub(super) queries: Arc<Pool>,
    /// With the balancer its tasks end.
    _serving: JoinSet<()>,
}

/// The instances of a role.
pub(super) struct Pool {
    heed: Heed,
    instances: Mutex<Vec<Arc<Instance>>>,
    turn: AtomicUsize,
}

struct Instance {
    addr: String,
    is_ready: AtomicBool,
    probes_failed: AtomicUsize,
}

#[derive(Clone)]
struct Pools {
    commands: Arc<Pool>,
    queries: Arc<Pool>,
    client: Client,
}

/// A client for probes.
pub(super) fn prober() -> Client {
    let client = Client::builder().no_proxy().timeout(PROBE_MAX);
    client.build().unwrap()
}

/// Whether an instance answers a probe with yes, in time.
pub(super) async fn probe(prober: &Client, addr: &str, path: &str) -> bool {
    let asked = prober.get(format!("http://{addr}{path}")).send();
    asked.await.is_ok_and(|answer| answer.status() == 200)
}

impl Balancer {
    pub(super) async fn start(heed: Heed) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap().to_string();
        let client = Client::builder().no_proxy().timeout(FORWARD_MAX);
        let pools = Pools {
            commands: Arc::new(Pool::new(heed)),
            queries: Arc::new(Pool::new(heed)),
            client: client.build().unwrap(),
        };
        let (commands, queries) = (pools.commands.clone(), pools.queries.clone());
        let routes = Router::new().fallback(forward).with_state(pools);
        let mut serving = JoinSet::new();
        serving.spawn(async move { axum::serve(listener, routes).await.unwrap() });
        serving.spawn(look(commands.clone()));
        serving.spawn(look(queries.clone()));
        Self {
            addr,
            commands,
            queries,
            _serving: serving,
        }
    }
}

impl Pool {
    fn new(heed: Heed) -> Self {
        Self {
            heed,
            instances: Mutex::default(),
            turn: AtomicUsize::new(0),
        }
    }

    /// Adds an instance.
    pub(super) fn add(&self, addr: &str) {
        self.instances().push(Arc::new(Instance {
            addr: addr.to_owned(),
            is_ready: AtomicBool::new(false),
            probes_failed: AtomicUsize::new(0),
        }));
    }

    /// Adds an instance, and waits until the balancer knows that it is ready.
    pub(super) async fn add_ready(&self, addr: &str) {
        self.add(addr);
        wait_until("the balancer sees it ready", PATIENCE, async || {
            let instances = self.instances();
            let found = instances.iter().find(|instance| instance.addr == addr);
            found?.is_ready.load(Ordering::SeqCst).then_some(())
        })
        .await;
    }

    /// Takes an instance out.
    pub(super) fn remove(&self, addr: &str) {
        self.instances().retain(|instance| instance.addr != addr);
    }

    /// Whose turn it is.
    fn next(&self) -> Option<String> {
        let instances = self.instances();
        let served: Vec<_> = instances
            .iter()
            .filter(|instance| {
                self.heed == Heed::Nothing || instance.is_ready.load(Ordering::SeqCst)
            })
            .collect();
        let turn = self.turn.fetch_add(1, Ordering::SeqCst);
        let next = served.get(turn.checked_rem(served.len())?)?;
        Some(next.addr.clone())
    }

    fn instances(&self) -> MutexGuard<'_, Vec<Arc<Instance>>> {
        self.instances
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Asks each instance of a pool, over and over, whether it is ready.
async fn look(pool: Arc<Pool>) {
    let mut due = interval(PROBE_EVERY);
    due.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let prober = prober();
    loop {
        due.tick().await;
        let instances = pool.instances().clone();
        let looks = instances.iter().map(|instance| instance.look(&prober));
        futures::future::join_all(looks).await;
    }
}

impl Instance {
    async fn look(&self, prober: &Client) {
        if probe(prober, &self.addr, "/readyz").await {
            self.probes_failed.store(0, Ordering::SeqCst);
            self.is_ready.store(true, Ordering::SeqCst);
        } else if self.probes_failed.fetch_add(1, Ordering::SeqCst) + 1 >= PROBES_FAILED_MAX {
            self.is_ready.store(false, Ordering::SeqCst);
        }
    }
}

async fn forward(State(pools): State<Pools>, request: Request) -> Response {
    match pools.ask(request).await {
        Some(response) => response,
        None => StatusCode::BAD_GATEWAY.into_response(),
    }
}

impl Pools {
    async fn ask(&self, request: Request) -> Option<Response> {
        let pool = if *request.method() == Method::GET {
            &self.queries
        } else {
            &self.commands
        };
        let url = format!("http://{}{}", pool.next()?, request.uri());
        let (parts, body) = request.into_parts();
        let mut asked = self.client.request(parts.method, url);
        if let Some(content_type) = parts.headers.get(header::CONTENT_TYPE) {
            asked = asked.header(header::CONTENT_TYPE, content_type);
        }
        let body = to_bytes(body, BODY_BYTES_MAX).await.ok()?;
        let answer = asked.body(body).send().await.ok()?;
        let status = answer.status();
        let bytes = answer.bytes().await.ok()?;
        Some((status, Body::from(bytes)).into_response())
    }
}
