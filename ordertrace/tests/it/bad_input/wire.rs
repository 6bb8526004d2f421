//! The part of the catalogue that is about how a request is sent, and not about what it says.

use serde_json::json;

use super::{
    Scene,
    raw::Sent,
    rows::{Row, order_with, place, row},
};

pub(super) fn bodies() -> Vec<Row> {
    let order = order_with(json!({}));
    let of_type = |lines: &str| Sent::body("POST", "/orders", lines, &order);
    let chunked = "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n";
    let endless = Sent::headers("POST", "/orders", chunked);
    let endless = endless.and_without_end(b"10\r\n                \r\n");
    let large = vec![b' '; 65_537];
    let gzip = "Content-Type: application/json\r\nContent-Encoding: gzip\r\n";
    let bomb = Sent::body("POST", "/orders", gzip, b"\x1f\x8b\x08\x00\x00\x00\x00\x00");
    let unsupported = "unsupported-media-type";
    vec![
        row("> 64 KiB", place(&large), 413, "too-large"),
        row("endless chunks", endless, 413, "too-large"),
        row(
            "text",
            of_type("Content-Type: text/plain\r\n"),
            415,
            unsupported,
        ),
        row("no type", of_type(""), 415, unsupported),
        row(
            "UTF-16",
            of_type("Content-Type: application/json; charset=utf-16\r\n"),
            415,
            unsupported,
        ),
        row("a gzip bomb", bomb, 415, unsupported),
    ]
}

pub(super) fn representations() -> Vec<Row> {
    let xml = "Accept: application/xml\r\n";
    let lines = format!("Content-Type: application/json\r\n{xml}");
    let order = order_with(json!({}));
    vec![
        row(
            "XML for an order",
            Sent::body("POST", "/orders", &lines, &order),
            406,
            "not-acceptable",
        ),
        row(
            "XML for a list",
            Sent::headers("GET", "/orders", xml),
            406,
            "not-acceptable",
        ),
        row(
            "another method",
            Sent::headers("PATCH", "/orders", ""),
            405,
            "method-not-allowed",
        ),
        row("another path", Sent::get("/admin"), 404, "not-found"),
    ]
}

pub(super) fn sizes() -> Vec<Row> {
    let long = |bytes| format!("/orders?cursor={}", "a".repeat(bytes));
    let flood = |fields, bytes| {
        let line = |number| format!("X-{number}: {}\r\n", "x".repeat(bytes));
        let lines: String = (0..fields).map(line).collect();
        Sent::headers("GET", "/orders", &lines)
    };
    let unread = |name, sent, status| Row {
        name,
        sent,
        refusal: Some((status, None)),
    };
    vec![
        row("a long URI", Sent::get(&long(8_192)), 414, "uri-too-long"),
        unread("a very long URI", Sent::get(&long(70_000)), 414),
        row("large fields", flood(20, 1_000), 431, "headers-too-large"),
        unread("very large fields", flood(20, 10_000), 431),
        unread("a header flood", flood(200, 1), 431),
    ]
}

/// Clients that begin and don't go on.
pub(super) fn slow() -> Vec<Row> {
    let head = "POST /orders HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n";
    let body = format!("{head}Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{{");
    vec![
        row("a slow body", Sent::bytes(body), 408, "timeout"),
        Row {
            name: "a slow header",
            sent: Sent::bytes(head),
            refusal: None,
        },
    ]
}

/// What comes by way of somebody's browser, or is no request.
pub(super) fn strangers(scene: &Scene) -> Vec<Row> {
    let path = format!("/payments/{}/approve", scene.order);
    let origin = Sent::headers("POST", &path, "Origin: https://evil.example\r\n");
    let host = "GET /orders HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n";
    let lengths = "Content-Length: 2\r\nContent-Length: 3\r\nContent-Type: application/json\r\n";
    let bad = |name, sent| Row {
        name,
        sent,
        refusal: Some((400, None)),
    };
    vec![
        row("another site", origin, 403, "cross-site"),
        row("another host", Sent::bytes(host), 421, "wrong-host"),
        bad("a bare > in a path", Sent::get("/orders/>")),
        bad("no HTTP", Sent::bytes("hello\r\n\r\n")),
        bad("two lengths", Sent::headers("POST", "/orders", lengths)),
    ]
}
