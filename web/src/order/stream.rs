//! What happens to one order, as it happens: with each event the parts of the page that it changes.

use axum::{
    extract::{Path, State},
    response::Response,
};
use ordertrace_domain::OrderId;

use super::page;
use crate::{
    api::{Api, Caller, Message},
    failure,
    live::{LastEventId, relay},
};

/// `GET /ui/orders/{id}/stream`
pub(super) async fn get(
    State(api): State<Api>,
    caller: Caller,
    Path(id): Path<String>,
    last: LastEventId,
) -> Response {
    let Ok(id) = OrderId::parse(&id) else {
        return failure::not_found(&caller);
    };
    let path = format!("/orderTraces/{id}/stream");
    let (asking, reader) = (api.clone(), caller.clone());
    relay(&asking, &reader, &path, last, move |message| {
        drawn(api.clone(), caller.clone(), id, message)
    })
    .await
}

/// The message, with the parts of the page as they are after its event. Where they can't be drawn the browser is told to
/// load the page anew, which then says why.
async fn drawn(api: Api, caller: Caller, id: OrderId, message: Message) -> Message {
    if message.event != "trace" {
        return message;
    }
    let after = message.id.as_deref().unwrap_or_default();
    match page::parts(&api, &caller, id, after).await {
        Some(html) => Message {
            data: html,
            ..message
        },
        None => Message {
            event: "reset".to_owned(),
            ..message
        },
    }
}
