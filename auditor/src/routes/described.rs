//! What the descriptions of the audit's routes have in common.

use axum::http::StatusCode;
use ordertrace_http::{
    Access, ProblemKind, Role, Roles,
    openapi::{Answer, Described, integer, position_token, query},
};
use utoipa::openapi::{
    RefOr, Required, Schema,
    path::Parameter,
    schema::{Array, ArrayBuilder, Object, ObjectBuilder, OneOfBuilder, Type},
};

/// The group of these routes.
const AUDIT: &str = "audit";

const AUDITOR: Access = Access::of(Roles::NONE.and(Role::Auditor));

/// A call about the audit.
pub(super) fn asking(id: &str, summary: &str) -> Described {
    Described::new(id, AUDIT, AUDITOR, summary).problems([ProblemKind::InvalidRequest])
}

/// A call for a proof, in JSON.
pub(super) fn asking_for_proof(id: &str, summary: &str) -> Described {
    asking(id, summary).problems([
        ProblemKind::NotAcceptable,
        ProblemKind::NoCheckpoint,
        ProblemKind::CheckpointBehind,
    ])
}

/// An answer in lines of JSON, for as long as there are events.
pub(super) fn lines(description: &str) -> Answer {
    let text = ObjectBuilder::new().schema_type(Type::String).build();
    Answer::of_type(StatusCode::OK, super::streamed::NDJSON, text, description)
}

/// A parameter that has to be there.
pub(super) fn needed(name: &str, schema: impl Into<RefOr<Schema>>, description: &str) -> Parameter {
    let mut parameter = query(name, schema, description);
    parameter.required = Required::True;
    parameter
}

/// How many events there are, or where one stands by its number.
pub(super) fn number() -> Object {
    integer(0, i64::MAX.unsigned_abs())
}

/// A position, by its token or by its number alone.
pub(super) fn place() -> Schema {
    let number = ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some("^(0|[1-9][0-9]{0,18})$"));
    let either = OneOfBuilder::new().item(position_token()).item(number);
    Schema::OneOf(either.build())
}

/// Hashes in base64, 32 bytes each.
pub(super) fn hashes() -> Array {
    ArrayBuilder::new().items(hash()).build()
}

/// A hash in base64.
pub(super) fn hash() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some("^[A-Za-z0-9+/]{43}=$"))
        .build()
}
