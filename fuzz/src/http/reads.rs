//! Queries, and live streams.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, Uri, header};
use futures::StreamExt as _;
use ordertrace_domain::testing::{
    ManualClock, MemoryLog,
    fixtures::{self, commands},
};
use ordertrace_domain::{EventFeed, Executor, FeedItem, OrderId, Position, Sequence};
use ordertrace_http::with_fallbacks;
use ordertrace_projections::{Queries, StreamLimits, ViewStore, live_routes, router};
use serde_json::Value;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use super::{answer, headers};
use crate::{parts, wait};

/// So many orders are in the view: enough for a second page.
const ORDERS: u128 = 3;

/// More than any problem has.
const PROBLEM_BYTES_MAX: usize = 64 * 1024;

/// A view over a small log.
struct Site {
    queries: Router,
    streams: Router,
    log: String,
    order: OrderId,
    cursor: String,
    _folder: TempDir,
}

static SITE: LazyLock<Site> = LazyLock::new(Site::new);

/// A path with its query, and headers. `$LOG`, `$ORDER` and `$CURSOR` stand for the log, an order in it, and where the second
/// page of `/orders?limit=1` begins. Whatever is asked, it is answered or refused; and where a page says that there is a next
/// one, there is.
pub fn query(bytes: &[u8]) -> bool {
    let Some(request) = SITE.request(bytes) else {
        return false;
    };
    let answer = answer::to(&SITE.queries, request);
    if let Some(next) = answer.body["_links"]["next"]["href"].as_str() {
        let request = Request::get(next).body(Body::empty());
        let next = answer::to(&SITE.queries, request.expect("a link is a path"));
        assert_eq!(next.status, StatusCode::OK);
    }
    answer.status.is_success()
}

/// The same for a live stream, with the id of the last message that the client has: a stream is opened, or refused.
pub fn last_event_id(bytes: &[u8]) -> bool {
    let Some(request) = SITE.request(bytes) else {
        return false;
    };
    wait::for_it(async {
        let response = SITE.streams.clone().oneshot(request).await;
        let (parts, body) = response.expect("a router always answers").into_parts();
        let content_type = parts.headers.get(header::CONTENT_TYPE);
        let content_type = content_type.and_then(|it| it.to_str().ok());
        if parts.status == StatusCode::OK {
            // It does not end by itself, so it is left.
            assert_eq!(content_type, Some("text/event-stream"));
            return true;
        }
        let body = to_bytes(body, PROBLEM_BYTES_MAX).await.expect("it ends");
        let body: Value = serde_json::from_slice(&body).expect("a problem is JSON");
        answer::check_problem(parts.status, content_type, &body);
        false
    })
}

fn order_id(number: u128) -> OrderId {
    let text = format!("01890a5d-ac96-774b-bcce-{number:012x}");
    OrderId::parse(&text).expect("an id")
}

impl Site {
    fn new() -> Self {
        let clock = Arc::new(ManualClock::new());
        let log = MemoryLog::with_clock(clock.clone());
        wait::for_it(fill(&log, &clock));
        let items = wait::for_it(items(&log));
        let head = Position {
            incarnation: EventFeed::incarnation(&log),
            sequence: Sequence::new(items.len() as u64),
        };
        let folder = tempfile::tempdir().expect("a folder");
        let store = ViewStore::open(&folder.path().join("view"), head, &*clock);
        let store = store.expect("a fresh view");
        store.commit(&items).expect("the log is sound");
        let queries = Queries::new(store, Arc::new(log.clone()), clock)
            .with_after_wait_max(Duration::ZERO);
        let streams = live_routes(queries.clone(), Arc::new(log), StreamLimits::default(), CancellationToken::new());
        let mut site = Self {
            queries: with_fallbacks(router(queries)),
            streams: with_fallbacks(streams),
            log: head.incarnation.to_string(),
            order: order_id(1),
            cursor: String::new(),
            _folder: folder,
        };
        site.cursor = site.second_page();
        site
    }

    fn second_page(&self) -> String {
        let request = Request::get("/orders?limit=1").body(Body::empty());
        let first = answer::to(&self.queries, request.expect("a request"));
        let next = first.body["_links"]["next"]["href"].as_str();
        let uri: Uri = next.and_then(|next| next.parse().ok()).expect("a link");
        let query = uri.query().unwrap_or_default().as_bytes();
        let mut params = form_urlencoded::parse(query);
        let cursor = params.find(|(name, _)| name == "cursor");
        cursor.expect("a cursor").1.into_owned()
    }

    fn request(&self, bytes: &[u8]) -> Option<Request<Body>> {
        let text = std::str::from_utf8(bytes).ok()?;
        let text = text
            .replace("$LOG", &self.log)
            .replace("$ORDER", &self.order.to_string())
            .replace("$CURSOR", &self.cursor);
        let (lines, _) = parts::of(text.as_bytes())?;
        let request = Request::get(*lines.first()?).body(Body::empty());
        let mut request = request.ok()?;
        *request.headers_mut() = headers(&parts::named(&lines));
        Some(request)
    }
}

/// Places the orders; the payment of each is asked for.
async fn fill(log: &MemoryLog, clock: &Arc<ManualClock>) {
    let executor = Executor::new(Arc::new(log.clone()), clock.clone());
    for number in 1..=ORDERS {
        for command in [
            commands::place_order(fixtures::cash()),
            commands::request_payment(),
        ] {
            let request = fixtures::request(order_id(number), command);
            let done = executor.execute(&request).await;
            done.expect("the log answers").expect("it is accepted");
            clock.advance(Duration::from_secs(1));
        }
    }
}

async fn items(log: &MemoryLog) -> Vec<FeedItem> {
    let head = log.head().await.expect("the log answers");
    let count = usize::try_from(head.get()).expect("a small log");
    let items = log.follow(Sequence::START).take(count);
    items.map(|item| item.expect("the log answers")).collect().await
}
