//! The product's pure functions, looked up: each is called once for each argument, and what it said is remembered.
//!
//! Invariant: a [`Ref`] is equal to another, and hashes like it, if and only if the values are equal; so a state of the
//! model is a few numbers, and millions of them fit. Nothing is decided here.

use std::{
    cmp::Ordering,
    collections::HashMap,
    fmt,
    hash::{Hash, Hasher},
    ops::Deref,
    sync::{Arc, Mutex},
};

use ordertrace_domain::{
    Command, Event, OrderState, Rejection, TimerName, Version, decide, evolve, testing::ManualClock,
};
use ordertrace_saga::{Effect, Moment, Policy, SagaCommand, Wake};

use crate::{
    adapter::{Next, Outcome},
    rules::Rules,
    till::Request,
};

/// A value that is in the book, known by its number there.
pub(crate) struct Ref<T>(Arc<(u16, T)>);

impl<T> Clone for Ref<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Deref for Ref<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0.1
    }
}

impl<T> PartialEq for Ref<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0.0 == other.0.0
    }
}

impl<T> Eq for Ref<T> {}

impl<T> PartialOrd for Ref<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Ref<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.0.cmp(&other.0.0)
    }
}

impl<T> Hash for Ref<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u16(self.0.0);
    }
}

impl<T: fmt::Debug> fmt::Debug for Ref<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.1.fmt(f)
    }
}

/// What waits on an order's queue.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Item {
    Event {
        event: Ref<Event>,
        /// What the order had come to with it: the oldest state that a stale read may show.
        then: Ref<OrderState>,
    },
    Timer(TimerName),
}

/// Events, each with what the order has come to with it.
pub(crate) type Story = Arc<[(Ref<Event>, Ref<OrderState>)]>;

/// What is to be done.
pub(crate) type Due = Arc<[Ref<Effect>]>;

/// What comes after a request to the provider.
#[derive(Debug, Clone)]
pub(crate) enum Afterwards {
    Ask(Request),
    Do(Due),
}

#[derive(Default)]
struct Pages {
    states: Vec<Ref<OrderState>>,
    events: Vec<Ref<Event>>,
    effects: Vec<Ref<Effect>>,
    reactions: HashMap<(Ref<OrderState>, Item), Due>,
    decisions: HashMap<(Ref<OrderState>, Ref<Effect>), Result<Story, Rejection>>,
    answers: HashMap<(Ref<OrderState>, Ref<Effect>, Request, Outcome), Afterwards>,
    /// By the place of the command in the list of what people may ask for.
    wishes: HashMap<(Ref<OrderState>, usize), Option<Story>>,
}

/// The book of one model.
pub(crate) struct Book {
    pub(crate) rules: Rules,
    pub(crate) policy: Policy,
    pages: Mutex<Pages>,
}

/// Time is abstract: everything happens at once, and a timer that is set may fire at any moment.
const MOMENT: Moment = Moment {
    now: ManualClock::START,
    since: ManualClock::START,
};

impl Book {
    pub(crate) fn new(rules: Rules, policy: Policy) -> Self {
        let pages = Mutex::default();
        Self {
            rules,
            policy,
            pages,
        }
    }

    /// What is due.
    pub(crate) fn react(&self, state: &Ref<OrderState>, item: &Item) -> Due {
        let pages = &mut *self.pages.lock().expect("no panic while it was held");
        let key = (state.clone(), item.clone());
        if let Some(known) = pages.reactions.get(&key) {
            return Arc::clone(known);
        }
        let due = (self.rules.react)(state, &self.policy, wake(item));
        let due: Arc<[_]> = due
            .into_iter()
            .map(|it| noted(&mut pages.effects, it))
            .collect();
        pages.reactions.insert(key, Arc::clone(&due));
        due
    }

    /// What a command of the saga leads to.
    pub(crate) fn decide(
        &self,
        state: &Ref<OrderState>,
        effect: &Ref<Effect>,
        command: &Command,
    ) -> Result<Story, Rejection> {
        let pages = &mut *self.pages.lock().expect("no panic while it was held");
        let key = (state.clone(), effect.clone());
        if let Some(known) = pages.decisions.get(&key) {
            return known.clone();
        }
        let decision = decide(state, command).map(|events| pages.story(state, events));
        pages.decisions.insert(key, decision.clone());
        decision
    }

    /// What a person's command leads to; `None` if it leads to nothing. `nth` stands for the command.
    pub(crate) fn wish(
        &self,
        state: &Ref<OrderState>,
        nth: usize,
        command: impl Fn() -> Command,
    ) -> Option<Story> {
        let pages = &mut *self.pages.lock().expect("no panic while it was held");
        let key = (state.clone(), nth);
        if let Some(known) = pages.wishes.get(&key) {
            return known.clone();
        }
        let events = decide(state, &command()).unwrap_or_default();
        let story = (!events.is_empty()).then(|| pages.story(state, events));
        pages.wishes.insert(key, story.clone());
        story
    }

    /// What follows from a request to the provider that is part of a call.
    pub(crate) fn go_on(
        &self,
        seen: &Ref<OrderState>,
        call: &Ref<Effect>,
        request: Request,
        outcome: Outcome,
    ) -> Afterwards {
        let pages = &mut *self.pages.lock().expect("no panic while it was held");
        let key = (seen.clone(), call.clone(), request, outcome);
        if let Some(known) = pages.answers.get(&key) {
            return known.clone();
        }
        let (Effect::CallProvider(asked), Some(order)) = (&**call, seen.order()) else {
            unreachable!("only a placed order calls the provider");
        };
        let afterwards = match (self.rules.go_on)(asked, request, outcome) {
            Next::Ask(next) => Afterwards::Ask(next),
            Next::Answer(answer) => {
                let due = (self.rules.answered)(order, &self.policy, asked, answer, MOMENT);
                let due = due.into_iter().map(|it| noted(&mut pages.effects, it));
                Afterwards::Do(due.collect())
            }
        };
        pages.answers.insert(key, afterwards.clone());
        afterwards
    }

    /// The same state as if it had come about in no time: for orders whose version matters no more.
    pub(crate) fn ageless(&self, state: &Ref<OrderState>) -> Ref<OrderState> {
        let mut ageless = OrderState::clone(state);
        if let OrderState::Placed(order) = &mut ageless {
            order.version = Version::NONE;
        }
        let pages = &mut *self.pages.lock().expect("no panic while it was held");
        noted(&mut pages.states, ageless)
    }

    /// An order that was just placed.
    pub(crate) fn placed(&self, command: &Command) -> Story {
        let pages = &mut *self.pages.lock().expect("no panic while it was held");
        let nothing = noted(&mut pages.states, OrderState::Absent);
        let events = decide(&nothing, command).expect("an order can be placed");
        pages.story(&nothing, events)
    }
}

/// Whether two commands of the saga to one order have the same id: it is derived from step and attempt.
pub(crate) fn have_one_id(one: &SagaCommand, other: &SagaCommand) -> bool {
    (one.step, one.attempt) == (other.step, other.attempt)
}

impl Pages {
    fn story(&mut self, state: &Ref<OrderState>, events: Vec<Event>) -> Story {
        let mut state = state.clone();
        let told = events.into_iter().map(|event| {
            let next = evolve(OrderState::clone(&state), &event);
            state = noted(&mut self.states, next);
            (noted(&mut self.events, event), state.clone())
        });
        told.collect()
    }
}

fn noted<T: PartialEq>(known: &mut Vec<Ref<T>>, value: T) -> Ref<T> {
    if let Some(found) = known.iter().find(|it| ***it == value) {
        return found.clone();
    }
    let number = u16::try_from(known.len()).expect("few different values");
    let new = Ref(Arc::new((number, value)));
    known.push(new.clone());
    new
}

fn wake(item: &Item) -> Wake<'_> {
    let recorded_at = ManualClock::START;
    match item {
        Item::Event { event, then } => Wake::Event {
            event,
            version: then.version(),
            recorded_at,
        },
        Item::Timer(TimerName::Resume) => Wake::Resume { recorded_at },
        Item::Timer(timer) => Wake::Timer {
            timer: *timer,
            recorded_at,
        },
    }
}
