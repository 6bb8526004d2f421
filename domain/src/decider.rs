//! The whole decider: three deciders over one order's history.
//!
//! Invariant: `decide` and `evolve` are sync, total and pure. What `decide` accepts, `evolve` replays to the same state
//! on every machine, for as long as the log is kept.

use crate::{
    Command, Delivery, Event, Order, OrderEvent, OrderState, Payment, Phase, Rejection, delivery,
    order, payment,
};

/// The events that a command leads to, given what the order has come to; none when all it asks for is so already, and
/// will be so for ever: a command without events leaves no trace by which a repeat of it could be told, so it must never
/// have an effect later.
///
/// # Errors
/// A [`Rejection`] when the business says no.
pub fn decide(state: &OrderState, command: &Command) -> Result<Vec<Event>, Rejection> {
    match command {
        Command::Order(command) => order::decide(state, command),
        Command::Payment(command) => payment::decide(state, command),
        Command::Delivery(command) => delivery::decide(state, command),
    }
}

/// What the order has come to after one more event.
///
/// An event that no decision puts there (anything before `OrderPlaced`, or a second one) changes nothing; a
/// [`crate::History`] never holds one.
#[must_use]
pub fn evolve(state: OrderState, event: &Event) -> OrderState {
    match (state, event) {
        (OrderState::Absent, Event::Order(OrderEvent::OrderPlaced(placed))) => {
            OrderState::Placed(Box::new(Order {
                version: crate::Version::NONE.next(),
                placed: placed.clone(),
                phase: Phase::Open,
                payment: Payment::NotRequested,
                delivery: Delivery::NotPrepared,
            }))
        }
        (OrderState::Absent, Event::Order(_) | Event::Payment(_) | Event::Delivery(_)) => {
            OrderState::Absent
        }
        (OrderState::Placed(mut order), event) => {
            order.version = order.version.next();
            match event {
                Event::Order(event) => order.phase = order::evolve(order.phase, event),
                Event::Payment(event) => order.payment = payment::evolve(&order.payment, event),
                Event::Delivery(event) => {
                    order.delivery = delivery::evolve(&order.delivery, event);
                }
            }
            OrderState::Placed(order)
        }
    }
}

/// What an order has come to after all these events.
pub fn fold<'a>(events: impl IntoIterator<Item = &'a Event>) -> OrderState {
    events.into_iter().fold(OrderState::Absent, evolve)
}
