//! What is offered is what the domain takes.

use std::collections::{BTreeSet, HashSet};

use ordertrace_domain::{
    Command, Delivery, Order, OrderState, decide, evolve,
    testing::fixtures::{card, cash, commands, provider_ref},
};
use ordertrace_http::trace_state;

use super::Action;

/// Every state of an order is come to within so many commands; after that only attempts are counted.
const COMMANDS_MAX: usize = 12;

/// What the action's call of the API asks of the domain.
fn command(action: Action) -> Command {
    match action {
        Action::Approve => commands::approve_payment(None),
        Action::Decline => commands::decline_payment(None),
        Action::Start => commands::start_delivery(),
        Action::Complete => commands::complete_delivery(),
        Action::Fail => commands::fail_delivery(),
        Action::Refund => commands::request_refund(),
        Action::Cancel => commands::request_cancellation(),
    }
}

/// All that an order can come to.
fn reachable() -> Vec<Order> {
    let mut all = commands::one_of_each();
    all.extend([
        commands::approve_payment(None),
        commands::decline_payment(None),
        commands::expire_payment(None),
        commands::void_payment(None),
        commands::approve_payment(Some(provider_ref())),
    ]);
    let (mut seen, mut found) = (HashSet::new(), Vec::new());
    let placed = [cash(), card()].map(commands::place_order);
    let mut edge: Vec<OrderState> = placed
        .iter()
        .filter_map(|command| after(&OrderState::Absent, command))
        .collect();
    for _ in 0..COMMANDS_MAX {
        edge.retain(|state| state.order().is_some_and(|order| seen.insert(shape(order))));
        found.extend(edge.iter().filter_map(|state| state.order().cloned()));
        let next = edge.iter().flat_map(|state| {
            let after = all.iter().filter_map(|command| after(state, command));
            after.collect::<Vec<_>>()
        });
        edge = next.collect();
    }
    found
}

fn after(state: &OrderState, command: &Command) -> Option<OrderState> {
    let events = decide(state, command).ok()?;
    Some(events.iter().fold(state.clone(), evolve))
}

fn shape(order: &Order) -> String {
    let is_card = order.placed.payment_method.is_card();
    format!(
        "{is_card} {:?} {:?} {:?}",
        order.phase, order.payment, order.delivery
    )
}

fn offered(order: &Order) -> Vec<Action> {
    Action::offered(trace_state(order), order.placed.payment_method.name())
}

#[test]
fn what_is_offered_is_carried_out() {
    for order in reachable() {
        for action in offered(&order) {
            let state = OrderState::Placed(Box::new(order.clone()));
            let decided = decide(&state, &command(action));
            // The page does not know how many attempts are left, and the API says it.
            let is_last_attempt = matches!(order.delivery, Delivery::Failed { attempt, attempts_max, .. } if attempt >= attempts_max);
            if action == Action::Start && is_last_attempt {
                assert!(decided.is_err());
            } else {
                assert!(
                    decided.is_ok_and(|events| !events.is_empty()),
                    "{action:?} of {order:?}"
                );
            }
        }
    }
}

#[test]
fn everything_is_offered_at_some_time() {
    let found: BTreeSet<&str> = reachable()
        .iter()
        .flat_map(offered)
        .map(Action::name)
        .collect();
    let all: BTreeSet<&str> = Action::ALL.into_iter().map(Action::name).collect();
    assert_eq!(found, all);
}
