//! Health: is the process alive, and can it serve?
//!
//! Alive means that the runtime turns. Ready means that every part this process has says it can do its work now; it
//! turns false first when the process stops.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use ordertrace_http::{
    Access,
    openapi::{Answer, ApiRouter, Described, word},
};
use serde_json::json;
use tokio_util::sync::CancellationToken;
use utoipa::openapi::{
    HttpMethod::Get,
    schema::{ObjectBuilder, Type},
};

use crate::openapi::MACHINES;

/// Asks one part whether it can do its work; if not, it says why.
pub(crate) type Check = Arc<dyn Fn() -> Result<(), String> + Send + Sync>;

/// The parts of this process.
#[derive(Clone)]
pub(crate) struct Health {
    checks: Arc<[(&'static str, Check)]>,
    shutdown: CancellationToken,
}

impl Health {
    /// The health of these parts.
    pub(crate) fn new(checks: Vec<(&'static str, Check)>, shutdown: CancellationToken) -> Self {
        Self {
            checks: checks.into(),
            shutdown,
        }
    }

    /// What is wrong, part by part; empty when the process is ready.
    fn troubles(&self) -> Vec<(&'static str, String)> {
        let mut troubles: Vec<_> = self
            .checks
            .iter()
            .filter_map(|(part, check)| check().err().map(|why| (*part, why)))
            .collect();
        if self.shutdown.is_cancelled() {
            troubles.push(("process", "is stopping".to_owned()));
        }
        troubles
    }

    /// `/livez`, `/readyz` and `/actuator/health`.
    pub(crate) fn api(self) -> ApiRouter {
        let alive = || async { "ok\n" };
        ApiRouter::new()
            .route(Get, "/livez", alive, alive_described())
            .route(Get, "/readyz", ready, ready_described())
            .route(Get, "/actuator/health", actuator, actuator_described())
            .with_state(self)
    }
}

fn alive_described() -> Described {
    Described::new(
        "isAlive",
        MACHINES,
        Access::PUBLIC,
        "Whether the process is alive",
    )
    .answers(|_| lines(StatusCode::OK, "It is."))
}

fn ready_described() -> Described {
    Described::new(
        "isReady",
        MACHINES,
        Access::PUBLIC,
        "Whether every part can do its work",
    )
    .answers(|_| lines(StatusCode::OK, "Each can."))
    .answers(|_| {
        lines(
            StatusCode::SERVICE_UNAVAILABLE,
            "A line for each part that can't.",
        )
    })
}

fn actuator_described() -> Described {
    let answer = |status, is: &str, description| {
        let object = ObjectBuilder::new().property("status", word(&[is]));
        Answer::json(status, object.required("status").build(), description)
    };
    Described::new(
        "getHealth",
        MACHINES,
        Access::PUBLIC,
        "The same, as the original's probes ask",
    )
    .answers(|_| answer(StatusCode::OK, "UP", "Each can."))
    .answers(|_| answer(StatusCode::SERVICE_UNAVAILABLE, "DOWN", "One can't."))
}

fn lines(status: StatusCode, description: &str) -> Answer {
    let text = ObjectBuilder::new().schema_type(Type::String).build();
    Answer::of_type(status, "text/plain; charset=utf-8", text, description)
}

async fn ready(State(health): State<Health>) -> Response {
    let troubles = health.troubles();
    if troubles.is_empty() {
        return "ok\n".into_response();
    }
    let lines: String = troubles
        .into_iter()
        .map(|(part, why)| format!("{part}: {why}\n"))
        .collect();
    (StatusCode::SERVICE_UNAVAILABLE, lines).into_response()
}

/// In the shape of Spring Boot's actuator, which the original's probes ask.
async fn actuator(State(health): State<Health>) -> Response {
    if health.troubles().is_empty() {
        Json(json!({"status": "UP"})).into_response()
    } else {
        (
            StatusCode::SERVICE_UNAVAILABLE,
            Json(json!({"status": "DOWN"})),
        )
            .into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readiness_ends_with_the_first_trouble_and_with_the_shutdown() {
        let shutdown = CancellationToken::new();
        let well = Health::new(vec![("log", Arc::new(|| Ok(())))], shutdown.clone());
        assert!(well.troubles().is_empty());
        shutdown.cancel();
        assert_eq!(well.troubles().len(), 1);
        let check: Check = Arc::new(|| Err("gone".to_owned()));
        let ill = Health::new(vec![("log", check)], CancellationToken::new());
        assert_eq!(ill.troubles(), [("log", "gone".to_owned())]);
    }
}
