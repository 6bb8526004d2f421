//! The catalogue.

use serde_json::{Value, json};

use super::{
    Scene,
    raw::Sent,
    wire::{bodies, representations, sizes, slow, strangers},
};
use crate::harness::cash_order;

/// One entry: what is sent, and the status and the last part of the problem's `type`; no type if hyper answers by itself,
/// and nothing at all if the connection is just closed.
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) sent: Sent,
    pub(super) refusal: Option<(u16, Option<&'static str>)>,
}

pub(super) fn row(name: &'static str, sent: Sent, status: u16, problem: &'static str) -> Row {
    Row {
        name,
        sent,
        refusal: Some((status, Some(problem))),
    }
}

/// All entries.
pub(super) fn rows(scene: &Scene) -> Vec<Row> {
    let groups = [
        malformed(),
        ids(),
        keys(),
        requests(scene),
        money(),
        validation(),
        orders(scene),
        bodies(),
        representations(),
        sizes(),
        slow(),
        strangers(scene),
    ];
    groups.into_iter().flatten().collect()
}

pub(super) fn place(body: &[u8]) -> Sent {
    Sent::json("POST", "/orders", body)
}

/// The cash order with some fields changed.
pub(super) fn order_with(fields: Value) -> Vec<u8> {
    let mut order = cash_order();
    let Value::Object(fields) = fields else {
        unreachable!("fields are an object")
    };
    order.as_object_mut().unwrap().extend(fields);
    order.to_string().into()
}

fn malformed() -> Vec<Row> {
    let deep = [vec![b'['; 40], vec![b']'; 40]].concat();
    let bodies: [(&str, &[u8]); 10] = [
        ("truncated", b"{\"productId\": 1"),
        ("NaN", b"{\"cost\": NaN}"),
        ("1e400", b"{\"cost\": 1e400}"),
        ("duplicate keys", b"{\"cost\": 1, \"cost\": 1000}"),
        ("depth > 32", &deep),
        ("invalid UTF-8", b"{\"productName\": \"\xc3\x28\"}"),
        ("lone surrogate", b"{\"productName\": \"\\udc00\"}"),
        ("BOM", b"\xef\xbb\xbf{}"),
        ("trailing data", b"{} {}"),
        ("no body", b""),
    ];
    let rows = bodies.into_iter();
    rows.map(|(name, body)| row(name, place(body), 400, "malformed-json"))
        .collect()
}

fn ids() -> Vec<Row> {
    let long = "0".repeat(65);
    let ids = [
        ("id *", "*"),
        ("id >", "%3E"),
        ("id a.b", "a.b"),
        ("id with a space", "%20"),
        ("id with CR LF", "%0d%0a"),
        ("id with NUL", "%00"),
        ("id ..%2f", "..%2f"),
        ("id %252e", "%252e"),
        ("id > 64 chars", &long),
        (
            "id of homoglyphs",
            "01890%D0%B05d-ac96-774b-bcce-b302099a8057",
        ),
    ];
    let rows = ids.into_iter().flat_map(|(name, id)| {
        let cancel = Sent::headers("DELETE", &format!("/orders/{id}"), "");
        let look = Sent::get(&format!("/orderTraces/{id}"));
        [cancel, look].map(|sent| row(name, sent, 400, "invalid-id"))
    });
    rows.collect()
}

fn keys() -> Vec<Row> {
    let with = |key: &str| {
        let lines = format!("Content-Type: application/json\r\nIdempotency-Key: {key}\r\n");
        Sent::body("POST", "/orders", &lines, &order_with(json!({})))
    };
    vec![
        row("key > 255", with(&"k".repeat(256)), 400, "idempotency-key"),
        row("key not ASCII", with("schlüssel"), 400, "idempotency-key"),
        row("key empty", with(""), 400, "idempotency-key"),
        row(
            "key twice",
            with("a\r\nIdempotency-Key: b"),
            400,
            "idempotency-key",
        ),
    ]
}

fn requests(scene: &Scene) -> Vec<Row> {
    let bad = |name, path: &str| row(name, Sent::get(path), 400, "invalid-request");
    let garbage = Sent::headers("GET", "/orderTraces/stream", "Last-Event-ID: garbage\r\n");
    let other = format!("/orders?after={}", scene.other_position);
    let future = format!("/orders?after={}", scene.future_position);
    vec![
        bad("limit -1", "/orders?limit=-1"),
        bad("limit 1e9", "/orders?limit=1e9"),
        bad("limit 1000000000", "/orders?limit=1000000000"),
        bad("forged cursor", "/orders?cursor=AAAAAAAAAAAAAAAAAAAAAA"),
        row("garbage Last-Event-ID", garbage, 400, "invalid-request"),
        bad("malformed position", "/orders?after=yesterday"),
        bad("position of another log", &other),
        row("future position", Sent::get(&future), 503, "view-behind"),
    ]
}

/// An order of these lines.
fn order_of(lines: Value, cost: i64) -> Vec<u8> {
    let order = json!({"lines": lines, "paymentType": "cash", "cost": cost});
    order.to_string().into()
}

fn line(qty: u64, price: i64) -> Value {
    json!({"productId": 1, "productName": "Coffee", "qty": qty, "price": price})
}

fn money() -> Vec<Row> {
    let bodies = [
        ("negative", order_with(json!({"cost": -1}))),
        ("zero", order_with(json!({"cost": 0}))),
        ("fraction", order_with(json!({"cost": 10.5}))),
        (
            "beyond i64",
            order_with(json!({"cost": "9223372036854775808"})),
        ),
        ("a number that floats", order_with(json!({"cost": 1e30}))),
        ("overflow", order_of(json!([line(1_000_000, i64::MAX)]), 1)),
        ("unknown currency", order_with(json!({"currency": "ABC"}))),
        ("total is not the sum", order_of(json!([line(2, 500)]), 999)),
    ];
    let rows = bodies.into_iter();
    rows.map(|(name, body)| row(name, place(&body), 422, "invalid-money"))
        .collect()
}

fn validation() -> Vec<Row> {
    let many = Value::Array(vec![line(1, 1); 600]);
    let beyond_all = Value::Array(vec![line(1, 1); 10_000]);
    let bodies = [
        ("no lines", order_of(json!([]), 1)),
        ("too many lines", order_of(many, 600)),
        ("an unknown field", order_with(json!({"discount": 5}))),
        ("bidi", order_with(json!({"productName": "Cof\u{202e}fee"}))),
        (
            "zero-width",
            order_with(json!({"productName": "Cof\u{200b}fee"})),
        ),
        (
            "control characters",
            order_with(json!({"productName": "Cof\u{7}fee"})),
        ),
    ];
    let rows = bodies.into_iter();
    let rows = rows.map(|(name, body)| row(name, place(&body), 422, "validation"));
    let beyond_all = place(&order_of(beyond_all, 10_000));
    let filtered = "/orderTraces?from=10000-01-01T00:00:00Z";
    let filtered = Sent::get(filtered);
    rows.chain([
        row("10,000 lines", beyond_all, 413, "too-large"),
        row("year 10000", filtered, 400, "invalid-request"),
    ])
    .collect()
}

fn orders(scene: &Scene) -> Vec<Row> {
    let order = &scene.order;
    let path = format!("/deliveries/{order}/complete");
    let early = Sent::headers("POST", &path, "");
    let stale = Sent::headers("DELETE", &format!("/orders/{order}"), "If-Match: \"1\"\r\n");
    let lines = "Content-Type: application/json\r\nIdempotency-Key: used\r\n";
    let reused = order_with(json!({"cost": 2000}));
    let reused = Sent::body("POST", "/orders", lines, &reused);
    let nowhere = "/orders/01890a5d-ac96-774b-bcce-b302099a8057";
    vec![
        row("nothing to deliver yet", early, 409, "illegal-transition"),
        row("a stale If-Match", stale, 412, "precondition-failed"),
        row("key reuse", reused, 422, "key-reuse"),
        row("a missing order", Sent::get(nowhere), 404, "not-found"),
        row(
            "cancel it",
            Sent::headers("DELETE", nowhere, ""),
            404,
            "not-found",
        ),
    ]
}
