//! Another's order and a missing one, told apart by nothing: neither by a header of the request nor by one of the answer.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Method, Request, header};
use ordertrace_domain::{OrderId, testing::fixtures};

use super::{
    matrix::request,
    operations::Operation,
    scene::{Scene, customer},
    table::{Asker, Cell, rows},
};

/// Headers by which somebody may try to make out whether there is an order.
const HEADERS: [(&str, &str); 12] = [
    ("if-match", "\"1\""),
    ("if-match", "\"4\""),
    ("if-match", "\"0\""),
    ("if-match", "*"),
    ("if-match", "nonsense"),
    ("if-none-match", "\"4\""),
    ("if-none-match", "*"),
    ("idempotency-key", "k-1"),
    ("accept", "text/html"),
    ("accept", "*/*"),
    ("ordertrace-after", "nowhere"),
    ("last-event-id", "nowhere"),
];

/// Parameters for the same.
const PARAMETERS: [&str; 5] = [
    "asOf=2023-11-14T22:13:20Z",
    "asOf=2999-01-01T00:00:00Z",
    "asOf=nonsense",
    "after=nonsense",
    "limit=1",
];

fn with_header(
    mut request: Request<Body>,
    (name, value): (&'static str, &'static str),
) -> Request<Body> {
    let (name, value) = (
        HeaderName::from_static(name),
        HeaderValue::from_static(value),
    );
    request.headers_mut().insert(name, value);
    request
}

fn with_parameter(mut request: Request<Body>, parameter: &str) -> Request<Body> {
    let separator = if request.uri().query().is_some() {
        '&'
    } else {
        '?'
    };
    let uri = format!("{}{separator}{parameter}", request.uri());
    *request.uri_mut() = uri.parse().unwrap();
    request
}

fn with_method(mut request: Request<Body>, method: Method) -> Request<Body> {
    *request.method_mut() = method;
    request
}

/// Everything that is tried on one order.
fn attempts(id: &str, operation: &Operation, order: OrderId) -> Vec<Request<Body>> {
    let plain = || request(id, operation, order);
    let headers = HEADERS.map(|header| with_header(plain(), header));
    let parameters = PARAMETERS.map(|parameter| with_parameter(plain(), parameter));
    let methods = [Method::HEAD, Method::OPTIONS].map(|method| with_method(plain(), method));
    headers
        .into_iter()
        .chain(parameters)
        .chain(methods)
        .collect()
}

#[tokio::test]
async fn nothing_tells_anothers_order_from_a_missing_one() {
    let scene = Scene::new().await;
    let alice = customer("alice");
    let mut compared = 0;
    for row in rows() {
        if row.cell(Asker::Stranger) != Cell::LikeMissing {
            continue;
        }
        let operation = &scene.operations[row.operation];
        let anothers = attempts(row.operation, operation, scene.bobs);
        let missing = attempts(row.operation, operation, fixtures::order_id());
        for (anothers, missing) in anothers.into_iter().zip(missing) {
            let at = format!("{anothers:?}");
            let anothers = scene.send(Some(&alice), anothers).await;
            assert_eq!(anothers, scene.send(Some(&alice), missing).await, "{at}");
            assert!(!anothers.status.is_success(), "{at}: {anothers:?}");
            assert!(!anothers.headers.contains_key(header::ETAG), "{at}");
            compared += 1;
        }
    }
    assert!(compared > 100, "{compared}");
}
