//! What may happen next.
//!
//! Invariant: everything that may happen is here. Nothing changes here.

use std::time::Duration;

use ordertrace_domain::stuck;
use ordertrace_saga::Effect;

use crate::{
    action::{Act, Action, Fate, Person},
    book::Item,
    fulfilment::Fulfilment,
    state::{ACTIVE, Case, REPLACED, Shop, Work},
    till::Request,
};

/// All that may happen, but for orders of steps that make no difference.
///
/// A step that nobody else can see, nor make different, is taken as soon as it can be: the others wait. It may be cut
/// short by a crash or a replacement all the same. Such a step commutes with all that is left out, and no path is a cycle,
/// so every state that a property can tell from the others is still met. For the same reason an order's command is not
/// interrupted by another order: orders share nothing but the process. What takes long, a call to the provider, is.
pub(crate) fn possible(model: &Fulfilment, shop: &Shop, actions: &mut Vec<Action>) {
    let is_working = |case: &Case| case.hands[usize::from(ACTIVE)].is_some();
    if shop.left.crashes > 0 && shop.cases.iter().any(is_working) {
        actions.push(Action::Crash);
    }
    let quick = shop.cases.iter().position(is_quick);
    for (nth, case) in shop.cases.iter().enumerate() {
        if quick.is_some_and(|quick| quick != nth) {
            continue;
        }
        let mut acts = Vec::new();
        by_the_saga(model, shop, case, &mut acts);
        if !is_unseen(case) {
            by_the_world(model, shop, case, &mut acts);
        }
        actions.extend(acts.into_iter().map(|act| Action::To(nth, act)));
    }
}

/// Whether the saga is at something that does not take long.
fn is_quick(case: &Case) -> bool {
    let is_asking = |work: &Work| work.request.is_some_and(|asked| asked.reply.is_none());
    let active = case.hands[usize::from(ACTIVE)].as_ref();
    active.is_some_and(|work| !is_asking(work))
}

/// Whether the next step of the saga is one that nobody else sees: to set a timer, to hear a reply, to acknowledge.
fn is_unseen(case: &Case) -> bool {
    let [Some(work), None] = &case.hands else {
        return false;
    };
    match (&work.request, work.due.last().map(|effect| &**effect)) {
        (Some(asked), _) => asked.reply.is_some(),
        (None, Some(Effect::Command(_))) => false,
        (None, Some(Effect::Schedule { .. } | Effect::CancelTimer(_)) | None) => true,
        (None, Some(Effect::CallProvider(_))) => false,
    }
}

fn by_the_saga(model: &Fulfilment, shop: &Shop, case: &Case, acts: &mut Vec<Act>) {
    let may_fail = shop.left.faults > 0;
    for (hand, work) in [ACTIVE, REPLACED].into_iter().zip(&case.hands) {
        if let Some(work) = work {
            go_on(model, case, (hand, work), may_fail, acts);
        }
    }
    let [active, replaced] = &case.hands;
    if active.is_some() {
        if may_fail && replaced.is_none() && model.has_takeovers {
            acts.push(Act::Replace);
        }
        return;
    }
    let mut take = |item: &Item, is_stale| {
        let item = item.clone();
        acts.push(Act::Take { item, is_stale });
    };
    for (nth, item) in case.queue.iter().enumerate() {
        if nth > 0 && case.queue[nth - 1] == *item {
            continue;
        }
        take(item, false);
        if may_fail && may_look_stale(model, case, item) {
            take(item, true);
        }
    }
    let fired = case.timers.iter().map(Item::Timer);
    for item in fired.filter(|item| !case.queue.contains(item)) {
        take(&item, false);
    }
}

/// A look at an old state makes a difference only after an event, and the runner does not call the provider on one.
pub(crate) fn may_look_stale(model: &Fulfilment, case: &Case, item: &Item) -> bool {
    let Item::Event { then, .. } = item else {
        return false;
    };
    let due = model.book.react(then, item);
    let is_call = |effect: &_| matches!(effect, Effect::CallProvider(_));
    *then != case.state && !due.is_empty() && !due.iter().any(|effect| is_call(effect))
}

fn go_on(
    model: &Fulfilment,
    case: &Case,
    (hand, work): (u8, &Work),
    may_fail: bool,
    acts: &mut Vec<Act>,
) {
    let Some(asked) = work.request else {
        match work.due.last() {
            Some(effect) => do_next(case, effect, hand, acts),
            None => acknowledge(hand, may_fail, acts),
        }
        return;
    };
    if asked.reply.is_some() {
        acts.push(Act::Hear {
            hand,
            is_lost: false,
        });
        if may_fail {
            acts.push(Act::Hear {
                hand,
                is_lost: true,
            });
        }
        return;
    }
    let fates = fates(model, case, work, asked.request).into_iter();
    let possible =
        fates.filter(|(is_possible, fate)| *is_possible && (may_fail || *fate == Fate::Served));
    acts.extend(possible.map(|(_, fate)| Act::Send(hand, fate)));
}

fn do_next(case: &Case, effect: &Effect, hand: u8, acts: &mut Vec<Act>) {
    let is_set = match effect {
        Effect::Schedule { timer, .. } | Effect::CancelTimer(timer) => case.timers.is_set(*timer),
        Effect::Command(_) | Effect::CallProvider(_) => false,
    };
    let do_it = |is_too_late| Act::Do { hand, is_too_late };
    acts.push(do_it(false));
    if is_set {
        acts.push(do_it(true));
    }
}

fn acknowledge(hand: u8, may_fail: bool, acts: &mut Vec<Act>) {
    let acknowledge = |is_lost| Act::Acknowledge { hand, is_lost };
    acts.push(acknowledge(false));
    if may_fail && hand == ACTIVE {
        acts.push(acknowledge(true));
    }
}

/// A request that only looks may as well get lost on its way back, so it is not lost on its way there.
fn fates(model: &Fulfilment, case: &Case, work: &Work, request: Request) -> [(bool, Fate); 8] {
    let changes = request.changes_something();
    let has_one_intent = case.till.intents.iter().flatten().count() == 1;
    let is_create = matches!(request, Request::Create { .. });
    let is_refund = matches!(request, Request::Refund { .. });
    // Nobody but the provider can refuse a refund that comes late, and a careless one does not.
    let is_unguarded = is_refund && model.is_careless;
    let is_first = work
        .call()
        .is_some_and(|call| (model.book.rules.begin)(call) == request);
    [
        (true, Fate::Served),
        (changes, Fate::Lost),
        (changes && !is_unguarded, Fate::Late),
        (changes && !is_unguarded, Fate::Doubled),
        (is_first, Fate::NotSent),
        (
            !is_create && !matches!(request, Request::ListRefunds(_)),
            Fate::Pending,
        ),
        (is_create && has_one_intent, Fate::KeyForgotten),
        (is_refund, Fate::NoBalance),
    ]
}

fn by_the_world(model: &Fulfilment, shop: &Shop, case: &Case, acts: &mut Vec<Act>) {
    acts.extend(case.late.iter().map(|request| Act::Arrive(*request)));
    if case.has_ended() {
        return;
    }
    let wishes = Person::ALL.into_iter();
    acts.extend(
        wishes
            .filter(|who| may_wish(model, shop, case, *who))
            .map(Act::Wish),
    );
}

fn may_wish(model: &Fulfilment, shop: &Shop, case: &Case, who: Person) -> bool {
    let is_there = match who {
        Person::Customer => shop.left.cancellations > 0,
        Person::Cashier | Person::CourierDelivers => true,
        Person::CourierFails => shop.left.failed_visits > 0,
        Person::OperatorRefunds => model.has_operator_refunds,
        Person::OperatorResumes => {
            let patience = model.book.policy.patience();
            let is_stuck = stuck(case.order(), Duration::ZERO, &patience).is_some();
            return is_stuck && shop.left.resumes > 0;
        }
    };
    is_there && model.wish(case, who).is_some()
}
