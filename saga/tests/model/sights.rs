//! States that have to be met, so that the proof is no proof of nothing.

use std::time::Duration;

use ordertrace_domain::{
    CancellationCause, Delivery, Payment, Phase, RejectionCause, StuckReason, stuck,
};
use stateright::Property;

use crate::{
    fulfilment::Fulfilment,
    state::{ACTIVE, Case, REPLACED, Shop},
    till::{INTENTS_MAX, Request, Standing},
};

type Condition = fn(&Fulfilment, &Shop) -> bool;

/// Declares what has to be met: a name, and when an order meets it. Each is looked for until it was met once.
macro_rules! sights {
    ($($nth:literal: $name:literal => $meets:expr,)+) => {
        /// One property for each.
        pub(crate) fn sometimes() -> Vec<Property<Fulfilment>> {
            let sights: Vec<(&'static str, Condition)> = vec![
                $(($name, |model, shop| {
                    let meets: fn(&Fulfilment, &Shop, &Case) -> bool = $meets;
                    model.is_first($nth, || shop.cases.iter().any(|case| meets(model, shop, case)))
                }),)+
            ];
            let property = |(name, meets)| Property::sometimes(name, meets);
            sights.into_iter().map(property).collect()
        }
    };
}

sights! {
    0: "completed" => |_, _, case| case.order().phase == Phase::Completed,
    1: "completed at the second attempt" => |_, _, case| {
        matches!(case.order().delivery, Delivery::Completed { attempt } if attempt.get() == 2)
    },
    2: "declined" => |_, _, case| {
        case.order().phase == Phase::Rejected(RejectionCause::PaymentDeclined)
    },
    3: "expired" => |_, _, case| {
        case.order().phase == Phase::Rejected(RejectionCause::PaymentExpired)
    },
    4: "voided" => |_, _, case| {
        case.order().phase.has_ended() && case.order().payment == Payment::Voided
    },
    5: "refunded and cancelled" => |_, _, case| {
        is_cancelled(case, CancellationCause::Requested) && case.order().payment.is_refunded()
    },
    6: "refunded, for the goods were undeliverable" => |_, _, case| {
        is_cancelled(case, CancellationCause::Undeliverable) && case.order().payment.is_refunded()
    },
    7: "charged though overdue, and refunded" => |_, _, case| {
        is_cancelled(case, CancellationCause::PaymentOverdue) && case.order().payment.is_refunded()
    },
    8: "listed, its payment unknown" => |model, _, case| {
        is_listed(model, case, StuckReason::PaymentUnknown)
    },
    9: "listed, its refund failed" => |model, _, case| {
        is_listed(model, case, StuckReason::RefundFailed)
    },
    10: "crashed while the provider's reply was on its way" => |model, shop, case| {
        shop.left.crashes < model.left.crashes
            && case.hands[usize::from(ACTIVE)].is_none()
            && matches!(case.order().payment, Payment::Submitted { .. })
            && case.till.captures() == 1
    },
    11: "a confirmation came late, and was refused" => |_, _, case| {
        comes_late(case, |standing| matches!(standing, Standing::Cancelled { .. }))
    },
    12: "a confirmation came twice" => |_, _, case| {
        comes_late(case, |standing| standing == Standing::Succeeded)
    },
    13: "a confirmation came late, and charged" => |_, _, case| {
        comes_late(case, Standing::is_open)
    },
    14: "two intents" => |_, _, case| {
        case.till.intents.iter().flatten().count() == INTENTS_MAX
    },
    15: "two processes at one order" => |_, _, case| {
        let both = [ACTIVE, REPLACED].map(usize::from);
        both.iter().all(|hand| case.hands[*hand].is_some())
    },
    16: "work of two orders in hand" => |_, shop, _| {
        let hands = shop.cases.iter().filter(|case| case.hands[usize::from(ACTIVE)].is_some());
        hands.count() > 1
    },
}

fn is_cancelled(case: &Case, cause: CancellationCause) -> bool {
    case.order().phase == Phase::Cancelled(cause)
}

fn is_listed(model: &Fulfilment, case: &Case, reason: StuckReason) -> bool {
    let patience = model.book.policy.patience();
    stuck(case.order(), Duration::ZERO, &patience) == Some(reason)
}

fn comes_late(case: &Case, finds: fn(Standing) -> bool) -> bool {
    let is_so = |request: &Request| matches!(request, Request::Confirm(intent) if case.till.standing(*intent).is_some_and(finds));
    case.late.iter().any(is_so)
}
