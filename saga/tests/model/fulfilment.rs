//! The model: where it begins, and what each thing that happens makes of it.
//!
//! Invariant: nothing in it decides what an order does; that is asked of the product's own functions, through the book.

use std::sync::atomic::{AtomicU64, Ordering};

use ordertrace_domain::{PaymentMethod, TimerName, testing::fixtures::commands::place_order};
use stateright::{Model, Property};

use crate::{
    action::{Act, Action, Person},
    book::{Book, Item, Story},
    possible::possible,
    progress::is_progress,
    properties,
    runner::{acknowledge_elsewhere, carry_out, hand_back, hear_reply, send, take},
    state::{ACTIVE, Case, Left, REPLACED, Shop, Slip, Slips, Timers, Work},
    tidy::tidy,
    till::{Card, Till},
};

/// How an order is paid, and what the means of payment is good for.
#[derive(Debug, Clone)]
pub(crate) struct Customer {
    pub(crate) method: PaymentMethod,
    pub(crate) card: Card,
}

/// The model and its bounds.
pub(crate) struct Fulfilment {
    pub(crate) book: Book,
    pub(crate) customers: Vec<Customer>,
    pub(crate) left: Left,
    /// A second process may take over while the first goes on.
    pub(crate) has_takeovers: bool,
    pub(crate) has_operator_refunds: bool,
    /// The provider makes a second refund of the same money.
    pub(crate) is_careless: bool,
    /// Which of the states that have to be met were met.
    pub(crate) met: AtomicU64,
}

impl Fulfilment {
    /// What a person's wish leads to, if it leads to anything.
    pub(crate) fn wish(&self, case: &Case, who: Person) -> Option<Story> {
        let command = who.command()?;
        self.book
            .wish(&case.state, who as usize, || command.clone())
    }

    /// Whether it holds for the first time.
    pub(crate) fn is_first(&self, bit: u32, holds: impl FnOnce() -> bool) -> bool {
        let bit = 1 << bit;
        let is_met = self.met.load(Ordering::Relaxed) & bit != 0;
        !is_met && holds() && self.met.fetch_or(bit, Ordering::Relaxed) & bit == 0
    }

    fn happen(&self, shop: &mut Shop, nth: usize, act: &Act) {
        let book = &self.book;
        let case = &mut shop.cases[nth];
        match act {
            Act::Take { item, is_stale } => take(book, case, item, *is_stale),
            Act::Do { hand, is_too_late } => {
                with(case, *hand, |case, work| {
                    carry_out(book, case, work, *is_too_late)
                });
            }
            Act::Send(hand, fate) => with(case, *hand, |case, work| send(book, case, work, *fate)),
            Act::Hear { hand, is_lost } => {
                with(case, *hand, |_, work| hear_reply(book, work, *is_lost));
            }
            Act::Acknowledge { hand, is_lost } => acknowledge(case, *hand, *is_lost),
            Act::Replace => {
                let work = case.hands[usize::from(ACTIVE)].take();
                if let Some(work) = &work {
                    hand_back(case, work.clone());
                }
                case.hands[usize::from(REPLACED)] = work;
            }
            Act::Arrive(request) => {
                let place = case.late.iter().position(|late| late == request);
                place.map(|place| case.late.remove(place));
                case.till.act(*request);
            }
            Act::Wish(Person::OperatorResumes) => case.enqueue(Item::Timer(TimerName::Resume)),
            Act::Wish(who) => {
                if let Some(story) = self.wish(case, *who) {
                    case.append(&story);
                }
            }
        }
    }
}

fn with(case: &mut Case, hand: u8, change: impl FnOnce(&mut Case, &mut Work)) {
    if let Some(mut work) = case.hands[usize::from(hand)].take() {
        change(case, &mut work);
        case.hands[usize::from(hand)] = Some(work);
    }
}

fn crash(case: &mut Case) {
    if let Some(work) = case.hands[usize::from(ACTIVE)].take() {
        hand_back(case, work);
    }
}

fn acknowledge(case: &mut Case, hand: u8, is_lost: bool) {
    let Some(work) = case.hands[usize::from(hand)].take() else {
        return;
    };
    if is_lost {
        hand_back(case, work);
    } else if hand == REPLACED {
        acknowledge_elsewhere(case, &work.item);
    }
}

impl Model for Fulfilment {
    type State = Shop;
    type Action = Action;

    fn init_states(&self) -> Vec<Shop> {
        let case = |customer: &Customer| {
            let story = self.book.placed(&place_order(customer.method.clone()));
            let mut case = Case {
                state: story[0].1.clone(),
                queue: Vec::new(),
                timers: Timers::default(),
                done: Vec::new(),
                hands: [None, None],
                till: Till::new(customer.card, self.is_careless),
                late: Vec::new(),
                slips: Slips::default(),
            };
            case.append(&story);
            case
        };
        let cases = self.customers.iter().map(case).collect();
        let left = self.left;
        vec![Shop { cases, left }]
    }

    fn actions(&self, shop: &Shop, actions: &mut Vec<Action>) {
        possible(self, shop, actions);
    }

    fn next_state(&self, shop: &Shop, action: Action) -> Option<Shop> {
        let mut next = shop.clone();
        next.left = next.left.after(&action);
        match &action {
            Action::Crash => next.cases.iter_mut().for_each(crash),
            Action::To(nth, act) => self.happen(&mut next, *nth, act),
        }
        let may_look_back = next.left.faults > 0;
        let is_spent = next.left != shop.left;
        for (case, before) in next.cases.iter_mut().zip(&shop.cases) {
            if case == before && !is_spent {
                continue;
            }
            tidy(self, case, may_look_back);
            if !is_spent && !is_progress(before, case) {
                case.slips.note(Slip::NoProgress);
            }
        }
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        properties::all()
    }
}
