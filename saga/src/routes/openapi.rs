//! What the descriptions of the operator's calls have in common.

use ordertrace_domain::ActorId;
use ordertrace_http::{
    Access, ProblemKind,
    openapi::{Described, Schemas, order_id, path},
};
use serde_json::{Value, json};
use utoipa::openapi::{
    RefOr, Required, Schema,
    path::Parameter,
    schema::{AdditionalProperties, Object, ObjectBuilder, OneOfBuilder, Type},
};

/// The group of what operators look at and do.
const OPERATORS: &str = "operators";

/// What can be wrong with a body.
const IN_A_BODY: [ProblemKind; 5] = [
    ProblemKind::MalformedJson,
    ProblemKind::Timeout,
    ProblemKind::TooLarge,
    ProblemKind::UnsupportedMediaType,
    ProblemKind::Validation,
];

/// A call of an operator.
pub(super) fn call(id: &str, summary: &str) -> Described {
    Described::new(id, OPERATORS, Access::OPERATIONS, summary)
        .problems([ProblemKind::NotAcceptable, ProblemKind::LogUnavailable])
}

/// A call about one order.
pub(super) fn call_about_order(id: &str, summary: &str) -> Described {
    let order = path("id", order_id(), "The order's id.");
    about(call(id, summary), order).problems([ProblemKind::OrderUnreadable])
}

/// A call about one parked message.
pub(super) fn call_about_letter(id: &str, summary: &str) -> Described {
    let letter = path("id", letter_id(), "The message's id.");
    about(call(id, summary), letter)
}

fn about(described: Described, parameter: Parameter) -> Described {
    described
        .takes([parameter])
        .problems([ProblemKind::InvalidId, ProblemKind::NotFound])
}

/// The same with a body that says how.
pub(super) fn with_body(
    described: Described,
    required: Required,
    schema: impl FnOnce(&mut Schemas) -> RefOr<Schema>,
    example: Value,
) -> Described {
    described
        .body(required, schema, &[("as it is meant", example)])
        .problems(IN_A_BODY)
        .problems([ProblemKind::IllegalTransition, ProblemKind::OutcomeUnknown])
}

/// The same with a body that may ask for a dry run.
pub(super) fn with_dry_run(described: Described) -> Described {
    let schema =
        |schemas: &mut Schemas| schemas.named("DryRun", closed(dry_run(ObjectBuilder::new())));
    with_body(
        described,
        Required::False,
        schema,
        json!({ "dryRun": true }),
    )
}

/// Whether a call is only to be checked.
pub(super) fn dry_run(object: ObjectBuilder) -> ObjectBuilder {
    let words = ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(["true", "false"]));
    let truth = OneOfBuilder::new()
        .item(ObjectBuilder::new().schema_type(Type::Boolean))
        .item(words)
        .item(ObjectBuilder::new().schema_type(Type::Null))
        .description(Some("Only checks the call, and does nothing."));
    object.property("dryRun", truth)
}

/// An object that takes no other fields than these.
pub(super) fn closed(object: ObjectBuilder) -> Object {
    object
        .additional_properties(Some(AdditionalProperties::FreeForm(false)))
        .build()
}

/// The name of a parked message, such as `saga.17`.
pub(super) fn letter_id() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some("^[a-z0-9-]{1,32}\\.[1-9][0-9]{0,18}$"))
        .examples(["saga.17"])
        .build()
}

/// Who decided.
pub(super) fn actor_id() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .max_length(Some(ActorId::CHARS_MAX))
        .build()
}
