//! What happens to one order, as it happens: with each event the parts of the page that it changes. Of events that have
//! come together only the newest is told.

use axum::{
    extract::{Path, State},
    response::Response,
};
use futures::{StreamExt as _, stream};
use ordertrace_domain::OrderId;

use super::page;
use crate::{
    api::{Api, Caller, Message},
    failure,
    live::{LastEventId, relay},
};

/// The event that changes the page.
const TRACE: &str = "trace";

/// How many messages that are there already are looked at together. Who comes back after the thousand events that the API
/// tells at most is drawn sixteen pages, and not a thousand.
const TOGETHER_MAX: usize = 64;

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
    relay(&asking, &reader, &path, last, move |messages| {
        let together = messages.ready_chunks(TOGETHER_MAX);
        let worth_drawing = together.flat_map(|messages| stream::iter(without_outdated(messages)));
        worth_drawing.then(move |message| drawn(api.clone(), caller.clone(), id, message))
    })
    .await
}

/// Each of these events has the whole page drawn, which shows those before it, too; so the last of them is enough.
fn without_outdated(messages: Vec<Message>) -> impl Iterator<Item = Message> {
    let newest = messages.iter().rposition(|message| message.event == TRACE);
    let numbered = messages.into_iter().enumerate();
    numbered
        .filter(move |(number, message)| message.event != TRACE || Some(*number) == newest)
        .map(|(_, message)| message)
}

/// The message, with the parts of the page as they are after its event. Where they can't be drawn the browser is told to
/// load the page anew, which then says why.
async fn drawn(api: Api, caller: Caller, id: OrderId, message: Message) -> Message {
    if message.event != TRACE {
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
