//! A state of the model: orders with all that surrounds them, and how much may still go wrong.
//!
//! Invariant: what makes no difference is not in it. The queue is a set without an order, for work may come in any; time
//! is not there, for a timer may fire at any moment.

use ordertrace_domain::{Event, Order, OrderState, TimerName};
use ordertrace_saga::{Effect, ProviderCall};

use crate::{
    book::{Item, Ref},
    till::{Reply, Request, Till},
};

/// The whole shop.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Shop {
    pub(crate) cases: Vec<Case>,
    pub(crate) left: Left,
}

/// How often it may still happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Left {
    /// Any fault but a crash.
    pub(crate) faults: u8,
    pub(crate) crashes: u8,
    /// A customer changes their mind.
    pub(crate) cancellations: u8,
    /// Nobody is at home when the courier comes.
    pub(crate) failed_visits: u8,
    /// An operator resumes a stuck order.
    pub(crate) resumes: u8,
}

/// One order: its log, its queue, its timers, the work in hand, and its account with the payment provider.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Case {
    pub(crate) state: Ref<OrderState>,
    /// Sorted, so that it compares as a set.
    pub(crate) queue: Vec<Item>,
    pub(crate) timers: Timers,
    /// The commands of the saga that led to events. Sorted.
    pub(crate) done: Vec<Ref<Effect>>,
    /// The work of the saga that is active, and of one that was replaced and does not know it yet.
    pub(crate) hands: [Option<Work>; 2],
    pub(crate) till: Till,
    /// Requests that we gave up on, and that will reach the provider all the same. Sorted.
    pub(crate) late: Vec<Request>,
    pub(crate) slips: Slips,
}

/// Which hand is whose.
pub(crate) const ACTIVE: u8 = 0;
pub(crate) const REPLACED: u8 = 1;

/// A piece of work under way.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Work {
    pub(crate) item: Item,
    /// What the order had come to when the saga looked.
    pub(crate) seen: Ref<OrderState>,
    /// Whether its commands hold for the seen version only.
    pub(crate) expects: bool,
    /// What is to be done, the next thing last.
    pub(crate) due: Vec<Ref<Effect>>,
    /// The call to the provider that is under way: the thing to be done next.
    pub(crate) request: Option<Asked>,
    /// The version at which a step was refused.
    pub(crate) refused_at: Option<u16>,
    /// Another process has acknowledged it.
    pub(crate) is_acknowledged: bool,
}

impl Work {
    /// The call to the provider that is next, or under way.
    pub(crate) fn call(&self) -> Option<&ProviderCall> {
        match self.due.last().map(|effect| &**effect) {
            Some(Effect::CallProvider(call)) => Some(call),
            Some(Effect::Command(_) | Effect::Schedule { .. } | Effect::CancelTimer(_)) | None => {
                None
            }
        }
    }

    pub(crate) const fn is_by_timer(&self) -> bool {
        matches!(self.item, Item::Timer(_))
    }
}

/// A request to the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Asked {
    pub(crate) request: Request,
    /// The reply that is on its way back.
    pub(crate) reply: Option<Reply>,
}

/// The timers that are set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) struct Timers(u8);

impl Timers {
    const fn bit(timer: TimerName) -> u8 {
        1 << timer as u8
    }

    pub(crate) const fn set(&mut self, timer: TimerName) {
        self.0 |= Self::bit(timer);
    }

    pub(crate) const fn unset(&mut self, timer: TimerName) {
        self.0 &= !Self::bit(timer);
    }

    pub(crate) const fn is_set(self, timer: TimerName) -> bool {
        self.0 & Self::bit(timer) != 0
    }

    pub(crate) const fn count(self) -> u32 {
        self.0.count_ones()
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = TimerName> {
        let all = TimerName::ALL.into_iter();
        all.filter(move |timer| self.is_set(*timer))
    }
}

/// What must never happen, and can't be told from a state but only from the step to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) struct Slips(u8);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Slip {
    /// A step of the saga led to events twice.
    StepTwice,
    /// An order was withdrawn as overdue though its payment was not open.
    OverdueThoughClosed,
    /// An unknown outcome was looked up before its timer went off.
    LookedUpEarly,
    /// A command was refused for good, so that its work was parked.
    Parked,
    /// An order that had ended was not left alone.
    NotLeftAlone,
    /// A step brought the shop no nearer to its end.
    NoProgress,
}

impl Slips {
    pub(crate) const fn note(&mut self, slip: Slip) {
        self.0 |= 1 << slip as u8;
    }

    pub(crate) const fn has(self, slip: Slip) -> bool {
        self.0 & 1 << slip as u8 != 0
    }
}

impl Case {
    pub(crate) fn order(&self) -> &Order {
        self.state.order().expect("only placed orders are checked")
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.order().phase.has_ended()
    }

    /// Whether the saga has nothing to do for it, unless something happens.
    pub(crate) fn is_at_rest(&self) -> bool {
        self.queue.is_empty() && self.hands.iter().all(Option::is_none)
    }

    /// Whether nothing will happen to it by itself any more.
    pub(crate) fn is_quiescent(&self) -> bool {
        self.is_at_rest() && self.late.is_empty() && self.timers.count() == 0
    }

    pub(crate) fn enqueue(&mut self, item: Item) {
        insert(&mut self.queue, item);
    }

    pub(crate) fn dequeue(&mut self, item: &Item) -> bool {
        let place = self.queue.iter().position(|it| it == item);
        place.map(|place| self.queue.remove(place)).is_some()
    }

    /// Events were appended; each wakes the saga.
    pub(crate) fn append(&mut self, story: &[(Ref<Event>, Ref<OrderState>)]) {
        for (event, then) in story {
            self.state = then.clone();
            self.enqueue(Item::Event {
                event: event.clone(),
                then: then.clone(),
            });
        }
    }
}

/// Keeps a list sorted, without repeats where there are none.
pub(crate) fn insert<T: Ord>(sorted: &mut Vec<T>, value: T) {
    let place = sorted.partition_point(|it| *it <= value);
    sorted.insert(place, value);
}
