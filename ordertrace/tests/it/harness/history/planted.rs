//! Histories that are as they should be, and others with one thing wrong, to show that the check tells them apart.

use std::collections::HashMap;
use std::sync::Arc;

use ordertrace_domain::testing::fixtures::events::{
    order_placed, payment_approved, payment_requested,
};
use ordertrace_domain::{CommandId, Event, OrderId, PaymentMethod};
use uuid::Uuid;

use super::check::{Violation, violations};
use super::told::Told;
use super::{Action, Ask, Heard, Operation, Refused, order_placed_by};

/// A history of one order, with a clock that stands at the end of the last operation.
struct Planted {
    id: OrderId,
    events: Vec<(CommandId, Event, String)>,
    operations: Vec<Operation>,
    now: u64,
}

fn place() -> Event {
    order_placed(PaymentMethod::Cash)
}

fn request() -> Event {
    payment_requested(PaymentMethod::Cash)
}

fn approve() -> Event {
    payment_approved(None)
}

fn done(version: u64) -> Heard {
    Heard::Done {
        version,
        position: format!("p-{version}"),
        digest: 0,
    }
}

fn rejected(word: &str) -> Heard {
    Heard::Refused(Refused::Rejected(word.to_owned()))
}

impl Planted {
    /// Nothing was asked yet.
    fn new() -> Self {
        Self {
            id: order_placed_by("place"),
            events: Vec::new(),
            operations: Vec::new(),
            now: 0,
        }
    }

    /// Placed by one client, and gone on with by the saga: at version 2.
    fn placed() -> Self {
        let mut planted = Self::new();
        planted.wrote("place", Action::Place, place());
        planted.saga(request());
        planted.ended(1, "place", Action::Place, done(1));
        planted
    }

    fn ask(&self, key: &str, action: Action) -> Ask {
        let mut ask = Ask::new(self.id, action);
        ask.key = (!key.is_empty()).then(|| key.to_owned());
        ask
    }

    /// The log has an event of a client's command.
    fn wrote(&mut self, key: &str, action: Action, event: Event) {
        let command = self.ask(key, action).command_id().unwrap();
        self.push(command, event);
    }

    /// The log has an event that no client asked for.
    fn saga(&mut self, event: Event) {
        let number = self.events.len() as u128;
        self.push(CommandId::from_uuid(Uuid::from_u128(number)), event);
    }

    fn push(&mut self, command: CommandId, event: Event) {
        let position = format!("p-{}", self.events.len() + 1);
        self.events.push((command, event, position));
    }

    /// An operation that began after all others had ended.
    fn ended(&mut self, process: u64, key: &str, action: Action, heard: Heard) {
        let asked_at = self.now + 1;
        self.overlapped(process, key, action, asked_at, heard);
    }

    /// An operation that began at a certain time, and ends after all others.
    fn overlapped(&mut self, process: u64, key: &str, action: Action, at: u64, heard: Heard) {
        self.now += 10;
        self.operations.push(Operation {
            process,
            ask: self.ask(key, action),
            asked_ns: at,
            heard_ns: self.now,
            heard,
        });
    }

    fn violations(self) -> Vec<Violation> {
        let told = Arc::new(Told::of(self.events));
        violations(&self.operations, &HashMap::from([(self.id, told)]))
    }

    #[track_caller]
    fn assert_right(self) {
        assert_eq!(self.violations(), []);
    }

    #[track_caller]
    fn assert_not_linearizable(self) {
        let found = self.violations();
        assert!(
            matches!(found.as_slice(), [Violation::NotLinearizable(..)]),
            "{found:?}"
        );
    }
}

#[test]
fn one_client_after_the_other_is_linearizable() {
    let mut planted = Planted::placed();
    planted.wrote("a", Action::Approve, approve());
    planted.ended(2, "a", Action::Approve, done(3));
    planted.ended(
        1,
        "",
        Action::ReadVersion,
        Heard::Refused(Refused::AtVersion(3)),
    );
    planted.ended(1, "c", Action::Complete, rejected("DeliveryNotPrepared"));
    // A repeat, and a command that finds its work done.
    planted.ended(3, "a", Action::Approve, done(3));
    planted.ended(3, "b", Action::Approve, done(3));
    planted.assert_right();
}

#[test]
fn of_two_that_overlap_either_may_come_first() {
    let mut planted = Planted::placed();
    planted.wrote("a", Action::Approve, approve());
    let began = planted.now + 1;
    planted.overlapped(2, "a", Action::Approve, began, done(3));
    let before = Heard::Refused(Refused::AtVersion(2));
    planted.overlapped(3, "", Action::ReadVersion, began, before);
    planted.assert_right();
}

#[test]
fn what_nobody_heard_of_may_have_been_done_at_once_or_later_or_never() {
    let mut planted = Planted::placed();
    planted.ended(2, "never", Action::Cancel, Heard::Unknown(String::new()));
    planted.ended(3, "a", Action::Approve, Heard::Unknown(String::new()));
    planted.ended(
        1,
        "",
        Action::ReadVersion,
        Heard::Refused(Refused::AtVersion(2)),
    );
    planted.ended(
        1,
        "",
        Action::ReadVersion,
        Heard::Refused(Refused::AtVersion(3)),
    );
    planted.wrote("a", Action::Approve, approve());
    planted.assert_right();
}

#[test]
fn an_operation_does_not_take_effect_before_it_began_even_if_it_was_never_answered() {
    let mut planted = Planted::placed();
    planted.ended(
        1,
        "",
        Action::ReadVersion,
        Heard::Refused(Refused::AtVersion(3)),
    );
    planted.ended(2, "a", Action::Approve, Heard::Unknown(String::new()));
    planted.wrote("a", Action::Approve, approve());
    planted.assert_not_linearizable();
}

#[test]
fn a_lost_update_is_found() {
    let mut planted = Planted::placed();
    let id = planted.id;
    // Both were told that theirs is version 3; the log has one of them, where both were said to be.
    planted.wrote("a", Action::Approve, approve());
    planted.ended(2, "a", Action::Approve, done(3));
    planted.ended(3, "c", Action::Cancel, done(3));
    planted.assert_not_linearizable();

    let mut planted = Planted::placed();
    planted.ended(2, "a", Action::Approve, done(3));
    assert_eq!(planted.violations(), [Violation::Lost(id, 3)]);
}

#[test]
fn an_answer_from_a_stale_read_after_an_acknowledgement_is_found() {
    let stale = [
        (Action::ReadVersion, Heard::Refused(Refused::AtVersion(2))),
        (Action::Approve, rejected("PaymentNotRequested")),
        (Action::Cancel, Heard::Refused(Refused::NotFound)),
    ];
    for (action, heard) in stale {
        let mut planted = Planted::placed();
        planted.wrote("a", Action::Approve, approve());
        planted.ended(2, "a", Action::Approve, done(3));
        planted.ended(3, "", action, heard);
        planted.assert_not_linearizable();
    }
}

#[test]
fn a_command_that_was_carried_out_twice_is_found() {
    let mut planted = Planted::placed();
    let id = planted.id;
    planted.wrote("a", Action::Approve, approve());
    planted.saga(request());
    planted.wrote("a", Action::Approve, approve());
    planted.ended(2, "a", Action::Approve, done(3));
    assert_eq!(planted.violations(), [Violation::Doubled(id)]);
}

#[test]
fn a_repeat_that_is_answered_otherwise_is_found() {
    let mut planted = Planted::placed();
    planted.wrote("a", Action::Approve, approve());
    planted.ended(2, "a", Action::Approve, done(3));
    planted.ended(2, "a", Action::Approve, rejected("PaymentAlreadyApproved"));
    planted.assert_not_linearizable();
}

#[test]
fn a_change_of_which_it_was_said_that_nothing_was_changed_is_found() {
    let mut planted = Planted::placed();
    let id = planted.id;
    planted.wrote("a", Action::Approve, approve());
    let unchanged = Heard::Unchanged("log-unavailable".to_owned());
    planted.ended(2, "a", Action::Approve, unchanged);
    assert_eq!(planted.violations(), [Violation::Denied(id)]);
}

#[test]
fn a_command_that_went_through_though_it_expected_another_version_is_found() {
    let mut planted = Planted::placed();
    planted.wrote("a", Action::Approve, approve());
    planted.ended(2, "a", Action::Approve, done(3));
    let approving = planted.operations.last_mut().unwrap();
    approving.ask.if_match = Some(1);
    planted.assert_not_linearizable();
}

#[test]
fn a_view_that_shows_less_than_was_asked_for_is_found() {
    let mut planted = Planted::placed();
    let id = planted.id;
    planted.ended(2, "", Action::Look, done(1));
    let looking = planted.operations.last_mut().unwrap();
    looking.ask.seen = Some((2, "p-2".to_owned()));
    assert_eq!(planted.violations(), [Violation::Stale(id, 1)]);
}
