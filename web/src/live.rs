//! Streams for the browser: the API's own, with HTML in the place of JSON.
//!
//! Invariant: a message here has the id of one of the API's, and comes after all that the API told up to there, so that what
//! the browser says it has seen last is a position of the log from which it can go on. Nothing is kept back: while the
//! browser does not read, the API is not read either, and it is the API that gives up on who is too slow.

use std::{convert::Infallible, time::Duration};

use axum::{
    extract::{FromRequestParts, RawQuery},
    http::{HeaderValue, header, request},
    response::{
        IntoResponse, Response, Sse,
        sse::{Event, KeepAlive},
    },
};
use futures::{Stream, StreamExt as _, stream::BoxStream};

use crate::api::{Api, ApiError, Caller, Message};

/// How long a stream may be silent. Proxies take a connection for dead after 30 s or more.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// When a browser without our script comes back.
const RETRY: Duration = Duration::from_secs(1);

/// The name of the query parameter with the last position that was seen: a script that reconnects can't set a header.
const LAST_EVENT_ID: &str = "lastEventId";

/// The position after which a stream goes on: the browser's own header, else the parameter.
#[derive(Debug, Clone)]
pub(crate) struct LastEventId(Option<String>);

impl<S: Send + Sync> FromRequestParts<S> for LastEventId {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut request::Parts, state: &S) -> Result<Self, Infallible> {
        let header = parts.headers.get("last-event-id");
        if let Some(id) = header.and_then(|id| id.to_str().ok()) {
            return Ok(Self(Some(id.to_owned())));
        }
        let RawQuery(query) = RawQuery::from_request_parts(parts, state).await?;
        let query = query.unwrap_or_default();
        let mut params = form_urlencoded::parse(query.as_bytes());
        let found = params.find(|(name, value)| name == LAST_EVENT_ID && !value.is_empty());
        Ok(Self(found.map(|(_, id)| id.into_owned())))
    }
}

/// Whether a parameter of the query is the stream's own, and none of what is looked for.
pub(crate) fn is_own_parameter(name: &str) -> bool {
    name == LAST_EVENT_ID
}

/// Relays a stream of the API, as `draw` makes it fit for the browser.
pub(crate) async fn relay<S, D>(
    api: &Api,
    caller: &Caller,
    path: &str,
    LastEventId(last): LastEventId,
    draw: D,
) -> Response
where
    D: FnOnce(BoxStream<'static, Message>) -> S,
    S: Stream<Item = Message> + Send + 'static,
{
    let events = match api.events(caller, path, last.as_deref()).await {
        Ok(events) => events,
        Err(error) => return refused(&error),
    };
    let drawn = draw(events.messages().boxed());
    let events = drawn.map(|message| Ok::<_, Infallible>(event(message).retry(RETRY)));
    let keep_alive = KeepAlive::new().interval(KEEP_ALIVE);
    let mut response = Sse::new(events).keep_alive(keep_alive).into_response();
    // A proxy that gathers an answer before it hands it on would hold the messages back.
    let headers = response.headers_mut();
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

fn event(message: Message) -> Event {
    // What ends a line in a stream can't be in its data; in HTML any white space is as good.
    let data = message.data.replace('\r', " ");
    let event = Event::default().event(message.event).data(data);
    match message.id {
        Some(id) => event.id(id),
        None => event,
    }
}

/// The browser sees no more of it than that there is no stream; the words are for who asks by hand.
fn refused(error: &ApiError) -> Response {
    let words = error.problem().map_or_else(
        || error.to_string(),
        |problem| format!("{}: {}", problem.title, problem.detail),
    );
    let mut response = (error.status(), format!("{words}\n")).into_response();
    if let Some(secs) = error.problem().and_then(|problem| problem.retry_after_secs) {
        let headers = response.headers_mut();
        headers.insert(header::RETRY_AFTER, HeaderValue::from(secs));
    }
    response
}
