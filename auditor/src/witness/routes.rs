//! What a witness answers over HTTP: C2SP tlog-witness (c2sp.org/tlog-witness), whose submission prefix is the root.
//!
//! Answers are lines of text, as the protocol has it, also those that say no; it is the protocol and not this program's API
//! that other logs speak to a witness, so it is no part of `/openapi.json`. Requests need no login: what counts is the
//! log's signature.

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::State,
    http::{HeaderValue, StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use metrics::{counter, describe_counter};

use super::{Witness, judge::Refusal};

/// A checkpoint with a hundred signatures and the longest proof there is takes a quarter of it.
const BODY_BYTES_MAX: usize = 64 * 1024;

const REQUESTS: &str = "ordertrace_witness_requests_total";

/// The type of an answer that is the size of a tree.
pub(super) const TREE_SIZE: &str = "text/x.tlog.size";

const TEXT: &str = "text/plain; charset=utf-8";

/// `POST /add-checkpoint`, and `GET /`, which says who this is.
pub fn routes(witness: Witness) -> Router {
    describe_counter!(
        REQUESTS,
        "Checkpoints that were to be cosigned, by what became of them"
    );
    Router::new()
        .route("/", get(who))
        .route("/add-checkpoint", post(add_checkpoint))
        .with_state(witness)
}

async fn who(State(witness): State<Witness>) -> Response {
    text(
        StatusCode::OK,
        TEXT,
        format!("ordertrace witness {}\n", witness.public_key()),
    )
}

async fn add_checkpoint(State(witness): State<Witness>, body: Body) -> Response {
    let cosigned = match to_bytes(body, BODY_BYTES_MAX).await {
        Ok(body) => witness.add_checkpoint(&body).await,
        Err(_) => Err(Refusal::TooLarge),
    };
    let outcome = cosigned
        .as_ref()
        .err()
        .map_or("cosigned", |refusal| refusal.word());
    counter!(REQUESTS, "outcome" => outcome).increment(1);
    match cosigned {
        Ok(cosignature) => text(StatusCode::OK, TEXT, cosignature.as_str().to_owned()),
        Err(refusal) => refusal.into_response(),
    }
}

impl Refusal {
    const fn status(self) -> StatusCode {
        match self {
            Self::Malformed | Self::OldBeyond => StatusCode::BAD_REQUEST,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnknownLog => StatusCode::NOT_FOUND,
            Self::Untrusted => StatusCode::FORBIDDEN,
            Self::Elsewhere(_) | Self::Fork | Self::Recreated => StatusCode::CONFLICT,
            Self::Unproven => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Forgetful => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// For the metrics.
    const fn word(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::OldBeyond => "old-beyond",
            Self::TooLarge => "too-large",
            Self::UnknownLog => "unknown-log",
            Self::Untrusted => "untrusted",
            Self::Elsewhere(_) => "elsewhere",
            Self::Fork => "fork",
            Self::Recreated => "recreated",
            Self::Unproven => "unproven",
            Self::Forgetful => "forgetful",
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            // The one refusal that programs read: the client takes the size and tries once more.
            Self::Elsewhere(size) => text(self.status(), TREE_SIZE, format!("{size}\n")),
            _ => text(self.status(), TEXT, format!("{self}\n")),
        }
    }
}

fn text(status: StatusCode, content_type: &'static str, body: String) -> Response {
    let content_type = HeaderValue::from_static(content_type);
    (status, [(CONTENT_TYPE, content_type)], body).into_response()
}
