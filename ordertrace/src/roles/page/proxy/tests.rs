//! The proxy between a caller and roles that a test plays.

use std::{
    convert::Infallible,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{
    body::Bytes,
    http::{Request as HttpRequest, StatusCode},
};
use clap::Parser;
use futures::{SinkExt as _, channel::mpsc};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tokio::{io::AsyncReadExt as _, net::TcpListener};
use tower::ServiceExt as _;

use super::*;

/// How long something may take that takes a moment.
const SOON: Duration = Duration::from_secs(20);

#[derive(Parser)]
struct Flags {
    #[command(flatten)]
    urls: UpstreamArgs,
}

/// All roles at one address.
fn proxy(addr: SocketAddr, head_max: Duration) -> Router {
    let url = format!("http://{addr}");
    let flags = [
        "--command-api-url",
        "--saga-url",
        "--projections-url",
        "--audit-url",
    ];
    let flags = flags.into_iter().flat_map(|flag| [flag, url.as_str()]);
    let Flags { urls } = Flags::parse_from(["page"].into_iter().chain(flags));
    routes_within(&urls, head_max, CancellationToken::new()).unwrap()
}

/// A role that answers with these routes.
async fn role(routes: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, routes).await });
    addr
}

/// A role that reads the beginning of each request, and then hangs up without a word. Counts its connections.
async fn mute(count: Arc<AtomicUsize>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            count.fetch_add(1, Ordering::Relaxed);
            let mut begin = [0; 16];
            let _ = connection.read(&mut begin).await;
        }
    });
    addr
}

async fn problem(response: Response) -> (StatusCode, String, Option<HeaderValue>) {
    let (parts, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let body: Value = serde_json::from_slice(&body).unwrap();
    let kind = body["type"].as_str().unwrap().rsplit(':').next();
    let kind = kind.unwrap().to_owned();
    (
        parts.status,
        kind,
        parts.headers.get("retry-after").cloned(),
    )
}

fn ask(method: Method, path: &str) -> HttpRequest<Body> {
    let request = HttpRequest::builder().method(method).uri(path);
    request.body(Body::from("{}")).unwrap()
}

#[tokio::test]
async fn a_call_goes_on_with_what_is_meant_for_the_role_and_nothing_else() {
    let seen: Arc<Mutex<Option<(Parts, Bytes)>>> = Arc::default();
    let kept = seen.clone();
    let take = move |request: Request| async move {
        let (parts, body) = request.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        *kept.lock().unwrap() = Some((parts, body));
        let headers = [("connection", "x-hop"), ("x-hop", "1"), ("etag", "\"2\"")];
        (StatusCode::CREATED, headers, "placed")
    };
    let addr = role(Router::new().route("/orders", any(take))).await;
    let request = HttpRequest::post("/orders?a=%20b")
        .header("host", "shop.example")
        .header("cookie", "ordertrace=sealed")
        .header("authorization", "Bearer t")
        .header("idempotency-key", "k-1")
        .header("x-request-id", "r-1")
        .header(
            "traceparent",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        )
        .header("connection", "keep-alive, x-mine")
        .header("x-mine", "1")
        .header("te", "trailers")
        .header("x-forwarded-for", "198.51.100.1")
        .extension(ConnectInfo(SocketAddr::from(([192, 0, 2, 1], 7))));
    let request = request.body(Body::from("{\"a\":1}")).unwrap();
    let response = proxy(addr, SOON).oneshot(request).await.unwrap();

    assert_eq!(response.status(), StatusCode::CREATED);
    assert_eq!(response.headers()["etag"], "\"2\"");
    assert!(!response.headers().contains_key("x-hop"));
    let (parts, body) = seen.lock().unwrap().take().unwrap();
    assert_eq!(
        (parts.uri.to_string().as_str(), &body[..]),
        ("/orders?a=%20b", &b"{\"a\":1}"[..])
    );
    let text = |name: &str| {
        let all = parts.headers.get_all(name).iter();
        let all: Vec<_> = all.map(|value| value.to_str().unwrap()).collect();
        all.join(", ")
    };
    assert_eq!(text("host"), addr.to_string());
    assert_eq!(text("authorization"), "Bearer t");
    assert_eq!(
        (text("idempotency-key"), text("x-request-id")),
        ("k-1".to_owned(), "r-1".to_owned())
    );
    assert!(text("traceparent").starts_with("00-0af7651916cd43dd8448eb211c80319c-"));
    assert_eq!(text("x-forwarded-for"), "198.51.100.1, 192.0.2.1");
    assert_eq!(
        (text("content-length"), text("transfer-encoding")),
        ("7".to_owned(), String::new())
    );
    for name in ["cookie", "x-mine", "te"] {
        assert_eq!(text(name), "", "{name}");
    }
}

#[tokio::test]
async fn a_stream_comes_as_it_is_told() {
    let (mut tell, told) = mpsc::channel::<Result<&str, Infallible>>(1);
    let told = Arc::new(Mutex::new(Some(told)));
    let stream = move || {
        let told = told.lock().unwrap().take().unwrap();
        async { Body::from_stream(told) }
    };
    let addr = role(Router::new().route("/orderTraces/stream", any(stream))).await;
    let request = ask(Method::GET, "/orderTraces/stream");
    let response = proxy(addr, SOON).oneshot(request).await.unwrap();
    let mut body = response.into_body().into_data_stream();
    // Each is there before the next one is told.
    for message in ["data: 1\n\n", "data: 2\n\n"] {
        tell.send(Ok(message)).await.unwrap();
        let came = timeout(SOON, body.next()).await.unwrap().unwrap();
        assert_eq!(came.unwrap(), message.as_bytes());
    }
    drop(tell);
    assert!(timeout(SOON, body.next()).await.unwrap().is_none());
}

#[tokio::test]
async fn a_role_that_is_away_is_told_as_that() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = listener.local_addr().unwrap();
    drop(listener);
    for method in [Method::GET, Method::POST] {
        let response = proxy(nobody, SOON).oneshot(ask(method, "/orders")).await;
        let (status, kind, retry_after) = problem(response.unwrap()).await;
        assert_eq!((status.as_u16(), kind.as_str()), (503, "overloaded"));
        assert_eq!(retry_after.unwrap(), "2");
    }
}

#[tokio::test]
async fn a_command_that_may_have_been_carried_out_is_told_as_that_and_sent_once() {
    for (method, kind_of) in [
        (Method::GET, "overloaded"),
        (Method::POST, "outcome-unknown"),
    ] {
        let count = Arc::new(AtomicUsize::new(0));
        let addr = mute(count.clone()).await;
        let response = proxy(addr, SOON).oneshot(ask(method, "/orders")).await;
        let (status, kind, _) = problem(response.unwrap()).await;
        assert_eq!((status.as_u16(), kind.as_str()), (503, kind_of));
        assert_eq!(count.load(Ordering::Relaxed), 1);
    }
}

#[tokio::test]
async fn a_role_that_does_not_answer_is_not_waited_for_for_ever() {
    let silent = || std::future::pending::<StatusCode>();
    let addr = role(Router::new().route("/orders", any(silent))).await;
    for (method, kind_of) in [
        (Method::GET, "overloaded"),
        (Method::DELETE, "outcome-unknown"),
    ] {
        let proxy = proxy(addr, Duration::from_millis(50));
        let response = timeout(SOON, proxy.oneshot(ask(method, "/orders")))
            .await
            .unwrap();
        let (status, kind, _) = problem(response.unwrap()).await;
        assert_eq!((status.as_u16(), kind.as_str()), (503, kind_of));
    }
}
