//! The streams, described: the schema is that of one message.

use axum::http::StatusCode;
use ordertrace_http::{
    ProblemKind, TraceResource,
    openapi::{Answer, Described, Schemas, header, position, position_token, query, word},
};
use utoipa::openapi::{
    RefOr, Schema,
    schema::{Object, ObjectBuilder, OneOfBuilder, Type},
};

use super::message::{Begin, Closing, Removed, Reset};
use crate::routes::{
    collection::{Collected as _, Traces, shown},
    openapi::{READERS, asking, asking_for_one},
    traces::conditions,
};

const MESSAGES: &str = "Server-sent events. Each has as its `id` the position of the log it stands at, and one line of JSON \
    as its `data`:\n\n\
    - `position`: the first message at once; the stream tells what comes after it.\n\
    - `trace`: an order's trace after the event at that position, as in the list of traces.\n\
    - `removed`: `orderId` is not among those that are told of any more.\n\
    - `reset`: too much was missed to be told, or the view was replaced by one with other rows; load the list anew, the \
      stream goes on from there.\n\
    - `closing`: the server stops (`shutdown`), and whoever comes back with the last id goes on where they were; or the login \
      has expired, was revoked or can't be verified any more, and whoever comes back logs in first.\n\n\
    A comment keeps the connection alive every 15 seconds. Who reads too slowly is dropped, and comes back with the last id.";

/// `GET /orderTraces/stream`
pub(super) fn all() -> Described {
    let asked = asking(
        "streamOrderTraces",
        Traces::NAME,
        READERS,
        "The traces that meet a filter, live",
    );
    streamed(asked.takes(conditions()))
}

/// `GET /orderTraces/{id}/stream`
pub(super) fn one() -> Described {
    streamed(asking_for_one(
        "streamOrderTrace",
        Traces::NAME,
        READERS,
        "One trace, live",
    ))
}

fn streamed(described: Described) -> Described {
    let last = "The `id` of the last message that you have: all that came after it follows, without gap or repeat.";
    let parameter = "The same as `Last-Event-ID`, which goes before it.";
    described
        .explained(MESSAGES)
        .takes([
            header("Last-Event-ID", position_token(), last),
            query(super::asked::LAST_EVENT_ID, position_token(), parameter),
        ])
        .problems([ProblemKind::TooManyStreams, ProblemKind::NoStreamFree])
        .answers(|schemas| {
            let message = any_message(schemas);
            Answer::of_type(StatusCode::OK, "text/event-stream", message, "The stream.")
                .with(position("The view has everything up to there."))
        })
}

fn any_message(schemas: &mut Schemas) -> RefOr<Schema> {
    let data = [
        ("position", schemas.of::<Begin>()),
        ("trace", shown::<TraceResource>(schemas)),
        ("removed", schemas.of::<Removed>()),
        ("reset", schemas.of::<Reset>()),
        ("closing", schemas.of::<Closing>()),
    ];
    let messages = data
        .into_iter()
        .fold(OneOfBuilder::new(), |any, (event, data)| {
            any.item(message(event, data))
        });
    schemas.named("Message", Schema::OneOf(messages.build()))
}

fn message(event: &str, data: RefOr<Schema>) -> Object {
    let line = ObjectBuilder::new()
        .schema_type(Type::String)
        .content_media_type("application/json")
        .content_schema(Some(data));
    ObjectBuilder::new()
        .property("id", position_token())
        .required("id")
        .property("event", word(&[event]))
        .required("event")
        .property("data", line)
        .required("data")
        .build()
}
