//! Requests, as clients send them.

use super::{Seeds, vectors};

/// What `http POST :8088/orders …` of the README puts on the wire.
const COFFEE: &str = r#"{"productId": "1", "qty": "1", "paymentType": "cash", "cost": "1000", "productName": "Coffee"}"#;

pub(super) fn of(target: &str) -> Vec<String> {
    match target {
        "command" => commands(),
        "query" => lines(&QUERIES),
        "last_event_id" => lines(&STREAMS),
        _ => Vec::new(),
    }
}

fn lines(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn commands() -> Vec<String> {
    let json = "content-type: application/json";
    let trace = "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let lines = r#"{"paymentType":"card","paymentMethod":"pm_card_visa","currency":"EUR","lines":[{"productId":1,"productName":"Coffee","qty":2,"cost":500}]}"#;
    vec![
        format!("POST /orders\n{json}\n\n{COFFEE}"),
        format!("POST /orders\n{json}; charset=utf-8\nidempotency-key: k-1\n{trace}\n\n{lines}"),
        format!("PUT /payments/$ORDER\n{json}\n\n{{\"paymentStatus\":\"END\",\"id\":1}}"),
        format!("POST /payments/$ORDER/decline\n{json}\n\n{{\"reason\":\"no funds\"}}"),
        "POST /payments/$ORDER/approve\nif-match: \"2\"\n\n".to_owned(),
        "POST /payments/$ORDER/refund\n\n".to_owned(),
        format!("PATCH /deliveries/$ORDER\n{json}\n\n{{\"deliveryStatus\":\"START\"}}"),
        format!("POST /deliveries/$ORDER/fail\n{json}\n\n{{\"reason\":\"nobody home\"}}"),
        "DELETE /orders/$ORDER\nif-match: *\n\n".to_owned(),
        format!("POST /orders\n{json}\n\n{{\"productId\":1e400,\"qty\":-0,\"qty\":[[[[]]]]}}"),
    ]
}

const QUERIES: [&str; 10] = [
    "/orders?limit=1",
    "/orders?limit=1&cursor=$CURSOR",
    "/orderTraces?status=Order%20END&state=placed&productId=1&customerId=anonymous&paymentType=cash&sort=placedAt,asc",
    "/orderTraces?from=2023-11-14T22:13:20Z&to=2026-01-01T00:00:00%2B01:00&after=$LOG-1",
    "/orderTraces/$ORDER\nif-none-match: \"2\"\naccept: application/json",
    "/orderTraces/$ORDER/events?limit=1",
    "/orderTraces/$ORDER?asOf=2023-11-14T22:13:21Z",
    "/orderTraces/search/findByOrderId?orderId=$ORDER",
    "/payments\nordertrace-after: $LOG-99",
    "/orders?cursor=00&limit=%00",
];

const STREAMS: [&str; 5] = [
    "/orderTraces/stream\nlast-event-id: $LOG-1",
    "/orderTraces/$ORDER/stream\nlast-event-id: $LOG-0\naccept: text/event-stream",
    "/orderTraces/stream?lastEventId=$LOG-2&status=Order%20END",
    "/orderTraces/stream\nlast-event-id: 1-1",
    "/orderTraces/stream\nlast-event-id: $LOG-18446744073709551615\nlast-event-id: $LOG-1",
];

/// A first checkpoint; the next one with what leads from there; one that is nobody's.
pub(super) fn to_a_witness() -> Seeds {
    let notes = vectors("checkpoints", "txt", &["30", "60", "bad-forged"]);
    let note = |at: usize| String::from_utf8(notes[at].1.clone()).unwrap();
    let bundle = vectors("bundles", "json", &["consistent"]).remove(0).1;
    let (bundle, _) = ordertrace_audit::Bundle::parse(&bundle).unwrap();
    let consistency = bundle.consistency.unwrap();
    let proof: String = consistency.proof.iter().map(base64_line).collect();
    let from = consistency.from;
    [
        ("first", format!("old 0\n\n{}", note(0))),
        ("next", format!("old {from}\n{proof}\n{}", note(1))),
        ("forged", format!("old 0\n\n{}", note(2))),
    ]
    .map(|(name, body)| (name.to_owned(), body.into_bytes()))
    .to_vec()
}

fn base64_line(hash: &ordertrace_domain::Hash) -> String {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    format!("{}\n", STANDARD.encode(hash.as_bytes()))
}
