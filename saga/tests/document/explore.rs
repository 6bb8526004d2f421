//! Walks everything that an order can come to: whatever wakes the saga, whatever the provider answers, whatever people do.

use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};
use std::fmt::Write as _;

use ordertrace_domain::{
    Attempt, Command, Event, OrderState, Payment, TimerName, Version, decide, evolve,
    testing::{
        ManualClock,
        fixtures::{
            card, cash,
            commands::{
                approve_payment, complete_delivery, decline_payment, fail_delivery, place_order,
                request_cancellation, request_refund, start_delivery,
            },
            provider_ref, reason, refund_ref,
        },
    },
};
use ordertrace_saga::{
    Effect, Moment, Policy, ProviderAnswer, ProviderCall, Wake, answered,
    provider::{Created, IntentStatus, NoAnswer, Refunded},
    react,
};

use crate::words;

/// An answer may lead to one more call, and that is all.
const CALLS_MAX: usize = 3;

/// Many more than there are, so that an endless walk fails the test.
const STATES_MAX: usize = 10_000;

/// More often than the policy of the walk allows anything to be tried.
const TRIES_MAX: Attempt = Attempt::new(3);

/// Effects of one reaction, in words.
type Reaction = Vec<String>;

#[derive(Default)]
pub(crate) struct Explored {
    steps: BTreeMap<(String, String), BTreeSet<&'static str>>,
    reactions: BTreeMap<String, BTreeMap<String, BTreeSet<Reaction>>>,
    answers: BTreeMap<(&'static str, &'static str), BTreeMap<Reaction, BTreeSet<String>>>,
    seen: HashSet<String>,
    open: VecDeque<(OrderState, Event)>,
}

/// Terms under which every bound is soon reached.
fn policy() -> Policy {
    Policy {
        delivery_attempts_max: Attempt::new(2),
        payment_checks_max: Attempt::new(2),
        refund_attempts_max: Attempt::new(2),
        ..Policy::default()
    }
}

pub(crate) fn explored() -> Explored {
    let mut explored = Explored::default();
    for method in [cash(), card()] {
        explored.take(&OrderState::Absent, &place_order(method));
    }
    let mut states = 0;
    while let Some((state, last)) = explored.open.pop_front() {
        states += 1;
        assert!(states < STATES_MAX, "the walk has no end");
        explored.wake_in(&state, &last);
        for command in people(&state) {
            explored.take(&state, &command);
        }
    }
    explored
}

/// What people may do: customers, couriers, and whoever takes the cash.
fn people(state: &OrderState) -> Vec<Command> {
    let is_card = |order: &ordertrace_domain::Order| order.placed.payment_method.is_card();
    let mut commands = vec![
        request_cancellation(),
        request_refund(),
        start_delivery(),
        complete_delivery(),
        fail_delivery(),
    ];
    if !state.order().is_some_and(is_card) {
        commands.extend([approve_payment(None), decline_payment(None)]);
    }
    commands
}

impl Explored {
    fn wake_in(&mut self, state: &OrderState, last: &Event) {
        let recorded_at = ManualClock::START;
        let timers = TimerName::ALL.into_iter();
        let timers = timers.filter(|timer| *timer != TimerName::Resume);
        let mut wakes = vec![Wake::Event {
            event: last,
            version: state.version(),
            recorded_at,
        }];
        wakes.extend(timers.map(|timer| Wake::Timer { timer, recorded_at }));
        wakes.push(Wake::Resume { recorded_at });
        for wake in wakes {
            let effects = react(state, &policy(), wake);
            if effects.is_empty() {
                continue;
            }
            let words = effects.iter().map(words::effect).collect();
            let reactions = self.reactions.entry(words::state(state)).or_default();
            reactions
                .entry(words::wake(&wake))
                .or_default()
                .insert(words);
            self.carry_out(state, &effects, CALLS_MAX);
        }
    }

    fn carry_out(&mut self, state: &OrderState, effects: &[Effect], calls_left: usize) {
        for effect in effects {
            match effect {
                Effect::Command(command) => self.take(state, &command.command),
                Effect::CallProvider(call) => {
                    assert!(
                        calls_left > 0,
                        "calls follow from one another without an end"
                    );
                    self.ask(state, call, calls_left - 1);
                }
                Effect::Schedule { .. } | Effect::CancelTimer(_) => {}
            }
        }
    }

    fn ask(&mut self, state: &OrderState, call: &ProviderCall, calls_left: usize) {
        let Some(order) = state.order() else { return };
        for answer in answers_to(call) {
            let word = words::answer(&answer);
            let now = ManualClock::START;
            let moment = Moment { now, since: now };
            let effects = answered(order, &policy(), call, answer, moment);
            let reaction = effects.iter().map(words::effect).collect();
            let answers = self.answers.entry((words::call(call), word)).or_default();
            answers
                .entry(reaction)
                .or_default()
                .insert(words::state(state));
            self.carry_out(state, &effects, calls_left);
        }
    }

    /// Carries out a command, and remembers what it leads to.
    fn take(&mut self, state: &OrderState, command: &Command) {
        let mut state = state.clone();
        for event in decide(&state, command).unwrap_or_default() {
            let from = words::state(&state);
            state = evolve(state, &event);
            let to = words::state(&state);
            let names = self.steps.entry((from, to)).or_default();
            names.insert(event.event_type().name);
            if self.seen.insert(essence(&state, &event)) {
                self.open.push_back((state.clone(), event));
            }
        }
    }

    /// The states and steps, for Mermaid.
    pub(crate) fn diagram(&self) -> String {
        let mut text = "```mermaid\nstateDiagram-v2\n".to_owned();
        for ((from, to), events) in &self.steps {
            let events = Vec::from_iter(events.iter().copied()).join(", ");
            let _ = writeln!(text, "    {from} --> {to} : {events}");
        }
        for end in ["cancelled", "completed", "rejected"] {
            let _ = writeln!(text, "    {end} --> [*]");
        }
        text + "```\n"
    }

    /// What the saga does, by state and wake. Wakes with the same reaction share a line.
    pub(crate) fn reaction_table(&self) -> String {
        let mut text = "| state | woken by | does |\n|---|---|---|\n".to_owned();
        for (state, reactions) in &self.reactions {
            let mut lines: BTreeMap<String, Vec<&str>> = BTreeMap::new();
            for (wake, reactions) in reactions {
                let reactions = reactions.iter().map(|reaction| reaction.join(", "));
                let reactions = reactions.collect::<Vec<_>>().join("; *or* ");
                lines.entry(reactions).or_default().push(wake);
            }
            for (reaction, wakes) in lines {
                let wakes = if wakes.len() == TimerName::ALL.len() + 1 {
                    "anything".to_owned()
                } else {
                    wakes.join(", ")
                };
                let _ = writeln!(text, "| `{state}` | {wakes} | {reaction} |");
            }
        }
        text
    }

    /// What follows from the provider's answers. Where that depends on the state, a line for each.
    pub(crate) fn answer_table(&self) -> String {
        let mut text = "| call | answer | follows |\n|---|---|---|\n".to_owned();
        for ((call, answer), reactions) in &self.answers {
            let is_one = reactions.len() == 1;
            for (reaction, states) in reactions {
                let reaction = reaction.join(", ");
                let states = states.iter().map(|state| format!("`{state}`"));
                let states = states.collect::<Vec<_>>().join(", ");
                let place = if is_one {
                    String::new()
                } else {
                    format!(" (in {states})")
                };
                let _ = writeln!(text, "| *{call}* | {answer} | {reaction}{place} |");
            }
        }
        text
    }
}

/// What tells one state of the walk from another: not how many events it took, but the last of them; and not how often
/// something was tried once that is more often than any bound.
fn essence(state: &OrderState, last: &Event) -> String {
    let mut state = state.clone();
    if let OrderState::Placed(order) = &mut state {
        order.version = Version::NONE;
        match &mut order.payment {
            Payment::Unknown { check: tries, .. }
            | Payment::RefundRequested { refund: tries, .. }
            | Payment::RefundFailed { refund: tries, .. } => *tries = (*tries).min(TRIES_MAX),
            Payment::NotRequested
            | Payment::Requested { .. }
            | Payment::Submitted { .. }
            | Payment::Approved { .. }
            | Payment::Declined { .. }
            | Payment::Expired
            | Payment::Voided
            | Payment::Refunded { .. } => {}
        }
    }
    format!("{state:?} {}", last.event_type().name)
}

/// Everything that the provider may answer.
fn answers_to(call: &ProviderCall) -> Vec<ProviderAnswer> {
    let none = || {
        [
            NoAnswer::Unknown(reason("no answer")),
            NoAnswer::NotAsked {
                reason: reason("away"),
                retry_after: None,
            },
        ]
    };
    match call {
        ProviderCall::Create(_) => {
            let said = [
                Created::Intent(provider_ref()),
                Created::Refused(reason("no such card")),
            ];
            let said = said.into_iter().map(Ok);
            said.chain(none().map(Err))
                .map(ProviderAnswer::Created)
                .collect()
        }
        ProviderCall::Confirm(_) | ProviderCall::LookUp(_) | ProviderCall::Cancel(_) => {
            let said = [
                IntentStatus::Unconfirmed,
                IntentStatus::Succeeded,
                IntentStatus::Declined(reason("no funds")),
                IntentStatus::Cancelled,
                IntentStatus::Pending(reason("processing")),
            ];
            let said = said.into_iter().map(Ok);
            said.chain(none().map(Err))
                .map(ProviderAnswer::Intent)
                .collect()
        }
        ProviderCall::Refund(_) => {
            let said = [
                Refunded::Done(refund_ref()),
                Refunded::Pending(reason("on its way")),
                Refunded::Refused(reason("no balance")),
            ];
            let said = said.into_iter().map(Ok);
            said.chain(none().map(Err))
                .map(ProviderAnswer::Refunded)
                .collect()
        }
    }
}
