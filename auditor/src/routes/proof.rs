//! `GET /audit/proof`: that an event is in the log that was signed.

use axum::{
    Json,
    extract::State,
    http::{StatusCode, request::Parts},
};
use ordertrace_http::{
    Params, Problem, check_accept,
    openapi::{Answer, ApiRouter, Described, query},
};
use serde::Serialize;
use utoipa::{ToSchema, openapi::HttpMethod::Get};

use super::{
    AuditRoutes,
    covered::check_order,
    described::{asking_for_proof, hash, hashes, needed, number, place},
    params,
};

const PATH: &str = "/audit/proof";
const POSITION: &str = "position";
const SIZE: &str = "size";

pub(super) fn routes() -> ApiRouter<AuditRoutes> {
    ApiRouter::new().route(Get, PATH, show, described())
}

fn described() -> Described {
    let position =
        "Where the event stands: the token that an answer gave out, or the number in it.";
    let size = "The size of the tree; that of the last checkpoint if it is left out. With another one the root is to be \
                had from the checkpoint of that size, which you have.";
    asking_for_proof("proveEvent", "That an event is in the log that was signed")
        .explained("An inclusion proof (RFC 6962, 2.1.1). Waits for up to 8 seconds for a checkpoint that covers the event.")
        .takes([
            needed(POSITION, place(), position),
            query(SIZE, number(), size),
        ])
        .answers(|schemas| {
            let proof = schemas.of::<InclusionProof>();
            Answer::json(StatusCode::OK, proof, "The proof, and the checkpoint.")
        })
}

/// That an event is in a tree.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct InclusionProof {
    /// Where the event stands.
    #[schema(schema_with = number)]
    position: u64,
    /// The hash of the event as a leaf.
    #[schema(schema_with = hash)]
    leaf_hash: String,
    /// How many leaves the tree has.
    #[schema(schema_with = number)]
    size: u64,
    /// The hashes that lead from the leaf to the root.
    #[schema(schema_with = hashes)]
    proof: Vec<String>,
    /// The last checkpoint: a signed note.
    checkpoint: String,
}

async fn show(
    State(routes): State<AuditRoutes>,
    request: Parts,
) -> Result<Json<InclusionProof>, Problem> {
    check_accept(&request.headers)?;
    let params = Params::read(&request.uri, &[POSITION, SIZE])?;
    let position = params::place(&params, POSITION, routes.audit.incarnation())?;
    let position = params::required(position, POSITION)?;
    let size = params::size(&params, SIZE)?;
    check_order(position, size)?;
    let proven = routes.covering(size.max(Some(position))).await?;
    let size = size.unwrap_or(proven.size());
    let checkpoint = proven.signed().as_str().to_owned();
    let proof = routes.proof(move |audit| audit.inclusion(&proven, position, size));
    let proof = proof.await?;
    Ok(Json(InclusionProof {
        position: position.get(),
        leaf_hash: params::base64(proof.leaf),
        size: size.get(),
        proof: params::base64_all(&proof.path),
        checkpoint,
    }))
}
