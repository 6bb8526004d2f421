//! The check of a history against the log, order by order.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use ordertrace_domain::{CommandId, OrderId, Version};
use stateright::semantics::{ConsistencyTester as _, LinearizabilityTester};

use super::order::{SingleOrder, Step};
use super::told::Told;
use super::{Action, Ask, Checked, Heard, Operation, Refused};

/// More operations on one order than any test makes: the check takes the longer the more of them overlap.
const OPERATIONS_MAX: usize = 100;

/// What a history shows to be wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Violation {
    /// What was acknowledged is not where it was said to be.
    Lost(OrderId, u64),
    /// A command was carried out twice.
    Doubled(OrderId),
    /// A command of which every client was told that nothing was changed has changed something.
    Denied(OrderId),
    /// A view answered with less than it was asked for, or with more than there is.
    Stale(OrderId, u64),
    /// There is no order of the operations in which one order could have answered them so.
    NotLinearizable(OrderId, Vec<String>),
    /// Nobody knows: there are too many operations to tell.
    TooLong(OrderId, usize),
}

/// All that is wrong with a history.
pub(super) fn violations(
    operations: &[Operation],
    orders: &HashMap<OrderId, Arc<Told>>,
) -> Vec<Violation> {
    let mut by_order: HashMap<OrderId, Vec<&Operation>> = HashMap::new();
    for operation in operations {
        let order = operation.ask.order;
        by_order.entry(order).or_default().push(operation);
    }
    // An order that is not in the log may have been asked for.
    let none = Arc::new(Told::of([]));
    let told = |id: &OrderId| orders.get(id).unwrap_or(&none);
    let of_each = by_order
        .iter()
        .flat_map(|(id, operations)| violations_of(*id, operations, told(id)));
    let unasked = orders.iter().filter(|(id, _)| !by_order.contains_key(id));
    let doubled = unasked.filter_map(|(id, told)| told.doubled().map(|_| Violation::Doubled(*id)));
    of_each.chain(doubled).collect()
}

fn violations_of(id: OrderId, operations: &[&Operation], told: &Arc<Told>) -> Vec<Violation> {
    if operations.len() > OPERATIONS_MAX {
        return vec![Violation::TooLong(id, operations.len())];
    }
    let lost = operations
        .iter()
        .filter_map(|operation| lost(operation, told));
    let stale = operations
        .iter()
        .filter_map(|operation| stale(operation, told));
    let doubled = told.doubled().map(|_| Violation::Doubled(id));
    let denied = denied(id, operations, told);
    let mut found: Vec<_> = lost.chain(stale).chain(doubled).chain(denied).collect();
    if found.is_empty() && !is_linearizable(operations, told) {
        let lines = operations.iter().map(|one| one.line().to_string());
        let events = (1..=told.version()).map(|version| format!("{:?}", told.command_of(version)));
        found.push(Violation::NotLinearizable(
            id,
            lines.chain(events).collect(),
        ));
    }
    found
}

fn lost(operation: &Operation, told: &Arc<Told>) -> Option<Violation> {
    let Heard::Done {
        version, position, ..
    } = &operation.heard
    else {
        return None;
    };
    let is_there = told.position_of(*version) == Some(position);
    (operation.ask.action != Action::Look && !is_there)
        .then_some(Violation::Lost(operation.ask.order, *version))
}

fn stale(operation: &Operation, told: &Arc<Told>) -> Option<Violation> {
    let Ask {
        order,
        action: Action::Look,
        seen,
        ..
    } = &operation.ask
    else {
        return None;
    };
    let asked = seen.as_ref().map_or(0, |(version, _)| *version);
    let shown = match &operation.heard {
        Heard::Done { version, .. } => *version,
        Heard::Refused(Refused::NotFound) => 0,
        Heard::Refused(_) | Heard::Unchanged(_) | Heard::Unknown(_) => return None,
    };
    let is_right = (asked..=told.version()).contains(&shown);
    (!is_right).then_some(Violation::Stale(*order, shown))
}

/// A command has changed something though nobody who gave it was left in doubt.
fn denied(id: OrderId, operations: &[&Operation], told: &Arc<Told>) -> Option<Violation> {
    let mut may_be: HashMap<CommandId, bool> = HashMap::new();
    for operation in operations {
        if let Some(command) = operation.ask.command_id() {
            let may = matches!(operation.heard, Heard::Done { .. } | Heard::Unknown(_));
            *may_be.entry(command).or_default() |= may;
        }
    }
    let mut never = may_be.iter().filter(|(_, may)| !**may);
    never
        .any(|(command, _)| told.effect(*command).is_some())
        .then_some(Violation::Denied(id))
}

fn is_linearizable(operations: &[&Operation], told: &Arc<Told>) -> bool {
    let commands = operations.iter().filter_map(|one| one.ask.command_id());
    let order = SingleOrder::new(Arc::clone(told), Arc::new(commands.collect::<HashSet<_>>()));
    let mut tester = LinearizabilityTester::new(order);
    for moment in moments(operations, told) {
        let process = moment.operation.process;
        let told = match moment.ends {
            false => tester.on_invoke(process, Step::of(&moment.operation.ask)),
            true => tester.on_return(process, moment.operation.heard.clone()),
        };
        told.unwrap();
    }
    tester.is_consistent()
}

/// The beginning or the end of an operation.
struct Moment<'a> {
    operation: &'a Operation,
    ends: bool,
}

/// When operations began and ended, in turn: those that tell something of the order, and those that may have changed it.
fn moments<'a>(operations: &[&'a Operation], told: &Arc<Told>) -> Vec<Moment<'a>> {
    let mut begun: Vec<&Operation> = operations.to_vec();
    begun.sort_by_key(|operation| operation.asked_ns);
    let mut in_doubt = HashSet::new();
    let mut moments = Vec::new();
    for operation in begun {
        let is_answered = match &operation.heard {
            _ if operation.ask.action == Action::Look => continue,
            Heard::Unchanged(_) => continue,
            Heard::Done { .. } | Heard::Refused(_) => true,
            Heard::Unknown(_) => {
                // Without an event it has done nothing. Of several that are the same command the first may take as long as
                // the others.
                let command = operation.ask.command_id();
                let has_effect = command.is_some_and(|id| told.effect(id).is_some());
                if !has_effect || !in_doubt.insert(command) {
                    continue;
                }
                false
            }
        };
        let begins = (operation.asked_ns, false);
        let ends = is_answered.then_some((operation.heard_ns, true));
        moments.extend(
            [Some(begins), ends]
                .into_iter()
                .flatten()
                .map(|(at, ends)| (at, Moment { operation, ends })),
        );
    }
    // What begins at the moment at which another ends overlaps it: less is claimed so.
    moments.sort_by_key(|(at, moment)| (*at, moment.ends));
    moments.into_iter().map(|(_, moment)| moment).collect()
}

impl Step {
    fn of(ask: &Ask) -> Self {
        let is_read = ask.action == Action::ReadVersion;
        Self {
            id: ask.command_id(),
            command: ask.action.command(),
            if_match: if is_read {
                Some(Version::MAX.get())
            } else {
                ask.if_match
            },
        }
    }
}

/// The operations that were carried out under a key and left an event, each command once.
pub(super) fn effects(
    operations: &[Operation],
    orders: &HashMap<OrderId, Arc<Told>>,
) -> Vec<Operation> {
    let mut commands = HashSet::new();
    let has_effect = |operation: &&Operation| {
        let told = orders.get(&operation.ask.order);
        let command = operation.ask.command_id();
        let is_done = matches!(operation.heard, Heard::Done { .. });
        let effect = command.and_then(|command| told?.effect(command));
        is_done && effect.is_some() && commands.insert(command)
    };
    operations.iter().filter(has_effect).cloned().collect()
}

/// What there is in a history.
pub(super) fn summary(operations: &[Operation]) -> Checked {
    let count = |is_such: fn(&Heard) -> bool| {
        let such = operations.iter().filter(|one| is_such(&one.heard));
        such.count()
    };
    let mut of_orders: HashMap<OrderId, usize> = HashMap::new();
    for operation in operations {
        *of_orders.entry(operation.ask.order).or_default() += 1;
    }
    Checked {
        orders: of_orders.len(),
        operations: operations.len(),
        acknowledged: count(|heard| matches!(heard, Heard::Done { .. })),
        refused: count(|heard| matches!(heard, Heard::Refused(_))),
        unknown: count(|heard| matches!(heard, Heard::Unknown(_))),
        longest: of_orders.values().copied().max().unwrap_or_default(),
    }
}
