//! An order as the log tells it, for its history to be held against.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use ordertrace_domain::{CommandId, Event, OrderId, OrderState, Position, evolve};

use super::super::Log;

/// The order, version by version.
#[derive(Debug)]
pub(super) struct Told {
    /// What it had come to at each version, from 0.
    pub(super) states: Vec<OrderState>,
    /// Whose command each of its events is of, from the first.
    pub(super) commands: Vec<CommandId>,
    /// Where each of its events stands.
    pub(super) positions: Vec<String>,
}

impl Told {
    /// An order of these events.
    pub(super) fn of(events: impl IntoIterator<Item = (CommandId, Event, String)>) -> Self {
        let mut told = Self {
            states: vec![OrderState::Absent],
            commands: Vec::new(),
            positions: Vec::new(),
        };
        for (command, event, position) in events {
            let before = told.states.last().cloned().unwrap_or(OrderState::Absent);
            told.states.push(evolve(before, &event));
            told.commands.push(command);
            told.positions.push(position);
        }
        told
    }

    /// How many events it has.
    pub(super) fn version(&self) -> u64 {
        self.commands.len() as u64
    }

    /// What it had come to at a version that it has.
    pub(super) fn at(&self, version: u64) -> Option<&OrderState> {
        self.states.get(usize::try_from(version).ok()?)
    }

    /// The version that a command brought about; `None` if it left no event. Every decision so far is one event.
    pub(super) fn effect(&self, command: CommandId) -> Option<u64> {
        let is_its = |of: &CommandId| *of == command;
        let index = self.commands.iter().position(is_its)?;
        Some(index as u64 + 1)
    }

    /// A command that is there twice.
    pub(super) fn doubled(&self) -> Option<CommandId> {
        let mut seen = HashSet::new();
        let again = |command: &&CommandId| !seen.insert(**command);
        self.commands.iter().find(again).copied()
    }

    /// Whose command brought a version about.
    pub(super) fn command_of(&self, version: u64) -> Option<CommandId> {
        let index = usize::try_from(version.checked_sub(1)?).ok()?;
        self.commands.get(index).copied()
    }

    /// Where a version stands.
    pub(super) fn position_of(&self, version: u64) -> Option<&str> {
        let index = usize::try_from(version.checked_sub(1)?).ok()?;
        self.positions.get(index).map(String::as_str)
    }
}

/// All orders of a log.
pub(super) fn all(log: &Log) -> HashMap<OrderId, Arc<Told>> {
    let orders = log.orders.values().map(|order| {
        let events = order.events().iter().map(|stored| {
            let position = Position {
                incarnation: log.head.incarnation,
                sequence: stored.sequence,
            };
            let envelope = &stored.envelope;
            (
                envelope.command_id,
                envelope.event.clone(),
                position.to_string(),
            )
        });
        (order.id, Arc::new(Told::of(events)))
    });
    orders.collect()
}
