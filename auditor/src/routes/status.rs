//! `GET /audit/status`: how the audit of this process is doing.
//!
//! Invariant: it is answered whatever state the audit is in, for that is when it is asked.

use axum::{
    Json,
    extract::State,
    http::{StatusCode, request::Parts},
};
use ordertrace_audit::PublicKey;
use ordertrace_domain::Sequence;
use ordertrace_http::{
    Params, Problem, ProblemKind, check_accept,
    openapi::{Answer, ApiRouter, Described, or_null, position_token, reference, time, word},
};
use serde::Serialize;
use utoipa::{
    ToSchema,
    openapi::{HttpMethod::Get, Schema, schema::Object},
};

use super::{
    AuditRoutes,
    described::{asking, number},
};
use crate::{LastCheckpoint, WitnessStatus};

const PATH: &str = "/audit/status";

const SIGNER: &str = "signer";
const MONITOR: &str = "monitor";

pub(super) fn routes() -> ApiRouter<AuditRoutes> {
    ApiRouter::new().route(Get, PATH, show, described())
}

fn described() -> Described {
    asking("getAuditStatus", "How the audit of this process is doing")
        .problems([ProblemKind::NotAcceptable])
        .answers(|schemas| {
            schemas.of::<LastResource>();
            schemas.of::<WitnessResource>();
            let status = schemas.of::<StatusResource>();
            let description =
                "Where it stands, what was signed last, and why it has stopped, if it has.";
            Answer::json(StatusCode::OK, status, description)
        })
}

/// The audit of one process.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AuditStatus)]
struct StatusResource {
    /// Whether it signs checkpoints, or watches those who do.
    #[schema(schema_with = modes)]
    mode: &'static str,
    /// The public key that it signs with.
    key: Option<String>,
    /// The public keys that count.
    accepted_keys: Vec<String>,
    /// Everything up to here was folded.
    #[schema(schema_with = position_token)]
    position: String,
    /// Whether that is all that the log held at the start of the process, or more, and the audit goes on.
    is_ready: bool,
    /// Whether the log and its checkpoints answered when they were asked last.
    is_log_reached: bool,
    /// Why it has stopped for good, if it has: then the log or its checkpoints are not as they were.
    halted: Option<String>,
    /// What is wrong with its folder, as long as that is tried again. It says nothing of the log.
    trouble: Option<String>,
    /// The last checkpoint that was accepted.
    #[schema(schema_with = last_or_null)]
    last_checkpoint: Option<LastResource>,
    /// The size of the checkpoint that proofs are against.
    #[schema(schema_with = number_or_null)]
    proven_size: Option<u64>,
    /// Checkpoints of which this process has compared only the tree with the log, since it started: their maps lay too far
    /// back when it saw them.
    #[schema(schema_with = number)]
    maps_not_compared: u64,
    /// The records that were not their order's next event.
    faults: FaultsResource,
    /// Whom it asks to cosign what it signs.
    witnesses: Vec<WitnessResource>,
}

/// A checkpoint that was accepted.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = LastCheckpoint)]
struct LastResource {
    /// Its number among the checkpoints.
    #[schema(schema_with = number)]
    number: u64,
    /// How many events it covers.
    #[schema(schema_with = number)]
    size: u64,
    /// When it was recorded.
    #[schema(schema_with = time)]
    recorded_at: String,
}

/// Records that were not their order's next event. They are in the tree like all others.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditFaults)]
struct FaultsResource {
    /// How many there are.
    #[schema(schema_with = number)]
    count: u64,
    /// Where the first one stands.
    #[schema(schema_with = number_or_null)]
    first: Option<u64>,
}

/// A witness, as it answered this process.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditWitness)]
struct WitnessResource {
    /// Its name, by its key.
    name: String,
    /// How many events the last checkpoint covers that it has cosigned; none if that is not known yet.
    #[schema(schema_with = number_or_null)]
    size: Option<u64>,
    /// What was wrong when it was asked last.
    trouble: Option<String>,
}

fn modes() -> Object {
    word(&[SIGNER, MONITOR])
}

fn number_or_null() -> Schema {
    or_null(number())
}

fn last_or_null() -> Schema {
    or_null(reference("LastCheckpoint"))
}

async fn show(
    State(routes): State<AuditRoutes>,
    request: Parts,
) -> Result<Json<StatusResource>, Problem> {
    check_accept(&request.headers)?;
    Params::read(&request.uri, &[])?;
    let status = routes.audit.status();
    let is_ready = status.is_ready();
    Ok(Json(StatusResource {
        mode: if routes.key.is_some() {
            SIGNER
        } else {
            MONITOR
        },
        key: routes.key.as_ref().map(PublicKey::to_string),
        accepted_keys: routes.accepted.iter().map(PublicKey::to_string).collect(),
        position: status.position.to_string(),
        is_ready,
        is_log_reached: !status.is_log_silent,
        halted: status.halted.map(|halt| halt.to_string()),
        trouble: status.trouble.map(|trouble| trouble.to_string()),
        maps_not_compared: status.maps_not_compared,
        last_checkpoint: status.last.as_ref().map(LastResource::of),
        proven_size: routes.audit.proven().map(|proven| proven.size().get()),
        faults: FaultsResource {
            count: status.faults.count,
            first: status.faults.first.map(Sequence::get),
        },
        witnesses: routes
            .witnesses
            .status()
            .into_iter()
            .map(WitnessResource::of)
            .collect(),
    }))
}

impl WitnessResource {
    fn of(witness: WitnessStatus) -> Self {
        Self {
            name: witness.name,
            size: Some(witness.size.get()).filter(|size| *size > 0),
            trouble: witness.trouble.map(|trouble| trouble.to_string()),
        }
    }
}

impl LastResource {
    fn of(last: &LastCheckpoint) -> Self {
        Self {
            number: last.number.get(),
            size: last.size.get(),
            recorded_at: last.recorded_at.to_timestamp().to_string(),
        }
    }
}
