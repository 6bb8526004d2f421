//! A single order as a sequential object: one operation after the other, each answered as the domain decides it.
//!
//! The log says in which order the events came; the object is at one of its versions and moves on through them. Between the
//! operations of the clients it may move by itself, through the events of the saga, which no client asked for. So an operation
//! is a valid step if the object can come, by the saga's events alone, to a version at which the domain gives that answer.
//! It moves no further than it has to: whatever is possible later from a later version is possible from an earlier one, too.

use std::collections::HashSet;
use std::sync::Arc;

use ordertrace_domain::{Command, CommandId, Event, decide};
use stateright::semantics::SequentialSpec;

use super::told::Told;
use super::{Heard, Refused};

/// The object: an order at a version.
#[derive(Debug, Clone)]
pub(super) struct SingleOrder {
    told: Arc<Told>,
    /// The commands that clients gave.
    clients: Arc<HashSet<CommandId>>,
    version: u64,
}

/// An operation, as far as the object has to know it.
#[derive(Debug, Clone)]
pub(super) struct Step {
    /// `None` for a command that leaves nothing to tell it by.
    pub(super) id: Option<CommandId>,
    /// `None` for the command that makes the order.
    pub(super) command: Option<Command>,
    pub(super) if_match: Option<u64>,
}

impl SingleOrder {
    /// The order before its first event.
    pub(super) const fn new(told: Arc<Told>, clients: Arc<HashSet<CommandId>>) -> Self {
        Self {
            told,
            clients,
            version: 0,
        }
    }

    /// Moves to a version by the saga's events alone; `false`, and no move, if it can't.
    fn moves_to(&mut self, version: u64) -> bool {
        let is_reached = version >= self.version
            && version <= self.told.version()
            && (self.version + 1..=version).all(|version| self.is_sagas(version));
        if is_reached {
            self.version = version;
        }
        is_reached
    }

    fn is_sagas(&self, version: u64) -> bool {
        let command = self.told.command_of(version);
        command.is_some_and(|command| !self.clients.contains(&command))
    }

    /// The version that the step brought about; `None` if it brought about none.
    fn effect(&self, step: &Step) -> Option<u64> {
        step.id.and_then(|id| self.told.effect(id))
    }

    /// Takes the step, now or, if it was taken already, again, which changes nothing.
    fn has_effect(&mut self, step: &Step, at: u64) -> bool {
        if self.version >= at {
            return true;
        }
        let is_due = match self.decided(step, at - 1) {
            Some(Ok(events)) => !events.is_empty(),
            Some(Err(_)) => false,
            // Whoever makes an order finds none.
            None => step.command.is_none() && at == 1,
        };
        let is_next = is_due && self.moves_to(at - 1);
        if is_next {
            self.version = at;
        }
        is_next
    }

    /// What the domain says at a version; `None` if the step expects another, or makes the order.
    fn decided(&self, step: &Step, version: u64) -> Option<Result<Vec<Event>, String>> {
        let (state, command) = (self.told.at(version)?, step.command.as_ref()?);
        let is_expected = step.if_match.is_none_or(|expected| expected == version);
        let decision = is_expected.then(|| decide(state, command))?;
        Some(decision.map_err(|rejection| format!("{rejection:?}")))
    }

    fn is_done(&mut self, step: &Step, version: u64) -> bool {
        match self.effect(step) {
            Some(at) => version == at && self.has_effect(step, at),
            // Nothing was left to do.
            None => self.decided(step, version) == Some(Ok(Vec::new())) && self.moves_to(version),
        }
    }

    /// Moves to the first version at which the step is answered so. Once it was carried out it is answered otherwise.
    fn moves_where(&mut self, step: &Step, is_so: impl Fn(&Self, u64) -> bool) -> bool {
        let last = self.effect(step).map_or(self.told.version(), |at| at - 1);
        (self.version..=last).any(|version| is_so(self, version) && self.moves_to(version))
    }

    fn is_refused(&mut self, step: &Step, refused: &Refused) -> bool {
        match refused {
            Refused::NotFound => self.moves_where(step, |_, version| version == 0),
            Refused::AtVersion(at) => {
                step.if_match != Some(*at) && self.moves_where(step, |_, version| version == *at)
            }
            Refused::Rejected(word) => self.moves_where(step, |order, version| {
                order.decided(step, version) == Some(Err(word.clone()))
            }),
        }
    }
}

impl SequentialSpec for SingleOrder {
    type Op = Step;
    type Ret = Heard;

    /// An operation of which nobody knows what it was answered: it takes effect now if it can, and has none otherwise.
    fn invoke(&mut self, step: &Step) -> Heard {
        if let Some(at) = self.effect(step) {
            self.has_effect(step, at);
        }
        Heard::Unknown(String::new())
    }

    fn is_valid_step(&mut self, step: &Step, heard: &Heard) -> bool {
        match heard {
            Heard::Done { version, .. } => self.is_done(step, *version),
            Heard::Refused(refused) => self.is_refused(step, refused),
            Heard::Unchanged(_) | Heard::Unknown(_) => true,
        }
    }
}
