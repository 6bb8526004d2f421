//! Runs the checker, and tells what it found.

use std::{collections::BTreeMap, io::Write, time::Instant};

use stateright::{Checker, Expectation, HasDiscoveries, Model, Path, Property};

use crate::{action::Action, fulfilment::Fulfilment, state::Shop};

type Way = Path<Shop, Action>;

/// Checks all that can happen in a shop: every property holds, and what is to be met is met.
pub(crate) fn holds(name: &str, model: Fulfilment, to_be_met: &[&'static str]) {
    let began = Instant::now();
    let checker = model.checker().spawn_bfs().join();
    let (states, depth) = (checker.unique_state_count(), checker.max_depth());
    let (model, found) = (checker.model(), checker.discoveries());
    let took = began.elapsed();
    tell(&format!(
        "model {name}: {states} states, depth {depth}, {took:.1?}"
    ));
    for property in broken(model) {
        if let Some(way) = found.get(property.name) {
            panic!("not so: {}\n{}", property.name, told(model, &property, way));
        }
    }
    for sight in to_be_met {
        assert!(found.contains_key(sight), "never met: {sight}");
    }
}

/// Checks a shop with a broken rule until a property fails. The one that fails first has to be the one named.
pub(crate) fn is_found(name: &str, model: Fulfilment, by: &'static str) {
    let failures = HasDiscoveries::AnyFailures;
    let checker = model.checker().finish_when(failures).spawn_bfs().join();
    let (model, found) = (checker.model(), checker.discoveries());
    let failed = broken(model).into_iter().filter_map(|property| {
        let way = found.get(property.name)?;
        Some((property.name, actions_to(model, &property, way).len()))
    });
    let failed: BTreeMap<_, _> = failed.collect();
    let states = checker.unique_state_count();
    tell(&format!(
        "model, {name}: found after {states} states: {failed:?}"
    ));
    let first = failed.iter().min_by_key(|(_, steps)| **steps);
    assert_eq!(first.map(|(name, _)| *name), Some(by), "{failed:?}");
}

/// Says it even where the test harness keeps the output of tests that pass to itself.
fn tell(line: &str) {
    // A closed terminal is no reason to fail.
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// The properties that must hold everywhere.
fn broken(model: &Fulfilment) -> Vec<Property<Fulfilment>> {
    let all = model.properties().into_iter();
    all.filter(|it| it.expectation == Expectation::Always)
        .collect()
}

/// What happened up to the first state in which the property fails.
fn actions_to(model: &Fulfilment, property: &Property<Fulfilment>, way: &Way) -> Vec<Action> {
    let steps = way.clone().into_vec().into_iter();
    let before = steps.take_while(|(shop, _)| (property.condition)(model, shop));
    before.filter_map(|(_, action)| action).collect()
}

fn told(model: &Fulfilment, property: &Property<Fulfilment>, way: &Way) -> String {
    let actions = actions_to(model, property, way).into_iter();
    let actions: Vec<_> = actions.map(|action| format!("{action:?}")).collect();
    let mut states = way.clone().into_vec().into_iter();
    let failing = states.find(|(shop, _)| !(property.condition)(model, shop));
    let failing = failing.map(|(shop, _)| shop);
    format!("{}\n{failing:#?}", actions.join("\n"))
}
