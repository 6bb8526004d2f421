//! What the descriptions of all commands have in common: headers, answers and problems.

use axum::http::StatusCode;
use ordertrace_http::{
    Access, ProblemKind,
    openapi::{Answer, Described, Schemas, etag, header, order_id, path, position},
};
use serde_json::{Value, json};
use utoipa::{
    ToSchema,
    openapi::{
        RefOr, Required, Schema,
        path::Parameter,
        schema::{Object, ObjectBuilder, SchemaFormat, Type},
    },
};

/// A group of commands, and who may give them.
#[derive(Clone, Copy)]
pub(crate) struct Group(&'static str, Access);

/// Customers place orders and take theirs back.
pub(crate) const ORDERS: Group = Group("orders", Access::ORDERS);
/// Whether the money is there is not for its owner to say.
pub(crate) const PAYMENTS: Group = Group("payments", Access::PAYMENTS);
/// Couriers say how far the goods have come.
pub(crate) const DELIVERIES: Group = Group("deliveries", Access::DELIVERIES);

/// What can be wrong with any command.
const ANY_COMMAND: [ProblemKind; 8] = [
    ProblemKind::IdempotencyKey,
    ProblemKind::InvalidRequest,
    ProblemKind::NotAcceptable,
    ProblemKind::VersionConflict,
    ProblemKind::KeyReuse,
    ProblemKind::OrderUnreadable,
    ProblemKind::LogUnavailable,
    ProblemKind::OutcomeUnknown,
];

/// What can be wrong with a command to an order that exists.
const TO_AN_ORDER: [ProblemKind; 5] = [
    ProblemKind::InvalidId,
    ProblemKind::NotFound,
    ProblemKind::IllegalTransition,
    ProblemKind::OrderFull,
    ProblemKind::PreconditionFailed,
];

/// What can be wrong with a body.
const IN_A_BODY: [ProblemKind; 5] = [
    ProblemKind::MalformedJson,
    ProblemKind::Timeout,
    ProblemKind::TooLarge,
    ProblemKind::UnsupportedMediaType,
    ProblemKind::Validation,
];

/// A command that makes a new order.
pub(crate) fn creation(id: &str, Group(tag, access): Group, summary: &str) -> Described {
    Described::new(id, tag, access, summary)
        .takes([idempotency_key(), traceparent()])
        .problems(ANY_COMMAND)
}

/// A command to an order that exists.
pub(crate) fn command(id: &str, Group(tag, access): Group, summary: &str) -> Described {
    Described::new(id, tag, access, summary)
        .takes([order(), idempotency_key(), if_match(), traceparent()])
        .problems(ANY_COMMAND)
        .problems(TO_AN_ORDER)
}

/// The same with a body.
pub(crate) fn with_body(
    described: Described,
    required: Required,
    schema: impl FnOnce(&mut Schemas) -> RefOr<Schema>,
    examples: &[(&str, Value)],
) -> Described {
    described
        .body(required, schema, examples)
        .problems(IN_A_BODY)
}

/// The same with a body that may say why.
pub(crate) fn with_reason(described: Described, example: &str) -> Described {
    let examples = [("explained", json!({ "reason": example }))];
    let reason = |schemas: &mut Schemas| schemas.named("Reason", crate::reason::schema());
    with_body(described, Required::False, reason, &examples)
}

/// The answer to a command: the resource as it was right after it.
pub(crate) fn done<R: ToSchema>(
    schemas: &mut Schemas,
    status: StatusCode,
    description: &str,
) -> Answer {
    Answer::json(status, schemas.of::<R>(), description)
        .with(etag())
        .with(position(
            "Where the log stood right after the command. Hand it to a query as `after`.",
        ))
}

/// The `{id}` of the path.
fn order() -> Parameter {
    path(
        "id",
        order_id(),
        "The order's id, which its payment and its delivery share.",
    )
}

fn idempotency_key() -> Parameter {
    let key = text("^[!-~]{1,255}$");
    header(
        "Idempotency-Key",
        key,
        "The same request with the same key is carried out once, and each repeat is answered as the first one was. \
         Without a key each request is a command of its own.",
    )
}

fn if_match() -> Parameter {
    let mut tag = text("^(\\*|\"(0|[1-9][0-9]{0,18})\")$");
    tag.format = Some(SchemaFormat::Custom("etag".to_owned()));
    header(
        "If-Match",
        tag,
        "The `ETag` of an answer: carry the command out only if the order is still at that version. `*` matches any.",
    )
}

fn traceparent() -> Parameter {
    header(
        "traceparent",
        ObjectBuilder::new().schema_type(Type::String).build(),
        "A W3C trace context, kept with the events. One that is not valid is ignored.",
    )
}

fn text(pattern: &str) -> Object {
    let text = ObjectBuilder::new().schema_type(Type::String);
    text.pattern(Some(pattern)).build()
}

/// An object that takes no other fields than these.
pub(crate) fn closed(object: ObjectBuilder) -> Object {
    object
        .additional_properties(Some(
            utoipa::openapi::schema::AdditionalProperties::FreeForm(false),
        ))
        .build()
}
