//! Problems as answers: one for each status, with the types that come with it.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use serde_json::json;
use utoipa::openapi::{
    Content, Header, RefOr, Response, ResponseBuilder, Schema,
    example::{Example, ExampleBuilder},
    schema::{AllOfBuilder, ObjectBuilder},
};

use super::{Schemas, value};
use crate::{ProblemKind, problem::ProblemBody};

/// The problems by the status they have, in the order of the list of all.
pub(super) fn by_status(kinds: &[ProblemKind]) -> BTreeMap<StatusCode, Vec<ProblemKind>> {
    let mut by_status = BTreeMap::<StatusCode, Vec<ProblemKind>>::new();
    for kind in ProblemKind::ALL.iter().filter(|kind| kinds.contains(kind)) {
        by_status.entry(kind.status()).or_default().push(*kind);
    }
    by_status
}

/// The name of an answer with one of these problems.
pub(super) fn name(kinds: &[ProblemKind]) -> String {
    let names: Vec<_> = kinds.iter().map(|kind| kind.name()).collect();
    names.join("_or_")
}

/// The answer with one of these problems, which have the same status.
pub(super) fn response(
    status: StatusCode,
    kinds: &[ProblemKind],
    schemas: &mut Schemas,
) -> Response {
    let number = u64::from(status.as_u16());
    let types: Vec<_> = kinds.iter().map(|kind| kind.urn()).collect();
    let types: Vec<_> = types.iter().map(String::as_str).collect();
    let one_of_them = ObjectBuilder::new()
        .property("type", value::word(&types))
        .property("status", value::integer(number, number));
    let schema = AllOfBuilder::new()
        .item(schemas.of::<ProblemBody<'static>>())
        .item(one_of_them);
    let mut content = Content::new(Some(Schema::AllOf(schema.build())));
    for kind in kinds {
        content
            .examples
            .insert(kind.name().to_owned(), RefOr::T(example(*kind)));
    }
    let lines = kinds
        .iter()
        .map(|kind| format!("`{}`: {}.", kind.name(), kind.title()));
    let response = ResponseBuilder::new()
        .description(lines.collect::<Vec<_>>().join(" "))
        .content("application/problem+json", content);
    if matches!(
        status,
        StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS
    ) {
        response.header("Retry-After", retry_after()).build()
    } else {
        response.build()
    }
}

fn example(kind: ProblemKind) -> Example {
    let problem = json!({
        "type": kind.urn(),
        "title": kind.title(),
        "status": kind.status().as_u16(),
        "detail": "what is wrong this time",
    });
    ExampleBuilder::new().value(Some(problem)).build()
}

fn retry_after() -> Header {
    let mut header = Header::new(value::integer(0, u32::MAX.into()));
    header.description = Some("When to come back, in seconds.".to_owned());
    header
}
