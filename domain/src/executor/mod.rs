//! The command executor: load, decide, append, and again when somebody else was quicker.
//!
//! Invariant: nobody is told "done" before the log has said so, nor "no" on the strength of a read that may be stale. Whose
//! an order is, is judged before anything else is said of it.
//! It knows nothing of HTTP or of the saga, which share it.

mod ending;
mod verdict;

use std::sync::Arc;

use crate::{
    Actor, AppendError, Cause, Clock, Command, CommandHash, CommandId, CorrelationId, CustomerId,
    Draft, Envelope, Event, EventId, EventLog, Freshness, History, LogError, OrderCommand, OrderId,
    OrderState, Position, Rejection, TraceParent, Version,
};
use verdict::Verdict;

pub use ending::ending;

/// How often a decision is made anew because the order moved on meanwhile. Each time somebody else's command went
/// through, so only an order that dozens write to at once comes near it.
const DECISIONS_MAX: u32 = 16;

/// A command with all that its events will say of it.
#[derive(Debug, Clone)]
pub struct CommandRequest {
    /// Which order.
    pub order_id: OrderId,
    /// What to do.
    pub command: Command,
    /// The same for every repeat.
    pub command_id: CommandId,
    /// Who asks.
    pub actor: Actor,
    /// The event that led to it; none where a user did.
    pub causation_id: Option<EventId>,
    /// The first command of the chain.
    pub correlation_id: CorrelationId,
    /// The distributed trace it is part of.
    pub traceparent: Option<TraceParent>,
    /// The version that the asker has seen, if the command is to fail on any other.
    pub expected_version: Option<Version>,
    /// Whose orders alone the asker reaches: to them another's order is one that does not exist. None for everybody's, and
    /// for a new order, which says itself whose it is.
    pub within: Option<CustomerId>,
}

/// A command that was carried out, now or when it was first given.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The order's events up to and with those of the command.
    pub history: History,
    /// Where the last of them stands.
    pub position: Position,
    /// Whether its events were found in the log: it was given before, or an earlier try of ours got through.
    pub is_repeat: bool,
}

impl Outcome {
    /// What the order had come to when the command was carried out.
    pub fn state(&self) -> OrderState {
        self.history.state()
    }

    /// The order's version at that time.
    pub fn version(&self) -> Version {
        self.history.version()
    }
}

/// A command that is not carried out: an answer, not an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The business says no.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// The order is not at the version that the asker has seen.
    #[error("the order is at version {actual}")]
    VersionMismatch {
        /// The version it is at.
        actual: Version,
    },
    /// The same id was used before, for another command.
    #[error("the key was used before, for another request")]
    CommandReused,
}

/// A command that failed.
#[derive(Debug, thiserror::Error)]
pub enum ExecuteError {
    /// The order could not be read. Nothing changed.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The events were certainly not stored.
    #[error("the events were not stored")]
    NotStored(#[source] Cause),
    /// The log did not say whether the events were stored. The same command, given again, finds out.
    #[error("the log did not say whether the events were stored")]
    OutcomeUnknown(#[source] Cause),
    /// Others kept being quicker. Nothing changed.
    #[error("the order changed {DECISIONS_MAX} times while the command was decided")]
    Contended,
    /// The order has as many events as it may have. Nothing changed; it is listed as stuck.
    #[error("the order has {} events, the most it may have", Version::MAX)]
    OrderFull,
}

/// Carries out commands on a log.
#[derive(Clone)]
pub struct Executor {
    log: Arc<dyn EventLog>,
    clock: Arc<dyn Clock>,
}

/// What an append came to.
enum Appended {
    /// The order's history, now with the events.
    Stored(History),
    /// The order's history as somebody else, or our own earlier try, has left it: to be judged anew.
    MovedOn(History),
}

impl Executor {
    /// An executor on this log; `clock` dates its events.
    pub fn new(log: Arc<dyn EventLog>, clock: Arc<dyn Clock>) -> Self {
        Self { log, clock }
    }

    /// The log it appends to.
    pub fn log(&self) -> &Arc<dyn EventLog> {
        &self.log
    }

    /// Carries out a command, or says why not.
    ///
    /// # Errors
    /// See [`ExecuteError`]. Except for `OutcomeUnknown`, nothing changed; or, of an order whose history is broken, nobody
    /// can tell.
    pub async fn execute(
        &self,
        request: &CommandRequest,
    ) -> Result<Result<Outcome, Refusal>, ExecuteError> {
        let command_hash = request.command.hash();
        let (mut history, mut freshness) = self.first_look(request).await?;
        let mut decisions = 0;
        loop {
            let current = match Verdict::of(&history, request, command_hash) {
                // A read that may be stale may end in the middle of the very decision that the repeat is answered by.
                Verdict::Repeat(until)
                    if freshness == Freshness::Current || until.version() < history.version() =>
                {
                    return Ok(Ok(self.outcome(until, true)));
                }
                Verdict::Reused => return Ok(Err(Refusal::CommandReused)),
                Verdict::Nothing if freshness == Freshness::Current => {
                    return Ok(Ok(self.outcome(history, false)));
                }
                Verdict::Refused(refusal) if freshness == Freshness::Current => {
                    return Ok(Err(refusal));
                }
                Verdict::Repeat(_) | Verdict::Nothing | Verdict::Refused(_) => {
                    self.log.load(request.order_id, Freshness::Current).await?
                }
                Verdict::Events(_) if decisions == DECISIONS_MAX => {
                    return Err(ExecuteError::Contended);
                }
                Verdict::Events(events) => {
                    decisions += 1;
                    let drafts = self.drafts(&history, request, command_hash, events)?;
                    match self.append(&history, drafts, request).await? {
                        Appended::Stored(after) => return Ok(Ok(self.outcome(after, false))),
                        Appended::MovedOn(current) => current,
                    }
                }
            };
            history = current;
            freshness = Freshness::Current;
        }
    }

    async fn append(
        &self,
        base: &History,
        drafts: Vec<Draft>,
        request: &CommandRequest,
    ) -> Result<Appended, ExecuteError> {
        match self.log.append(base, drafts).await {
            Ok(after) => Ok(Appended::Stored(after)),
            // It may be our own earlier try that the append ran into: without a look at the order nobody knows.
            Err(AppendError::Conflict) => {
                let current = self.log.load(request.order_id, Freshness::Current).await;
                current.map(Appended::MovedOn).map_err(unseen)
            }
            Err(AppendError::OutcomeUnknown(cause)) => self.read_back(base, request, cause).await,
            Err(AppendError::NotStored(cause)) => Err(ExecuteError::NotStored(cause)),
            Err(AppendError::Recreated) => Err(LogError::Recreated.into()),
        }
    }

    /// After an ambiguous append the order itself says more. The command's own events: it was stored. Somebody else's
    /// events: it never can be, since its expectation fails. Neither: it may still be on its way, and nobody knows.
    async fn read_back(
        &self,
        base: &History,
        request: &CommandRequest,
        cause: Cause,
    ) -> Result<Appended, ExecuteError> {
        match self.log.load(request.order_id, Freshness::Current).await {
            Ok(current) if current.last_sequence() > base.last_sequence() => {
                Ok(Appended::MovedOn(current))
            }
            Err(broken @ LogError::Broken(_)) => Err(unseen(broken)),
            Ok(_) | Err(_) => Err(ExecuteError::OutcomeUnknown(cause)),
        }
    }

    /// A new order is taken to be new: should it exist, the append's expectation says so.
    async fn first_look(&self, request: &CommandRequest) -> Result<(History, Freshness), LogError> {
        let freshness = Freshness::MayBeStale;
        let history = match request.command {
            Command::Order(OrderCommand::PlaceOrder(_)) => History::empty(request.order_id),
            Command::Order(_) | Command::Payment(_) | Command::Delivery(_) => {
                self.log.load(request.order_id, freshness).await?
            }
        };
        Ok((history, freshness))
    }

    fn drafts(
        &self,
        history: &History,
        request: &CommandRequest,
        command_hash: CommandHash,
        events: Vec<Event>,
    ) -> Result<Vec<Draft>, ExecuteError> {
        let occurred_at = self.clock.now();
        let mut version = history.version();
        let mut prev_hash = history.head_hash();
        let mut drafts = Vec::with_capacity(events.len());
        for event in events {
            version = version.next();
            let draft = Draft::new(Envelope {
                event_id: EventId::derive(request.command_id, version),
                order_id: request.order_id,
                version,
                occurred_at,
                command_id: request.command_id,
                command_hash,
                causation_id: request.causation_id,
                correlation_id: request.correlation_id,
                traceparent: request.traceparent.clone(),
                actor: request.actor.clone(),
                prev_hash,
                event,
            });
            prev_hash = draft.hash;
            drafts.push(draft);
        }
        if version > Version::MAX {
            return Err(ExecuteError::OrderFull);
        }
        Ok(drafts)
    }

    fn outcome(&self, history: History, is_repeat: bool) -> Outcome {
        Outcome {
            position: Position {
                incarnation: self.log.incarnation(),
                sequence: history.last_sequence(),
            },
            history,
            is_repeat,
        }
    }
}

/// A look after an append that failed itself. Of a broken history nobody can tell what it holds: to ask again is in vain.
fn unseen(error: LogError) -> ExecuteError {
    match error {
        LogError::Broken(_) => error.into(),
        LogError::Unavailable(_) | LogError::Recreated => {
            ExecuteError::OutcomeUnknown(error.into())
        }
    }
}
