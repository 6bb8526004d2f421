//! A small world around one order: its log, its queue of wakes, its timers and the payment provider, without any I/O.
//!
//! Invariant: it does what the runner promises. Every event and every timer that fired waits on the queue until all
//! effects of its reaction are done, and a command that was carried out is never carried out again. What a runner may
//! do wrong (crash half-way, come late, hand out twice), it does when it is asked to.

use std::{
    collections::{BTreeMap, HashSet, VecDeque},
    time::Duration,
};

use ordertrace_domain::{
    Attempt, Command, Delivery, Event, Order, OrderState, Payment, PaymentMethod, Phase, TimerName,
    Timestamp, Version, decide, evolve, stuck,
    testing::{ManualClock, fixtures::commands::place_order},
};
use ordertrace_saga::{Effect, Moment, Policy, SagaCommand, Wake, answered, react};

use crate::till::{Mood, Till};

/// What waits on the queue.
#[derive(Debug, Clone, Copy)]
enum Item {
    /// The event of this version, counted from 0.
    Event(usize),
    Timer(TimerName, Timestamp),
    Resume(Timestamp),
}

pub(crate) struct World {
    policy: Policy,
    pub(crate) state: OrderState,
    events: Vec<(Event, Timestamp)>,
    queue: VecDeque<Item>,
    handled: Vec<Item>,
    pub(crate) timers: BTreeMap<TimerName, Timestamp>,
    /// Steps and attempts of the saga's commands that led to events.
    carried_out: HashSet<(&'static str, u16)>,
    now: Timestamp,
    pub(crate) till: Till,
}

/// Terms under which every bound is soon reached.
fn policy() -> Policy {
    Policy {
        delivery_attempts_max: Attempt::new(2),
        payment_checks_max: Attempt::new(3),
        refund_attempts_max: Attempt::new(2),
        ..Policy::default()
    }
}

impl World {
    pub(crate) fn with_order(method: PaymentMethod, moods: Vec<Mood>) -> Self {
        let mut world = Self {
            policy: policy(),
            state: OrderState::Absent,
            events: Vec::new(),
            queue: VecDeque::new(),
            handled: Vec::new(),
            timers: BTreeMap::new(),
            carried_out: HashSet::new(),
            now: ManualClock::START,
            till: Till::new(moods),
        };
        assert!(world.give(&place_order(method)), "the order is placed");
        world
    }

    pub(crate) fn order(&self) -> &Order {
        self.state.order().expect("the world has an order")
    }

    pub(crate) fn is_quiet(&self) -> bool {
        self.queue.is_empty()
    }

    pub(crate) fn is_stuck(&self) -> bool {
        stuck(self.order(), Duration::ZERO, &self.policy.patience()).is_some()
    }

    /// Whether it is stuck, and only an operator can begin the next try.
    pub(crate) fn is_given_up(&self) -> bool {
        let is_unknown = matches!(self.order().payment, Payment::Unknown { .. });
        self.is_stuck() && is_unknown && self.order().phase == Phase::Open
    }

    /// Somebody gives a command; says whether it led to events.
    pub(crate) fn give(&mut self, command: &Command) -> bool {
        let events = decide(&self.state, command).unwrap_or_default();
        let is_accepted = !events.is_empty();
        for event in events {
            self.now = self.now.after(Duration::from_millis(1));
            self.state = evolve(std::mem::take(&mut self.state), &event);
            self.queue.push_back(Item::Event(self.events.len()));
            self.events.push((event, self.now));
        }
        is_accepted
    }

    /// Handles the oldest wake; meanwhile somebody may give a command that the saga does not see.
    pub(crate) fn handle(&mut self, meanwhile: Option<&Command>) {
        let Some(item) = self.queue.pop_front() else {
            return;
        };
        let effects = self.effects_of(item);
        let is_raced = meanwhile.is_some_and(|command| self.give(command));
        let seen = self.state.clone();
        self.carry_out(&seen, effects, usize::MAX, is_raced);
        self.handled.push(item);
    }

    /// Handles the oldest wake as far as this many effects, then crashes: the wake is handed out again.
    pub(crate) fn crash_after(&mut self, effects_done: usize) {
        let Some(item) = self.queue.pop_front() else {
            return;
        };
        let effects = self.effects_of(item);
        let seen = self.state.clone();
        self.carry_out(&seen, effects, effects_done, false);
        self.queue.push_front(item);
    }

    /// The oldest wake is left for later.
    pub(crate) fn defer(&mut self) {
        self.queue.rotate_left(usize::from(!self.queue.is_empty()));
    }

    /// Something that was handled is handed out again.
    pub(crate) fn hand_out_again(&mut self, nth: usize) {
        if let Some(index) = nth.checked_rem(self.handled.len()) {
            self.queue.push_back(self.handled[index]);
        }
    }

    /// Time passes until a timer is due, not always the one that is due first.
    pub(crate) fn fire(&mut self, nth: usize) {
        let Some(index) = nth.checked_rem(self.timers.len()) else {
            return;
        };
        let timer = self.timers.keys().copied().nth(index).expect("a timer");
        let at = self.timers.remove(&timer).expect("a timer that is set");
        self.now = self.now.max(at);
        self.queue.push_back(Item::Timer(timer, self.now));
    }

    /// Time passes until the first timer is due.
    pub(crate) fn fire_first(&mut self) {
        let first = self.timers.iter().min_by_key(|(_, at)| **at);
        let first = first.map(|(timer, _)| *timer);
        let place = first.and_then(|first| self.timers.keys().position(|timer| *timer == first));
        self.fire(place.expect("a timer is set"));
    }

    pub(crate) fn resume(&mut self) {
        self.queue.push_back(Item::Resume(self.now));
    }

    fn effects_of(&self, item: Item) -> Vec<Effect> {
        let wake = match item {
            Item::Event(index) => Wake::Event {
                event: &self.events[index].0,
                version: Version::new(index as u64 + 1),
                recorded_at: self.events[index].1,
            },
            Item::Timer(timer, recorded_at) => Wake::Timer { timer, recorded_at },
            Item::Resume(recorded_at) => Wake::Resume { recorded_at },
        };
        react(&self.state, &self.policy, wake)
    }

    fn carry_out(
        &mut self,
        seen: &OrderState,
        effects: Vec<Effect>,
        mut left: usize,
        is_raced: bool,
    ) {
        let mut due = VecDeque::from(effects);
        while let Some(effect) = due.pop_front() {
            if left == 0 {
                return;
            }
            left -= 1;
            match effect {
                Effect::Command(command) => self.obey(&command, is_raced),
                Effect::Schedule { timer, at } => {
                    self.timers.insert(timer, at);
                }
                Effect::CancelTimer(timer) => {
                    self.timers.remove(&timer);
                }
                Effect::CallProvider(call) => {
                    let order = seen
                        .order()
                        .expect("only a placed order calls the provider");
                    let answer = self.till.answer(&call);
                    let moment = Moment {
                        now: self.now,
                        since: self.events.last().map_or(self.now, |(_, at)| *at),
                    };
                    due.extend(answered(order, &self.policy, &call, answer, moment));
                }
            }
        }
    }

    /// A command of the saga. Unless somebody was quicker, it is never in vain: nothing else would wake the order.
    fn obey(&mut self, command: &SagaCommand, is_raced: bool) {
        let id = (command.step, command.attempt.get());
        let is_repeat = self.carried_out.contains(&id);
        let is_accepted = !is_repeat && self.give(&command.command);
        if is_accepted {
            self.carried_out.insert(id);
        }
        assert!(
            is_accepted || is_raced,
            "{command:?} is in vain (a repeat: {is_repeat}) on {:?}\n{}",
            self.order(),
            self.told()
        );
    }

    /// The timer that an order at rest waits for; `None` if it is none that may rest.
    pub(crate) fn awaited(&self) -> Option<TimerName> {
        let order = self.order();
        match (&order.payment, &order.delivery) {
            (Payment::Requested { .. }, _) => Some(TimerName::PaymentDeadline),
            (Payment::Unknown { .. }, _) => Some(TimerName::PaymentCheck),
            (Payment::RefundFailed { .. }, _) => Some(TimerName::RefundRetry),
            (Payment::Approved { .. }, Delivery::Started { .. }) => {
                Some(TimerName::DeliveryDeadline)
            }
            (Payment::Approved { .. }, Delivery::Failed { .. }) => Some(TimerName::DeliveryRetry),
            _ => None,
        }
    }

    /// What the end of the order means for the money.
    pub(crate) fn owes_nothing(&self) -> bool {
        let is_card = self.order().placed.payment_method.is_card();
        match self.order().phase {
            Phase::Completed => {
                self.till.holds_money() == is_card
                    && matches!(self.order().payment, Payment::Approved { .. })
            }
            Phase::Cancelled(_) | Phase::Rejected(_) => {
                !self.till.holds_money() && self.order().payment.is_settled()
            }
            Phase::Open | Phase::Cancelling(_) => false,
        }
    }

    /// The order's events, for the message of a test that fails.
    pub(crate) fn told(&self) -> String {
        let names = self.events.iter().map(|(event, _)| event.event_type().name);
        let timers = &self.timers;
        format!("{:?}, timers {timers:?}", names.collect::<Vec<_>>())
    }
}
