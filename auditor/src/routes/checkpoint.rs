//! `GET /audit/checkpoint`: the last checkpoint, as the text that is signed and kept.

use axum::{
    extract::State,
    http::{StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use ordertrace_http::{
    Params, Problem, ProblemKind, check_accept_text,
    openapi::{Answer, ApiRouter, Described},
};
use utoipa::openapi::{
    HttpMethod::Get,
    schema::{ObjectBuilder, Type},
};

use super::{AuditRoutes, described::asking};

const PATH: &str = "/audit/checkpoint";

const TEXT: &str = "text/plain; charset=utf-8";

pub(super) fn routes() -> ApiRouter<AuditRoutes> {
    ApiRouter::new().route(Get, PATH, show, described())
}

fn described() -> Described {
    let text = ObjectBuilder::new().schema_type(Type::String).build();
    asking("getCheckpoint", "The last checkpoint, signed")
        .explained(
            "A signed note (C2SP): keep it outside, and verify against it later. It shows nothing that was not checked with \
             the public key, which this answer deliberately does not bring along.",
        )
        .problems([
            ProblemKind::NotAcceptable,
            ProblemKind::NoCheckpoint,
            ProblemKind::CheckpointBehind,
        ])
        .answers(|_| Answer::of_type(StatusCode::OK, TEXT, text, "The note."))
}

async fn show(State(routes): State<AuditRoutes>, request: Parts) -> Result<Response, Problem> {
    check_accept_text(&request.headers)?;
    Params::read(&request.uri, &[])?;
    let last = routes.audit.status().last;
    let last = last.ok_or_else(|| routes.nothing_proven())?;
    let headers = [
        (header::CONTENT_TYPE, TEXT),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    Ok((headers, last.note.to_string()).into_response())
}
