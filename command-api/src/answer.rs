//! Carrying out a command, and the answer to it.

use std::error::Error;

use axum::{
    Json,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use metrics::counter;
use ordertrace_domain::{CommandRequest, ExecuteError, LogError, Order, OrderId, Outcome, ending};
use ordertrace_http::{POSITION_HEADER, Problem, ProblemKind};
use serde::Serialize;

use crate::CommandApi;

/// Commands by their end; the saga counts its own under the same name.
const COMMANDS: &str = "ordertrace_commands_total";

/// The longest chain of causes that is logged; an error of ours has three links at most.
const CAUSES_MAX: usize = 8;

/// A command that was carried out.
pub(crate) struct Done {
    order_id: OrderId,
    order: Order,
    outcome: Outcome,
}

impl CommandApi {
    /// Gives a command to the executor. What fails is logged here, and nowhere else.
    pub(crate) async fn carry_out(&self, request: &CommandRequest) -> Result<Done, Problem> {
        let result = self.executor.execute(request).await;
        counter!(COMMANDS, "by" => "api", "command" => request.command.name(), "outcome" => ending(&result))
            .increment(1);
        let outcome = match result {
            Ok(answered) => answered?,
            Err(error) => {
                log(request, &error);
                return Err(told(request, &error));
            }
        };
        match outcome.state().order().cloned() {
            Some(order) => Ok(Done {
                order_id: request.order_id,
                order,
                outcome,
            }),
            // Every decider refuses an order that was not placed, so this is a mistake of ours.
            None => {
                tracing::error!(order.id = %request.order_id, command.id = %request.command_id,
                    "a command was carried out on no order");
                Err(Problem::new(
                    ProblemKind::Internal,
                    "the command has no order",
                ))
            }
        }
    }
}

/// What the asker is told of a failure. Nobody can tell whose an order is whose history can't be read, so to those who reach
/// their own alone it is another's.
fn told(request: &CommandRequest, error: &ExecuteError) -> Problem {
    match error {
        ExecuteError::Log(LogError::Broken(_)) if request.within.is_some() => Problem::not_found(),
        error => Problem::from(error),
    }
}

/// An outage is told once, by the connection, not by every command that is refused meanwhile.
fn log(request: &CommandRequest, error: &ExecuteError) {
    let (order, command, error_chain) = (request.order_id, request.command_id, chain(error));
    match error {
        ExecuteError::Log(LogError::Unavailable(_)) | ExecuteError::NotStored(_) => {
            tracing::debug!(order.id = %order, command.id = %command, error = error_chain, "a command was refused");
        }
        ExecuteError::OutcomeUnknown(_) | ExecuteError::Contended => {
            tracing::warn!(order.id = %order, command.id = %command, error = error_chain, "a command failed");
        }
        ExecuteError::Log(LogError::Broken(_) | LogError::Recreated) | ExecuteError::OrderFull => {
            tracing::error!(order.id = %order, command.id = %command, error = error_chain, "a command failed");
        }
    }
}

/// An error with its causes, outermost first. A transparent error has the same words as its source: said once.
fn chain(error: &dyn Error) -> String {
    let causes = std::iter::successors(Some(error), |error| (*error).source());
    let mut words: Vec<String> = causes.take(CAUSES_MAX).map(ToString::to_string).collect();
    words.dedup();
    words.join(": ")
}

impl Done {
    /// The answer: the resource as it was right after the command, with its version and its place in the log.
    pub(crate) fn answer<R: Serialize>(
        &self,
        status: StatusCode,
        resource: impl FnOnce(OrderId, &Order) -> R,
    ) -> Response {
        let body = Json(resource(self.order_id, &self.order));
        let headers = [
            (
                header::ETAG,
                text(format!("\"{}\"", self.outcome.version())),
            ),
            (
                HeaderName::from_static(POSITION_HEADER),
                text(self.outcome.position.to_string()),
            ),
        ];
        (status, headers, body).into_response()
    }

    /// The order's id.
    pub(crate) const fn order_id(&self) -> OrderId {
        self.order_id
    }
}

/// A header of digits, letters and punctuation that we wrote ourselves.
pub(crate) fn text(value: String) -> HeaderValue {
    #[expect(
        clippy::expect_used,
        reason = "ids, versions and positions show as ASCII"
    )]
    HeaderValue::try_from(value).expect("visible ASCII")
}
