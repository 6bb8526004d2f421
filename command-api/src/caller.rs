//! Who sends a command, and what its headers say about it.
//!
//! Invariant: with an `Idempotency-Key` all ids follow from the request, so that a repeat gives the same command. Without
//! one each request is a command of its own. A customer's command reaches their own orders alone.

use axum::{
    extract::FromRequestParts,
    http::{Method, request::Parts},
};
use ordertrace_domain::{
    Command, CommandId, CommandRequest, CorrelationId, CustomerId, IdempotencyKey, OrderId,
    RequestIdentity, TraceParent,
};
use ordertrace_http::{Principal, Problem, ProblemKind, Reach, check_accept, trace};
use uuid::Uuid;

use crate::headers::{self, IfMatch};

/// Everything but path and body that a command needs of its request.
#[derive(Debug)]
pub(crate) struct Caller {
    pub(crate) principal: Principal,
    reach: Reach,
    method: Method,
    key: Option<IdempotencyKey>,
    if_match: Option<IfMatch>,
    traceparent: Option<TraceParent>,
}

impl Caller {
    /// A command to an order that exists. `route` is the pattern of the path: part of the command's identity for ever.
    pub(crate) fn command(
        self,
        route: &'static str,
        order_id: OrderId,
        command: impl Into<Command>,
    ) -> CommandRequest {
        let resource = order_id.to_string();
        let command_id = match self.identity(route, &resource) {
            Some(identity) => identity.command_id(),
            None => CommandId::from_uuid(Uuid::now_v7()),
        };
        let within = self.reach.owner().cloned();
        self.request(order_id, command_id, command.into(), within)
    }

    /// A command that makes a new order; with a key the order's id follows from the request, too.
    pub(crate) fn creation(
        self,
        route: &'static str,
        command: impl Into<Command>,
    ) -> Result<CommandRequest, Problem> {
        if self.if_match.is_some() {
            return Err(Problem::new(
                ProblemKind::InvalidRequest,
                "If-Match has no meaning for a new order",
            ));
        }
        let (order_id, command_id) = match self.identity(route, "") {
            Some(identity) => (identity.order_id(), identity.command_id()),
            None => (
                OrderId::from_uuid(Uuid::now_v7()),
                CommandId::from_uuid(Uuid::now_v7()),
            ),
        };
        Ok(self.request(order_id, command_id, command.into(), None))
    }

    fn identity<'a>(
        &'a self,
        route: &'static str,
        resource: &'a str,
    ) -> Option<RequestIdentity<'a>> {
        self.key.as_ref().map(|key| RequestIdentity {
            principal: self.principal.id.as_str(),
            method: self.method.as_str(),
            route,
            resource,
            key,
        })
    }

    fn request(
        self,
        order_id: OrderId,
        command_id: CommandId,
        command: Command,
        within: Option<CustomerId>,
    ) -> CommandRequest {
        CommandRequest {
            order_id,
            command,
            command_id,
            actor: self.principal.actor(),
            causation_id: None,
            correlation_id: CorrelationId::from(command_id),
            traceparent: self.traceparent,
            expected_version: match self.if_match {
                Some(IfMatch::Version(version)) => Some(version),
                Some(IfMatch::Exists) | None => None,
            },
            within,
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        check_accept(&parts.headers)?;
        let principal = Principal::from_request_parts(parts, state).await?;
        Ok(Self {
            principal,
            reach: Reach::from_request_parts(parts, state).await?,
            method: parts.method.clone(),
            key: headers::key(&parts.headers)?,
            if_match: headers::if_match(&parts.headers)?,
            traceparent: trace::traceparent(&parts.headers),
        })
    }
}
