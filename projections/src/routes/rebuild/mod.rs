//! `/ops/rebuild`: a rebuild of the view is asked for, and looked at.
//!
//! Invariant: whoever asks is answered at once. A rebuild goes on whether anybody looks or not; one is under way at a time.

mod resource;

use axum::{
    Json,
    extract::State,
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use ordertrace_http::{
    Access, Faulty, Fields, FromJson, Json as JsonValue, JsonBody, Params, Problem, ProblemKind,
    check_accept,
    openapi::{Answer, ApiRouter, Described, Schemas, location, or_null},
};
use serde_json::json;
use utoipa::openapi::{
    HttpMethod::{Get, Post},
    RefOr, Required, Schema,
    schema::{AdditionalProperties, ObjectBuilder, OneOfBuilder, Type},
};

use super::{answer::stopped, openapi::OPERATORS};
use crate::{NotBegun, RebuildRequest, Rebuilds};
use resource::ComparisonResource;

pub(super) use resource::RebuildResource;

pub(super) const PATH: &str = "/ops/rebuild";

/// Asking for rebuilds, and looking at them.
pub(super) fn api(rebuilds: Rebuilds) -> ApiRouter {
    ApiRouter::new()
        .route(Get, PATH, show, show_described())
        .route(Post, PATH, begin, begin_described())
        .with_state(rebuilds)
}

fn show_described() -> Described {
    called("getRebuild", "How the last rebuild of the view stands").answers(|schemas| {
        let rebuild = schema(schemas);
        Answer::json(StatusCode::OK, rebuild, "The present one, or the last.")
    })
}

fn begin_described() -> Described {
    called("beginRebuild", "Build the view anew beside the one that answers")
        .explained(
            "Both are compared at one position. If they are equal, or the program has a new revision, the new one takes the \
             other's place.",
        )
        .body(Required::False, asked, &[("only to compare", json!({"dryRun": true}))])
        .answers(|schemas| {
            let rebuild = schema(schemas);
            Answer::json(StatusCode::ACCEPTED, rebuild, "It has begun.")
                .with(location("where it is shown"))
        })
        .problems([
            ProblemKind::MalformedJson,
            ProblemKind::Timeout,
            ProblemKind::TooLarge,
            ProblemKind::UnsupportedMediaType,
            ProblemKind::Validation,
            ProblemKind::RebuildUnderWay,
            ProblemKind::ViewBehind,
        ])
}

/// A call of an operator that takes no parameter.
pub(super) fn called(id: &str, summary: &str) -> Described {
    Described::new(id, OPERATORS, Access::OPERATIONS, summary)
        .problems([ProblemKind::InvalidRequest, ProblemKind::NotAcceptable])
}

/// The schema of a rebuild, with those that it refers to.
pub(super) fn schema(schemas: &mut Schemas) -> RefOr<Schema> {
    schemas.of::<ComparisonResource>();
    schemas.of::<RebuildResource>()
}

fn asked(schemas: &mut Schemas) -> RefOr<Schema> {
    let truth = |description: &str| {
        let words = ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(["true", "false"]));
        let truth = OneOfBuilder::new()
            .item(ObjectBuilder::new().schema_type(Type::Boolean))
            .item(words)
            .description(Some(description));
        or_null(truth)
    };
    let object = ObjectBuilder::new()
        .property("dryRun", truth("Only compares, and never switches."))
        .property(
            "switchDespiteDifferences",
            truth("Switches though both are of one revision and yet differ."),
        )
        .additional_properties(Some(AdditionalProperties::FreeForm(false)));
    schemas.named("RebuildRequest", object.build())
}

async fn show(
    State(rebuilds): State<Rebuilds>,
    request: Parts,
) -> Result<Json<RebuildResource>, Problem> {
    check(&request)?;
    Ok(Json(RebuildResource::of(rebuilds.last().as_ref())))
}

async fn begin(
    State(rebuilds): State<Rebuilds>,
    request: Parts,
    body: Result<Option<JsonBody<Asked>>, Problem>,
) -> Result<Response, Problem> {
    check(&request)?;
    let Asked(asked) = body?.map(|JsonBody(asked)| asked).unwrap_or_default();
    let begun = rebuilds.begin(asked).map_err(|error| refused(&error))?;
    let location = [(header::LOCATION, HeaderValue::from_static(PATH))];
    let resource = Json(RebuildResource::of(Some(&begun)));
    Ok((StatusCode::ACCEPTED, location, resource).into_response())
}

/// Neither takes a parameter.
pub(super) fn check(request: &Parts) -> Result<(), Problem> {
    check_accept(&request.headers)?;
    Params::read(&request.uri, &[]).map(drop)
}

fn refused(error: &NotBegun) -> Problem {
    match error {
        NotBegun::UnderWay => Problem::new(
            ProblemKind::RebuildUnderWay,
            format!("`ordertrace ops rebuild --watch`, or GET {PATH}, shows how it stands"),
        ),
        NotBegun::Halted(halt) => stopped(halt),
        NotBegun::Stopping => Problem::new(ProblemKind::ViewBehind, "the process is stopping"),
    }
}

/// What the body asks for. It may be left out.
#[derive(Default)]
struct Asked(RebuildRequest);

impl FromJson for Asked {
    fn from_json(fields: &mut Fields<'_>) -> Result<Self, Faulty> {
        let dry_run = fields.optional("dryRun", JsonValue::truth);
        let despite = fields.optional("switchDespiteDifferences", JsonValue::truth);
        Ok(Self(RebuildRequest {
            dry_run: dry_run?.unwrap_or_default(),
            switch_despite_differences: despite?.unwrap_or_default(),
        }))
    }
}
