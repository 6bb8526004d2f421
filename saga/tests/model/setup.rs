//! The shops that are checked, each with bounds of its own: more orders, or more that goes wrong with one.

use std::sync::atomic::AtomicU64;

use ordertrace_domain::{
    Attempt,
    testing::fixtures::{card, cash},
};
use ordertrace_saga::Policy;

use crate::{
    book::Book,
    fulfilment::{Customer, Fulfilment},
    rules::Rules,
    state::Left,
    till::Card,
};

/// Terms under which every bound is soon reached.
fn policy() -> Policy {
    Policy {
        delivery_attempts_max: Attempt::new(2),
        payment_checks_max: Attempt::new(2),
        refund_attempts_max: Attempt::new(2),
        ..Policy::default()
    }
}

fn by_card(card_is: Card) -> Customer {
    Customer {
        method: card(),
        card: card_is,
    }
}

fn in_cash() -> Customer {
    Customer {
        method: cash(),
        card: Card::Unknown,
    }
}

/// One customer may change their mind; nothing else is out of the ordinary, but timers go off at any moment.
const CALM: Left = Left {
    faults: 0,
    crashes: 0,
    cancellations: 1,
    failed_visits: 0,
    resumes: 0,
};

fn shop(rules: Rules, customers: Vec<Customer>, left: Left) -> Fulfilment {
    Fulfilment {
        book: Book::new(rules, policy()),
        customers,
        left,
        has_takeovers: false,
        has_operator_refunds: false,
        is_careless: false,
        met: AtomicU64::new(0),
    }
}

/// A good card and one that is refused, and any one fault.
pub(crate) fn two_cards_and_a_fault(rules: Rules) -> Fulfilment {
    let customers = vec![by_card(Card::Good), by_card(Card::Declined)];
    shop(rules, customers, Left { faults: 1, ..CALM })
}

/// The same, and a crash that hits both.
pub(crate) fn two_cards_and_a_crash(rules: Rules) -> Fulfilment {
    let customers = vec![by_card(Card::Good), by_card(Card::Declined)];
    shop(rules, customers, Left { crashes: 1, ..CALM })
}

/// A card and cash, a crash that hits both, and nobody who changes their mind.
pub(crate) fn card_and_cash(rules: Rules) -> Fulfilment {
    let customers = vec![by_card(Card::Good), in_cash()];
    let left = Left {
        crashes: 1,
        cancellations: 0,
        ..CALM
    };
    shop(rules, customers, left)
}

/// Two cards with a crash and a fault besides: minutes.
pub(crate) fn two_cards_a_crash_and_a_fault(rules: Rules) -> Fulfilment {
    let customers = vec![by_card(Card::Good), by_card(Card::Declined)];
    let left = Left {
        faults: 1,
        crashes: 1,
        ..CALM
    };
    shop(rules, customers, left)
}

/// One order, a crash and a fault, and goods that nobody takes at first.
pub(crate) fn a_crash_and_a_fault(rules: Rules) -> Fulfilment {
    let left = Left {
        faults: 1,
        crashes: 1,
        failed_visits: 1,
        ..CALM
    };
    shop(rules, vec![by_card(Card::Good)], left)
}

/// One order and two faults, and an operator who resumes it when it is listed.
pub(crate) fn two_faults(rules: Rules) -> Fulfilment {
    let left = Left {
        faults: 2,
        resumes: 1,
        ..CALM
    };
    shop(rules, vec![by_card(Card::Good)], left)
}

/// Another process takes over while the first goes on.
pub(crate) fn a_takeover(rules: Rules) -> Fulfilment {
    let left = Left {
        faults: 1,
        failed_visits: 1,
        ..CALM
    };
    Fulfilment {
        has_takeovers: true,
        ..shop(rules, vec![by_card(Card::Good)], left)
    }
}

/// An operator may give the money back at any time, and the goods come back once.
pub(crate) fn an_operator(rules: Rules) -> Fulfilment {
    let left = Left {
        crashes: 1,
        failed_visits: 2,
        ..CALM
    };
    Fulfilment {
        has_operator_refunds: true,
        ..shop(rules, vec![by_card(Card::Good)], left)
    }
}

/// One order in cash, which an operator may give the money back for.
pub(crate) fn cash_alone(rules: Rules) -> Fulfilment {
    let left = Left {
        crashes: 1,
        failed_visits: 1,
        ..CALM
    };
    Fulfilment {
        has_operator_refunds: true,
        ..shop(rules, vec![in_cash()], left)
    }
}

/// A provider that gives the money back as often as it is asked.
pub(crate) fn a_careless_provider(rules: Rules) -> Fulfilment {
    let left = Left { faults: 1, ..CALM };
    Fulfilment {
        is_careless: true,
        ..shop(rules, vec![by_card(Card::Good)], left)
    }
}

/// A card that is refused at first, and would be charged if the same intent were confirmed again.
pub(crate) fn a_second_chance(rules: Rules) -> Fulfilment {
    let left = Left {
        faults: 1,
        crashes: 1,
        ..CALM
    };
    shop(rules, vec![by_card(Card::DeclinedAtFirst)], left)
}

/// A card that the provider does not know.
pub(crate) fn an_unknown_card(rules: Rules) -> Fulfilment {
    let left = Left {
        faults: 1,
        crashes: 1,
        ..CALM
    };
    shop(rules, vec![by_card(Card::Unknown)], left)
}
