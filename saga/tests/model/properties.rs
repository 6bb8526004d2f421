//! What must hold in every state, and what must be met in some.
//!
//! Invariant: each property that must hold fails for a reason of its own, so that a broken rule is found by the one that
//! is there for it.

use std::time::Duration;

use ordertrace_domain::{Delivery, Order, Payment, Phase, TimerName, stuck};
use stateright::Property;

use crate::{
    fulfilment::Fulfilment,
    sights::sometimes,
    state::{Case, Shop, Slip},
    till::{Request, Standing},
};

pub(crate) const ONE_NET_CHARGE: &str = "an order is charged at most once, and given back no more";
pub(crate) const PROVIDERS_WORD: &str = "a payment closes as the provider says";
pub(crate) const RIGHT_END: &str =
    "an order that has ended has its money right, and none on its way";
pub(crate) const PAID_GOODS: &str = "goods are out only while they are paid for";
pub(crate) const NOT_STRANDED: &str = "an order that nothing wakes has ended";
pub(crate) const RIGHT_TIMER: &str = "an order at rest waits by the timer of what it waits for";
pub(crate) const STEP_ONCE: &str = "a step of the saga is taken once";
pub(crate) const OVERDUE_OPEN: &str =
    "an order is withdrawn as overdue only while its payment is open";
pub(crate) const TIMELY_LOOK: &str = "an unknown outcome is looked up by its timer";
pub(crate) const NEVER_PARKED: &str = "no step of the saga is refused for good";
pub(crate) const LEFT_ALONE: &str = "an order that has ended is left alone";
pub(crate) const PROGRESS: &str = "every step is nearer to the end";

type Condition = fn(&Fulfilment, &Shop) -> bool;

/// All properties. Those that must be met are those of the model's own list.
pub(crate) fn all() -> Vec<Property<Fulfilment>> {
    let always: [(&'static str, Condition); 12] = [
        (ONE_NET_CHARGE, |_, shop| {
            shop.cases.iter().all(is_charged_once)
        }),
        (PROVIDERS_WORD, |_, shop| {
            shop.cases.iter().all(has_providers_word)
        }),
        (RIGHT_END, |_, shop| shop.cases.iter().all(ends_right)),
        (PAID_GOODS, |_, shop| shop.cases.iter().all(has_paid_goods)),
        (NOT_STRANDED, |_, shop| {
            shop.cases.iter().all(is_not_stranded)
        }),
        (RIGHT_TIMER, |model, shop| {
            shop.cases.iter().all(|case| waits_rightly(model, case))
        }),
        (STEP_ONCE, |_, shop| is_without(shop, Slip::StepTwice)),
        (OVERDUE_OPEN, |_, shop| {
            is_without(shop, Slip::OverdueThoughClosed)
        }),
        (TIMELY_LOOK, |_, shop| is_without(shop, Slip::LookedUpEarly)),
        (NEVER_PARKED, |_, shop| is_without(shop, Slip::Parked)),
        (LEFT_ALONE, |_, shop| is_without(shop, Slip::NotLeftAlone)),
        (PROGRESS, |_, shop| is_without(shop, Slip::NoProgress)),
    ];
    let always = always
        .into_iter()
        .map(|(name, holds)| Property::always(name, holds));
    always.chain(sometimes()).collect()
}

fn is_without(shop: &Shop, slip: Slip) -> bool {
    !shop.cases.iter().any(|case| case.slips.has(slip))
}

fn is_charged_once(case: &Case) -> bool {
    let (captures, refunds) = (case.till.captures(), case.till.refunds());
    captures <= 1 && refunds <= captures
}

fn is_card(order: &Order) -> bool {
    order.placed.payment_method.is_card()
}

/// Approved: it was charged. Declined: the card was refused, or the intent was called off. Given back: so it was.
fn has_providers_word(case: &Case) -> bool {
    let order = case.order();
    if !is_card(order) {
        return true;
    }
    match order.payment {
        Payment::Approved { .. } => case.till.captures() == 1,
        Payment::Declined { .. } => case.till.has_closed(),
        Payment::Refunded { .. } => case.till.refunds() == 1,
        Payment::NotRequested
        | Payment::Requested { .. }
        | Payment::Submitted { .. }
        | Payment::Unknown { .. }
        | Payment::Expired
        | Payment::Voided
        | Payment::RefundRequested { .. }
        | Payment::RefundFailed { .. } => true,
    }
}

fn ends_right(case: &Case) -> bool {
    let order = case.order();
    let held = case.till.captures().saturating_sub(case.till.refunds());
    match order.phase {
        Phase::Open | Phase::Cancelling(_) => true,
        Phase::Completed => {
            held == u32::from(is_card(order)) && matches!(order.payment, Payment::Approved { .. })
        }
        Phase::Cancelled(_) | Phase::Rejected(_) => {
            held == 0 && order.payment.is_settled() && !is_charge_on_its_way(case)
        }
    }
}

/// Whether a confirmation is under way that would charge an intent.
fn is_charge_on_its_way(case: &Case) -> bool {
    let would_charge = |request: &Request| match request {
        Request::Confirm(intent) => case.till.standing(*intent).is_some_and(Standing::is_open),
        Request::Create { .. }
        | Request::Get(_)
        | Request::Cancel(_)
        | Request::ListRefunds(_)
        | Request::Refund { .. } => false,
    };
    case.late.iter().any(would_charge)
}

fn has_paid_goods(case: &Case) -> bool {
    let is_paid = matches!(case.order().payment, Payment::Approved { .. });
    match case.order().delivery {
        Delivery::NotPrepared | Delivery::Cancelled { .. } => true,
        Delivery::Prepared { .. }
        | Delivery::Started { .. }
        | Delivery::Failed { .. }
        | Delivery::Completed { .. } => is_paid,
    }
}

/// Stricter than the promise, which lists an order that can't end: with a provider that answers in the end, none is left.
fn is_not_stranded(case: &Case) -> bool {
    !case.is_quiescent() || case.has_ended()
}

/// Where no timer at all is set, the order is stranded, which is another property.
fn waits_rightly(model: &Fulfilment, case: &Case) -> bool {
    let waits = case.is_at_rest() && case.timers.count() > 0 && !case.has_ended();
    !waits || awaited(model, case.order()).is_some_and(|timer| case.timers.is_set(timer))
}

/// The timer that an order at rest waits by; `None` if it must not rest.
fn awaited(model: &Fulfilment, order: &Order) -> Option<TimerName> {
    match (&order.payment, &order.delivery) {
        (Payment::Requested { .. }, _) if is_card(order) => Some(TimerName::PaymentSubmit),
        (Payment::Requested { .. }, _) => Some(TimerName::PaymentDeadline),
        (Payment::Submitted { .. }, _) => Some(TimerName::PaymentSubmit),
        // No more look-ups: its deadline is what is left.
        (Payment::Unknown { .. }, _) if order.phase == Phase::Open && is_stuck(model, order) => {
            Some(TimerName::PaymentDeadline)
        }
        (Payment::Unknown { .. }, _) => Some(TimerName::PaymentCheck),
        (Payment::RefundRequested { .. } | Payment::RefundFailed { .. }, _) => {
            Some(TimerName::RefundRetry)
        }
        (Payment::Approved { .. }, Delivery::Started { .. }) => Some(TimerName::DeliveryDeadline),
        (Payment::Approved { .. }, Delivery::Failed { .. }) => Some(TimerName::DeliveryRetry),
        (
            Payment::NotRequested
            | Payment::Approved { .. }
            | Payment::Declined { .. }
            | Payment::Expired
            | Payment::Voided
            | Payment::Refunded { .. },
            _,
        ) => None,
    }
}

fn is_stuck(model: &Fulfilment, order: &Order) -> bool {
    stuck(order, Duration::ZERO, &model.book.policy.patience()).is_some()
}
