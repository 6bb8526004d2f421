//! Requests: commands, queries, and where a live stream goes on.

mod answer;
mod reads;
mod writes;

use axum::http::{HeaderMap, HeaderName, HeaderValue};

pub use reads::{last_event_id, query};
pub use writes::command;

/// The headers that can be one; a server's HTTP library has refused the others.
pub(crate) fn headers(named: &[(&str, &str)]) -> HeaderMap {
    let headers = named.iter().filter_map(|(name, value)| {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        Some((name, HeaderValue::from_bytes(value.as_bytes()).ok()?))
    });
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(name, value);
    }
    map
}
