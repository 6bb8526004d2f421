//! The diagram is true: its steps are exactly those that the domain allows.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::collections::{BTreeSet, HashSet};

use ordertrace_domain::{
    Command, Order, OrderState, PaymentCommand, decide, evolve,
    testing::fixtures::{self, card, cash, commands},
};
use ordertrace_http::{TRACE_STATES, trace_state};
use ordertrace_web::diagram::{Visit, diagram, steps};

/// New steps are found up to the seventh command; attempts are counted for ever, so the walk itself has no end.
const COMMANDS_MAX: usize = 16;

type Step = (&'static str, &'static str);

fn all_commands() -> Vec<Command> {
    let word = || Some(fixtures::provider_ref());
    let mut all = commands::one_of_each();
    for word in [None, word()] {
        all.extend([
            commands::approve_payment(word.clone()),
            commands::decline_payment(word.clone()),
            commands::expire_payment(word.clone()),
            commands::void_payment(word),
        ]);
    }
    all.push(PaymentCommand::ConfirmRefund { refund_ref: None }.into());
    all
}

/// Every step from state to state that any event of any order makes.
fn possible_steps() -> BTreeSet<Step> {
    let commands = all_commands();
    let (mut seen, mut steps) = (HashSet::new(), BTreeSet::new());
    let placed = [cash(), card()].map(commands::place_order);
    let mut edge: Vec<OrderState> = placed
        .iter()
        .map(|command| follow(&OrderState::Absent, command, &mut steps).expect("a new order"))
        .collect();
    for _ in 0..COMMANDS_MAX {
        edge.retain(|state| seen.insert(shape(order_of(state))));
        let next = edge.iter().flat_map(|state| {
            let after = commands
                .iter()
                .filter_map(|command| follow(state, command, &mut steps));
            after.collect::<Vec<_>>()
        });
        edge = next.collect();
    }
    steps
}

/// Carries out a command, and notes the step that each of its events is.
fn follow(state: &OrderState, command: &Command, steps: &mut BTreeSet<Step>) -> Option<OrderState> {
    let mut state = state.clone();
    for event in decide(&state, command).ok()? {
        let before = state.order().map(trace_state);
        state = evolve(state, &event);
        if let Some(before) = before {
            steps.insert((before, trace_state(order_of(&state))));
        }
    }
    Some(state)
}

fn order_of(state: &OrderState) -> &Order {
    state.order().expect("a placed order")
}

/// The state without its version, which alone makes no other state.
fn shape(order: &Order) -> String {
    let is_card = order.placed.payment_method.is_card();
    format!(
        "{is_card} {:?} {:?} {:?}",
        order.phase, order.payment, order.delivery
    )
}

#[test]
fn its_steps_are_those_that_the_domain_allows() {
    let drawn: BTreeSet<Step> = steps().collect();
    assert_eq!(drawn.len(), steps().count(), "each step is drawn once");
    assert_eq!(drawn, possible_steps(), "left: drawn, right: possible");
}

#[test]
fn it_has_every_state_once() {
    let drawn = diagram(&[], "placed");
    let states: BTreeSet<&str> = drawn.boxes.iter().map(|state| state.state).collect();
    assert_eq!(states, BTreeSet::from(TRACE_STATES));
    assert_eq!(drawn.boxes.len(), TRACE_STATES.len());
}

#[test]
fn no_box_covers_another_and_all_are_within_the_picture() {
    let drawn = diagram(&[], "placed");
    for (index, one) in drawn.boxes.iter().enumerate() {
        assert!(
            one.x >= 0 && one.x + one.width <= drawn.width,
            "{}",
            one.state
        );
        assert!(
            one.y >= 0 && one.y + one.height <= drawn.height,
            "{}",
            one.state
        );
        for other in &drawn.boxes[index + 1..] {
            let is_beside = (one.x - other.x).abs() >= one.width;
            let is_below = (one.y - other.y).abs() >= one.height;
            assert!(is_beside || is_below, "{} and {}", one.state, other.state);
        }
    }
}

#[test]
fn it_shows_the_way_that_was_taken_and_what_failed_on_it() {
    let way = [
        "placed",
        "payment_requested",
        "payment_submitted",
        "payment_unknown",
        "payment_unknown",
        "payment_approved",
    ];
    let course: Vec<Visit<'_>> = (1..)
        .zip(way)
        .map(|(version, state)| Visit { state, version })
        .collect();
    let drawn = diagram(&course, "payment_approved");
    let taken: BTreeSet<(Step, bool)> = drawn
        .lines
        .iter()
        .filter(|line| line.is_taken)
        .map(|line| ((line.from, line.to), line.is_failure))
        .collect();
    let expected = [
        (("placed", "payment_requested"), false),
        (("payment_requested", "payment_submitted"), false),
        (("payment_submitted", "payment_unknown"), true),
        (("payment_unknown", "payment_unknown"), true),
        (("payment_unknown", "payment_approved"), false),
    ];
    assert_eq!(taken, BTreeSet::from(expected));
    let arrivals: Vec<_> = drawn
        .boxes
        .iter()
        .filter_map(|state| Some((state.state, state.version?)))
        .collect();
    assert!(arrivals.contains(&("payment_unknown", 4)), "{arrivals:?}");
    assert!(
        drawn
            .boxes
            .iter()
            .filter(|state| state.is_present)
            .all(|state| state.state == "payment_approved")
    );
}

#[test]
fn it_tells_the_same_in_words() {
    let visit = |version, state| Visit { state, version };
    let drawn = diagram(
        &[
            visit(1, "placed"),
            visit(2, "cancelling"),
            visit(3, "cancelled"),
        ],
        "cancelled",
    );
    assert_eq!(
        drawn.description,
        "The order is in the state Cancelled. It went: Placed (version 1), then Cancelling (version 2), then Cancelled \
         (version 3). That is the end."
    );
}

#[test]
fn it_draws_what_is_there_of_an_order_in_a_state_of_a_later_version() {
    let course = [Visit {
        state: "lost_at_sea",
        version: 1,
    }];
    let drawn = diagram(&course, "lost_at_sea");
    assert!(drawn.lines.iter().all(|line| !line.is_taken));
    assert!(
        drawn
            .boxes
            .iter()
            .all(|state| !state.is_present && state.version.is_none())
    );
}
