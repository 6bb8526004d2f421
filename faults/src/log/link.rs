//! A process's way to the server: every question may get lost, be late, or come when nobody leads.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use ordertrace_domain::{
    AppendError, BrokenHistory, Cause, CommandId, Draft, EventId, EventLog, Freshness, History,
    Incarnation, LogError, OrderId, StoredEvent, Version,
};

use super::{append, server::Server};
use crate::world::{Fault, LOG_WIRE, Mutation, Process, World, call};

#[derive(Clone)]
pub(crate) struct Link {
    pub(crate) process: Process,
    pub(crate) server: Arc<Server>,
}

/// How far a stale read lags at most, in events.
const STALE_MAX: u64 = 3;

/// The log did not answer.
pub(super) fn silence() -> Cause {
    "the simulated log did not answer".into()
}

impl Link {
    pub(crate) fn new(process: &Process, server: &Arc<Server>) -> Self {
        Self {
            process: process.clone(),
            server: Arc::clone(server),
        }
    }

    /// Has the server do something. The process may crash before it asks, and before it hears.
    pub(super) async fn ask<T: Send + 'static>(
        &self,
        mut act: impl FnMut(&Arc<Server>) -> T + Send + 'static,
    ) -> Option<T> {
        self.process.step().await;
        let server = Arc::clone(&self.server);
        let answer = call(&self.process.world, &LOG_WIRE, move || {
            if server.gap().is_some() {
                return None;
            }
            Some(act(&server))
        })
        .await;
        self.process.step().await;
        answer
    }

    /// The same for what only says whether it was done.
    pub(super) async fn tell(
        &self,
        act: impl FnMut(&Arc<Server>) + Send + 'static,
    ) -> Result<(), LogError> {
        let answer = self.ask(act).await;
        answer.ok_or_else(|| LogError::Unavailable(silence()))
    }

    pub(super) fn between_ms(&self, least: u64, most: u64) -> Duration {
        self.process.world.between_ms(least, most)
    }
}

#[async_trait]
impl EventLog for Link {
    fn incarnation(&self) -> Incarnation {
        Server::incarnation()
    }

    async fn load(&self, order: OrderId, freshness: Freshness) -> Result<History, LogError> {
        let read = self.ask(move |server| server.history(order)).await;
        let history = read.ok_or_else(|| LogError::Unavailable(silence()))??;
        let world = &self.process.world;
        let history = match freshness {
            Freshness::MayBeStale if world.strikes(Fault::StaleRead) => stale(world, &history),
            Freshness::MayBeStale | Freshness::Current => history,
        };
        if world.is_mutated(Mutation::RepeatsUnknown) {
            return Ok(disowned(&history)?);
        }
        Ok(history)
    }

    async fn append(&self, base: &History, events: Vec<Draft>) -> Result<History, AppendError> {
        append::append(self, base, events).await
    }
}

/// An earlier state of the order; it may end in the middle of a decision.
fn stale(world: &World, history: &History) -> History {
    let lag = 1 + world.below(STALE_MAX);
    let version = history.version().get().saturating_sub(lag);
    history.until(Version::new(version))
}

/// The same history as if other commands had led to it.
fn disowned(history: &History) -> Result<History, BrokenHistory> {
    let mut other = History::empty(history.order_id());
    for event in history.events() {
        let mut event = StoredEvent::clone(event);
        let envelope = &mut event.envelope;
        envelope.command_id = CommandId::from_uuid(envelope.event_id.as_uuid());
        envelope.event_id = EventId::derive(envelope.command_id, envelope.version);
        other.push(event.into())?;
    }
    Ok(other)
}
