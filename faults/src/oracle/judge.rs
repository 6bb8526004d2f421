//! Whether the answer to a command is true: at one moment, at least, between the question and the answer.

use ordertrace_domain::{
    CommandRequest, ExecuteError, OrderState, Outcome, Refusal, Rejection, Version, decide, ending,
};

use super::{Check, Truth, truth::Course};
use crate::world::World;

/// A command that was given, and how far its order had come at that moment.
pub(crate) struct Asked<'a> {
    pub(crate) request: &'a CommandRequest,
    pub(crate) from: Version,
}

/// Looks at the answer to a command.
pub(crate) fn judge(
    world: &World,
    truth: &Truth,
    asked: &Asked<'_>,
    answer: &Result<Result<Outcome, Refusal>, ExecuteError>,
) {
    let empty = Course::default();
    let course = truth.orders.get(&asked.request.order_id);
    let course = course.unwrap_or(&empty);
    match answer {
        Ok(Ok(outcome)) => {
            truth.acknowledged(world, &outcome.history);
            done(world, course, asked, outcome);
        }
        Ok(Err(refusal)) => refused(world, course, asked, *refusal),
        Err(_) => {}
    }
    world.note(format_args!(
        "{} of {} answered: {}",
        asked.request.command.name(),
        asked.request.order_id,
        ending(answer)
    ));
}

fn done(world: &World, course: &Course, asked: &Asked<'_>, outcome: &Outcome) {
    let request = asked.request;
    let (order, command) = (request.order_id, request.command_id);
    let Some(carried) = course.commands.get(&command) else {
        world.sight("answer: nothing to do");
        if outcome.version() < asked.from || outcome.version() > course.version() {
            world.broken(Check::P6, format_args!("order {order}: nothing was to be done at version {}, though the order was at {} already", outcome.version(), asked.from));
        }
        return;
    };
    if carried.hash != request.command.hash() {
        world.broken(Check::P10, format_args!("order {order}: command {command} was carried out with another body, and this one was answered as done"));
    }
    let found = (outcome.version(), outcome.position.sequence);
    if found != (carried.version, carried.sequence) {
        world.broken(Check::P10, format_args!("order {order}: command {command} came to version {} at {}, and was answered with version {} at {}", carried.version, carried.sequence, found.0, found.1));
    }
}

fn refused(world: &World, course: &Course, asked: &Asked<'_>, refusal: Refusal) {
    let request = asked.request;
    let order = request.order_id;
    let carried = course.commands.get(&request.command_id);
    let is_other = carried.is_some_and(|carried| carried.hash != request.command.hash());
    if let Some(carried) = carried.filter(|carried| !is_other && carried.version <= asked.from) {
        let (name, version) = (request.command.name(), carried.version);
        world.broken(Check::P10, format_args!("order {order}: {name} had come to version {version}, and its repeat is refused by {refusal:?}"));
    }
    let is_true = match refusal {
        Refusal::CommandReused => {
            if !is_other {
                world.broken(Check::P10, format_args!("order {order}: a command was refused as a reuse of an id that no other command has"));
            }
            return;
        }
        Refusal::VersionMismatch { actual } => {
            (asked.from..=course.version()).contains(&actual)
                && request.expected_version != Some(actual)
        }
        Refusal::Rejected(rejection) => {
            window(course, asked.from).any(|state| is_rejected(state, request, rejection))
        }
    };
    if !is_true {
        world.broken(Check::P6, format_args!("order {order}: {} was refused by {refusal:?}, which was so at no version from {} to {}", request.command.name(), asked.from, course.version()));
    }
}

fn window(course: &Course, from: Version) -> impl Iterator<Item = &OrderState> {
    let skipped = usize::try_from(from.get()).unwrap_or(usize::MAX);
    course.states.iter().skip(skipped)
}

fn is_rejected(state: &OrderState, request: &CommandRequest, rejection: Rejection) -> bool {
    let customer = state.order().map(|order| &order.placed.customer_id);
    let is_beyond = request
        .within
        .as_ref()
        .is_some_and(|own| customer != Some(own));
    if is_beyond {
        return rejection == Rejection::OrderNotFound;
    }
    decide(state, &request.command) == Err(rejection)
}
