//! Makes what is missing, and checks what is there.
//!
//! Everything is looked at before anything is made, so that a difference leaves the server as it was. Two processes may
//! do this at once: to make what is there already, exactly as it is, is no error to the server.

use std::time::Duration;

use async_nats::jetstream::{Context, ErrorCode};
use bytes::Bytes;
use ordertrace_domain::Incarnation;
use serde::Serialize;
use serde_json::{Map, Value, json};
use tokio::time::Instant;

use super::drift::differences;
use super::{ConsumerSpec, Difference, StreamSpec, Topology, TopologyError};
use crate::Connection;
use crate::api::{ApiError, ask_until};
use crate::facts::StreamFacts;
use crate::subject::{EVENTS_STREAM, TIMERS_STREAM};

/// A cluster that has only just started elects its leaders within a few seconds; a loaded machine takes longer.
const BUDGET: Duration = Duration::from_secs(60);

/// A consumer with this name and another configuration exists (2.10 and later); the client library has no name for it.
const CONSUMER_EXISTS: ErrorCode = ErrorCode(10148);

/// The topology is there, as declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provisioned {
    /// Which log it is.
    pub incarnation: Incarnation,
    /// What had to be made: `stream ORDERTRACE_EVENTS`.
    pub made: Vec<String>,
    /// What is not as declared, and stops nobody.
    pub tolerated: Vec<Difference>,
}

impl Topology {
    /// Makes what is missing and checks the rest; for roles that may.
    ///
    /// # Errors
    /// See [`TopologyError`]. After [`TopologyError::Drift`], [`TopologyError::LogLost`] and
    /// [`TopologyError::NotProvisioned`] nothing was made or changed.
    pub async fn ensure(&self, connection: &Connection) -> Result<Provisioned, TopologyError> {
        let look = Look::at(connection);
        let (mut missing, mut tolerated) = look.compare(&self.objects()).await?;
        if is_log_lost(&missing) {
            // Another process may have made both since the first was looked for; the events are always made first.
            (missing, tolerated) = look.compare(&self.objects()).await?;
            if is_log_lost(&missing) {
                return Err(TopologyError::LogLost);
            }
        }
        for object in &missing {
            let denied = format!("$JS.API.{}", object.create);
            tokio::select! {
                biased;
                made = look.make(object) => made?,
                () = connection.until_denied(&denied) => {
                    let missing = missing.iter().map(|object| object.shown.clone());
                    return Err(TopologyError::NotProvisioned(missing.collect()));
                }
            }
        }
        let made: Vec<String> = missing.into_iter().map(|object| object.shown).collect();
        if !made.is_empty() {
            tracing::info!(nats.made = made.len(), "made streams and consumers");
        }
        let incarnation = look.incarnation().await?;
        Ok(Provisioned {
            incarnation,
            made,
            tolerated,
        })
    }

    /// Checks that everything is there, as declared; makes nothing.
    ///
    /// # Errors
    /// See [`TopologyError`].
    pub async fn verify(&self, connection: &Connection) -> Result<Incarnation, TopologyError> {
        let look = Look::at(connection);
        let (missing, _) = look.compare(&self.objects()).await?;
        if missing.is_empty() {
            look.incarnation().await
        } else {
            let missing = missing.into_iter().map(|object| object.shown);
            Err(TopologyError::Missing(missing.collect()))
        }
    }

    pub(super) fn objects(&self) -> Vec<Object> {
        let streams = self.streams.iter().map(Object::stream);
        let consumers = self.consumers.iter().map(Object::consumer);
        streams.chain(consumers).collect()
    }
}

/// Whether the event stream is missing, and the stream that is made after it is not.
fn is_log_lost(missing: &[Object]) -> bool {
    let is_missing = |stream| missing.iter().any(|object| object.is_stream(stream));
    is_missing(EVENTS_STREAM) && !is_missing(TIMERS_STREAM)
}

/// A stream or a consumer, with the requests that concern it.
#[derive(Debug, Clone)]
pub(super) struct Object {
    pub(super) shown: String,
    info: String,
    create: String,
    request: Bytes,
    declared: Map<String, Value>,
    absent: ErrorCode,
    exists: ErrorCode,
}

impl Object {
    fn stream(spec: &StreamSpec) -> Self {
        let name = spec.name;
        let declared = settings(spec);
        Self {
            shown: format!("stream {name}"),
            info: format!("STREAM.INFO.{name}"),
            create: format!("STREAM.CREATE.{name}"),
            request: Value::Object(declared.clone()).to_string().into(),
            declared,
            absent: ErrorCode::STREAM_NOT_FOUND,
            exists: ErrorCode::STREAM_NAME_EXIST,
        }
    }

    fn consumer(spec: &ConsumerSpec) -> Self {
        let (stream, name) = (spec.stream, &spec.durable_name);
        let declared = settings(spec);
        Self {
            shown: format!("consumer {name} of {stream}"),
            info: format!("CONSUMER.INFO.{stream}.{name}"),
            create: format!("CONSUMER.CREATE.{stream}.{name}.{}", spec.filter_subject),
            request: json!({"stream_name": stream, "config": declared, "action": "create"})
                .to_string()
                .into(),
            declared,
            absent: ErrorCode::CONSUMER_NOT_FOUND,
            exists: CONSUMER_EXISTS,
        }
    }

    fn is_stream(&self, name: &str) -> bool {
        self.info == format!("STREAM.INFO.{name}")
    }

    fn differences(&self, answer: &Value) -> Result<Vec<Difference>, TopologyError> {
        let found = answer.get("config").and_then(Value::as_object);
        let found = found.ok_or_else(|| TopologyError::Unreadable {
            object: self.shown.clone(),
        })?;
        Ok(differences(&self.shown, found, &self.declared))
    }

    fn refused(&self, action: &'static str, source: ApiError) -> TopologyError {
        TopologyError::Refused {
            action,
            object: self.shown.clone(),
            source,
        }
    }
}

/// One look at a server, within one budget.
pub(super) struct Look<'a> {
    connection: &'a Connection,
    context: &'a Context,
    deadline: Instant,
}

impl<'a> Look<'a> {
    pub(super) fn at(connection: &'a Connection) -> Self {
        Self {
            connection,
            context: connection.jetstream(),
            deadline: Instant::now() + BUDGET,
        }
    }

    /// Gives the objects that are not there, and what is tolerated of those that are; fails if one differs otherwise,
    /// naming every difference of all.
    async fn compare(
        &self,
        objects: &[Object],
    ) -> Result<(Vec<Object>, Vec<Difference>), TopologyError> {
        let (missing, found) = self.look(objects).await?;
        let (tolerated, differing): (Vec<_>, Vec<_>) =
            found.into_iter().partition(Difference::is_tolerable);
        if !differing.is_empty() {
            return Err(TopologyError::Drift(differing));
        }
        for difference in &tolerated {
            tracing::warn!(nats.difference = %difference, "not as declared, and no reason not to start; an operator can set it");
        }
        Ok((missing, tolerated))
    }

    /// Gives the objects that are not there, and every difference of those that are.
    pub(super) async fn look(
        &self,
        objects: &[Object],
    ) -> Result<(Vec<Object>, Vec<Difference>), TopologyError> {
        let mut missing: Vec<Object> = Vec::new();
        let mut differing = Vec::new();
        for object in objects {
            match self.info(object).await? {
                Some(answer) => differing.extend(object.differences(&answer)?),
                None => missing.push(object.clone()),
            }
        }
        Ok((missing, differing))
    }

    async fn info(&self, object: &Object) -> Result<Option<Value>, TopologyError> {
        let request = format!("$JS.API.{}", object.info);
        let answer = tokio::select! {
            biased;
            answer = self.ask(&object.info, Bytes::new()) => answer,
            subject = self.connection.until_refused(&request) => {
                return Err(TopologyError::Denied { subject });
            }
        };
        match answer {
            Ok(answer) => Ok(Some(answer)),
            // Without its stream a consumer is missing, too.
            Err(error)
                if [Some(object.absent), Some(ErrorCode::STREAM_NOT_FOUND)]
                    .contains(&error.code()) =>
            {
                Ok(None)
            }
            Err(error) => Err(object.refused("looking at", error)),
        }
    }

    /// Makes an object, and checks what the server made of it. Another process may have been quicker.
    async fn make(&self, object: &Object) -> Result<(), TopologyError> {
        let answer = match self.ask(&object.create, object.request.clone()).await {
            Err(error) if error.code() == Some(object.exists) => {
                self.info(object).await?.unwrap_or_default()
            }
            result => result.map_err(|error| object.refused("making", error))?,
        };
        let mut differing = object.differences(&answer)?;
        differing.retain(|difference| !difference.is_tolerable());
        match differing.is_empty() {
            true => Ok(()),
            false => Err(TopologyError::Drift(differing)),
        }
    }

    async fn incarnation(&self) -> Result<Incarnation, TopologyError> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        let facts = StreamFacts::ask_within(left, self.context).await;
        facts
            .map(|facts| facts.incarnation)
            .map_err(|source| TopologyError::Refused {
                action: "looking at",
                object: format!("stream {}", crate::subject::EVENTS_STREAM),
                source,
            })
    }

    async fn ask(&self, subject: &str, request: Bytes) -> Result<Value, ApiError> {
        ask_until(self.deadline, self.context, subject, request).await
    }
}

#[expect(
    clippy::expect_used,
    reason = "a declaration is plain data with named fields: its JSON form is an object"
)]
fn settings(spec: &impl Serialize) -> Map<String, Value> {
    let value = serde_json::to_value(spec).ok();
    let settings = value.as_ref().and_then(Value::as_object).cloned();
    settings.expect("a declaration is a JSON object")
}
