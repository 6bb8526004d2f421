//! Every state an order can get into has the status that `docs/http.md` says, and the document says nothing more.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]
use std::collections::{BTreeSet, HashSet};

use ordertrace_domain::{
    Command, Order, OrderState, decide, evolve,
    testing::fixtures::{self, card, cash, commands},
};
use ordertrace_http::{
    DELIVERY_STATES, DELIVERY_STATUSES, PAYMENT_STATES, PAYMENT_STATUSES, TRACE_STATES,
    TRACE_STATUSES, delivery_state, delivery_status, payment_state, payment_status, trace_state,
    trace_status,
};

const DOCUMENT: &str = include_str!("../../docs/http.md");

/// The longest way to a state that differs from all before it takes sixteen events; two more find none.
const STEPS_MAX: usize = 18;

/// State and status, as they stand in a row of a table.
type Row = (String, String);

fn all_commands() -> Vec<Command> {
    let provider = || Some(fixtures::provider_ref());
    let mut commands = commands::one_of_each();
    commands.extend([
        commands::approve_payment(None),
        commands::approve_payment(provider()),
        commands::decline_payment(None),
        commands::decline_payment(provider()),
        commands::expire_payment(None),
        commands::expire_payment(provider()),
        commands::void_payment(None),
        commands::void_payment(provider()),
    ]);
    commands
}

/// All that an order can come to, by any commands in any order.
fn reachable() -> Vec<Order> {
    let commands = all_commands();
    let mut seen = HashSet::new();
    let mut found = Vec::new();
    let mut edge: Vec<OrderState> = [cash(), card()]
        .map(commands::place_order)
        .map(|command| after(&OrderState::Absent, &command).expect("a new order"))
        .into();
    for _ in 0..STEPS_MAX {
        edge.retain(|state| seen.insert(shape(state)));
        found.extend(edge.iter().filter_map(|state| state.order().cloned()));
        edge = edge
            .iter()
            .flat_map(|state| commands.iter().filter_map(|command| after(state, command)))
            .collect();
    }
    found
}

fn after(state: &OrderState, command: &Command) -> Option<OrderState> {
    let events = decide(state, command).ok()?;
    Some(events.iter().fold(state.clone(), evolve))
}

/// The state without its version, which alone makes no other state.
fn shape(state: &OrderState) -> String {
    let order = state.order().expect("a placed order");
    let is_card = order.placed.payment_method.is_card();
    format!(
        "{is_card} {:?} {:?} {:?}",
        order.phase, order.payment, order.delivery
    )
}

fn rows_of(section: &str) -> BTreeSet<Row> {
    let heading = format!("\n### {section}\n");
    let (_, after) = DOCUMENT.split_once(&heading).expect("the section is there");
    let body = after.split("\n#").next().expect("a body");
    body.lines().filter_map(row).collect()
}

fn row(line: &str) -> Option<Row> {
    let mut cells = line.strip_prefix("| `")?.split('|').map(str::trim);
    let unquoted = |cell: &str| cell.trim_matches('`').to_owned();
    Some((unquoted(cells.next()?), unquoted(cells.next()?)))
}

fn check(section: &str, row: impl Fn(&Order) -> (&'static str, &'static str)) {
    let real: BTreeSet<Row> = reachable()
        .iter()
        .map(row)
        .map(|(state, status)| (state.to_owned(), status.to_owned()))
        .collect();
    assert_eq!(
        real,
        rows_of(section),
        "left: what is reachable, right: what is documented"
    );
}

#[test]
fn the_states_of_orders_and_traces_are_documented() {
    check("Orders and order traces", |order| {
        (trace_state(order), trace_status(order))
    });
}

#[test]
fn the_words_that_traces_are_looked_for_by_are_those_that_they_have() {
    let orders = reachable();
    let states: BTreeSet<&str> = orders.iter().map(trace_state).collect();
    assert_eq!(states, BTreeSet::from(TRACE_STATES));
    let statuses: BTreeSet<&str> = orders.iter().map(trace_status).collect();
    assert_eq!(statuses, BTreeSet::from(TRACE_STATUSES));
}

#[test]
fn the_words_in_the_description_of_the_api_are_those_that_there_are() {
    let orders = reachable();
    let (payments, deliveries) = (
        orders.iter().map(|order| &order.payment),
        orders.iter().map(|order| &order.delivery),
    );
    let states: BTreeSet<&str> = payments.clone().map(payment_state).collect();
    assert_eq!(states, BTreeSet::from(PAYMENT_STATES));
    let statuses: BTreeSet<&str> = payments.map(payment_status).collect();
    assert_eq!(statuses, BTreeSet::from(PAYMENT_STATUSES));
    let states: BTreeSet<&str> = deliveries.clone().map(delivery_state).collect();
    assert_eq!(states, BTreeSet::from(DELIVERY_STATES));
    let statuses: BTreeSet<&str> = deliveries.map(delivery_status).collect();
    assert_eq!(statuses, BTreeSet::from(DELIVERY_STATUSES));
}

#[test]
fn the_states_of_payments_are_documented() {
    check("Payments", |order| {
        (
            payment_state(&order.payment),
            payment_status(&order.payment),
        )
    });
}

#[test]
fn the_states_of_deliveries_are_documented() {
    check("Deliveries", |order| {
        (
            delivery_state(&order.delivery),
            delivery_status(&order.delivery),
        )
    });
}
