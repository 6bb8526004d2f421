//! `GET /audit/consistency`: that what was signed later goes on from what was signed before.

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
    described::{asking_for_proof, hash, hashes, needed, number},
    params,
};

const PATH: &str = "/audit/consistency";
const FROM: &str = "from";
const TO: &str = "to";

pub(super) fn routes() -> ApiRouter<AuditRoutes> {
    ApiRouter::new().route(Get, PATH, show, described())
}

fn described() -> Described {
    let from = "The size of the older tree.";
    let to = "The size of the newer tree; that of the last checkpoint if it is left out.";
    asking_for_proof(
        "proveConsistency",
        "That the log goes on from an older checkpoint",
    )
    .explained(
        "A consistency proof (RFC 6962, 2.1.2). It shows something to whoever compares the roots with those of checkpoints \
         that they have; the roots in the answer are only for convenience.",
    )
    .takes([
        needed(FROM, number(), from),
        query(TO, number(), to),
    ])
    .answers(|schemas| {
        let proof = schemas.of::<ConsistencyProof>();
        Answer::json(StatusCode::OK, proof, "The proof.")
    })
}

/// That a tree began with another.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ConsistencyProof {
    /// The size of the older tree.
    #[schema(schema_with = number)]
    from: u64,
    /// The size of the newer one.
    #[schema(schema_with = number)]
    to: u64,
    /// The hashes that lead from the one root to the other.
    #[schema(schema_with = hashes)]
    proof: Vec<String>,
    /// The root of the older tree.
    #[schema(schema_with = hash)]
    from_root: String,
    /// The root of the newer one.
    #[schema(schema_with = hash)]
    to_root: String,
}

async fn show(
    State(routes): State<AuditRoutes>,
    request: Parts,
) -> Result<Json<ConsistencyProof>, Problem> {
    check_accept(&request.headers)?;
    let params = Params::read(&request.uri, &[FROM, TO])?;
    let from = params::required(params::size(&params, FROM)?, FROM)?;
    let to = params::size(&params, TO)?;
    check_order(from, to)?;
    let proven = routes.covering(to.max(Some(from))).await?;
    let to = to.unwrap_or(proven.size());
    let proof = routes.proof(move |audit| audit.consistency(&proven, from, to));
    let proof = proof.await?;
    Ok(Json(ConsistencyProof {
        from: from.get(),
        to: to.get(),
        proof: params::base64_all(&proof.path),
        from_root: params::base64(proof.from_root),
        to_root: params::base64(proof.to_root),
    }))
}
