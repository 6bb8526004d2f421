//! What changes in the list while somebody looks: the API's stream of the same orders, a row of the table in each message.

use askama::Template as _;
use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use futures::StreamExt as _;

use super::{
    filter::Filter,
    row::{Row, Trace},
};
use crate::{
    api::{Api, Caller, Message},
    live::{LastEventId, relay},
};

/// The event that has a row.
const TRACE: &str = "trace";

/// What the browser does when a row can't be drawn: it loads the list anew.
const RESET: &str = "reset";

/// `GET /ui/orders/stream`
pub(super) async fn get(
    State(api): State<Api>,
    caller: Caller,
    last: LastEventId,
    RawQuery(query): RawQuery,
) -> Response {
    let path = Filter::read(&query.unwrap_or_default()).api_stream();
    relay(&api, &caller, &path, last, |messages| messages.map(drawn)).await
}

fn drawn(message: Message) -> Message {
    if message.event != TRACE {
        return message;
    }
    match row(&message.data) {
        Ok(data) => Message { data, ..message },
        Err(error) => {
            tracing::error!(error = &*error, "a row of the stream can't be drawn");
            let event = RESET.to_owned();
            let data = r#"{"reason":"unreadable"}"#.to_owned();
            Message {
                event,
                data,
                ..message
            }
        }
    }
}

fn row(data: &str) -> Result<String, Box<dyn std::error::Error>> {
    let trace: Trace = serde_json::from_str(data)?;
    Ok(Row::of(&trace).render()?)
}
