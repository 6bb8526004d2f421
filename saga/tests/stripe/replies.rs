//! Canned replies, for the proxy to say.

use serde_json::Value;

pub(crate) fn reply(status: u16, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status} Canned\r\nContent-Length: {length}\r\nConnection: close\r\n{headers}\r\n{body}"
    )
}

pub(crate) fn json(status: u16, body: &Value) -> String {
    reply(
        status,
        "Content-Type: application/json\r\n",
        &body.to_string(),
    )
}

pub(crate) fn broken_server() -> String {
    reply(500, "", r#"{"error": {"type": "api_error"}}"#)
}

/// What Stripe says when it repeats a failure that it keeps under the key.
pub(crate) fn replayed_failure() -> String {
    reply(
        500,
        "Idempotent-Replayed: true\r\n",
        r#"{"error": {"type": "api_error"}}"#,
    )
}

/// The same for an answer of any other kind.
pub(crate) fn replayed(status: u16, body: &Value) -> String {
    reply(status, "Idempotent-Replayed: true\r\n", &body.to_string())
}

pub(crate) fn busy() -> String {
    reply(
        429,
        "Retry-After: 7\r\n",
        r#"{"error": {"type": "rate_limit_error"}}"#,
    )
}

pub(crate) fn garbage() -> String {
    reply(200, "", r#"{"id": "pi_"#)
}

/// Says that it is longer than it is.
pub(crate) fn truncated() -> String {
    r#"HTTP/1.1 200 OK
Content-Length: 4000

{"id": "pi_1", "amount": 1"#
        .replace('\n', "\r\n")
}
