//! A decision told as given, when, then.
//!
//! ```
//! use ordertrace_domain::testing::{fixtures::{card, commands, events, histories}, given};
//!
//! given(histories::requested(card()))
//!     .when(commands::submit_payment())
//!     .then([events::payment_submitted()]);
//! ```

use std::fmt::Write as _;

use crate::{Command, Event, OrderState, Rejection, decide, fold};

/// An order with these events.
#[track_caller]
pub fn given(events: impl IntoIterator<Item = Event>) -> Given {
    Given { events: Vec::new() }.and(events)
}

/// What has happened so far.
#[derive(Debug, Clone)]
#[must_use = "a scenario says nothing before its `then`"]
pub struct Given {
    events: Vec<Event>,
}

impl Given {
    /// These events, too.
    ///
    /// # Panics
    /// When the events are none of an order: the first and only the first is `OrderPlaced`.
    #[track_caller]
    pub fn and(mut self, events: impl IntoIterator<Item = Event>) -> Self {
        self.events.extend(events);
        let names = self.events.iter().map(|event| event.event_type().name);
        for (index, name) in names.enumerate() {
            assert_eq!(
                index == 0,
                name == "OrderPlaced",
                "event {index} of the given ones is {name}"
            );
        }
        self
    }

    /// The command that is given.
    pub fn when(self, command: impl Into<Command>) -> When {
        let state = fold(&self.events);
        let command = command.into();
        When {
            decision: decide(&state, &command),
            events: self.events,
            command,
        }
    }

    /// What the order has come to.
    pub fn state(&self) -> OrderState {
        fold(&self.events)
    }
}

/// A command that was decided.
#[derive(Debug)]
#[must_use = "a scenario says nothing before its `then`"]
pub struct When {
    events: Vec<Event>,
    command: Command,
    decision: Result<Vec<Event>, Rejection>,
}

impl When {
    /// Exactly these events follow.
    ///
    /// # Panics
    /// When others do, or none.
    #[track_caller]
    pub fn then(self, events: impl IntoIterator<Item = Event>) {
        self.check(&Ok(events.into_iter().collect()));
    }

    /// All that the command asks for is so already.
    ///
    /// # Panics
    /// When an event follows, or a rejection.
    #[track_caller]
    pub fn then_nothing(self) {
        self.check(&Ok(Vec::new()));
    }

    /// The business says no.
    ///
    /// # Panics
    /// When it says yes, or no for another reason.
    #[track_caller]
    pub fn then_rejected(self, rejection: Rejection) {
        self.check(&Err(rejection));
    }

    #[track_caller]
    fn check(&self, expected: &Result<Vec<Event>, Rejection>) {
        assert!(
            self.decision == *expected,
            "\ngiven{}\nwhen\n    {:?}\nthen{}\nbut it came to{}\n",
            shown(&self.events),
            self.command,
            shown_decision(expected),
            shown_decision(&self.decision),
        );
    }
}

fn shown_decision(decision: &Result<Vec<Event>, Rejection>) -> String {
    match decision {
        Ok(events) => shown(events),
        Err(rejection) => format!("\n    rejected: {rejection:?}"),
    }
}

/// One event a line, so that two lists can be compared by eye.
fn shown(events: &[Event]) -> String {
    if events.is_empty() {
        return "\n    nothing".to_owned();
    }
    events.iter().fold(String::new(), |mut text, event| {
        // Writing to a string does not fail.
        let _ = write!(text, "\n    {event:?}");
        text
    })
}
