//! Random walks: whatever happens in whatever order, no order is stranded, and none ends with the wrong money.

use std::{cell::RefCell, collections::BTreeSet};

use ordertrace_domain::{
    Command, Delivery, Payment, PaymentMethod, Phase, TimerName,
    testing::fixtures::{
        card, cash,
        commands::{
            approve_payment, complete_delivery, decline_payment, fail_delivery,
            request_cancellation, request_refund, start_delivery,
        },
    },
};
use proptest::{
    collection::vec,
    prelude::{Just, ProptestConfig, Strategy, any, prop_oneof},
    sample::select,
    test_runner::{RngAlgorithm, TestRng, TestRunner},
};

use crate::{till::Mood, world::World};

/// Enough for every bound of the world's terms to be reached several times over.
const STEPS_TO_THE_END_MAX: usize = 200;

/// How many walks a test takes. Fewer do not meet every kind of state.
const WALKS: u32 = 1_000;

/// One thing that happens.
#[derive(Debug, Clone)]
enum Step {
    Handle,
    HandleWhile(Command),
    CrashAfter(usize),
    Defer,
    HandOutAgain(usize),
    Give(Command),
    Fire(usize),
    Resume,
}

#[derive(Debug, Clone)]
struct Walk {
    method: PaymentMethod,
    moods: Vec<Mood>,
    steps: Vec<Step>,
}

/// Whatever users, couriers and operators may ask for.
fn anybodys_command() -> impl Strategy<Value = Command> {
    select(vec![
        approve_payment(None),
        approve_payment(None),
        decline_payment(None),
        request_cancellation(),
        request_refund(),
        start_delivery(),
        complete_delivery(),
        fail_delivery(),
        fail_delivery(),
    ])
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        12 => Just(Step::Handle),
        2 => anybodys_command().prop_map(Step::HandleWhile),
        2 => (0_usize..4).prop_map(Step::CrashAfter),
        1 => Just(Step::Defer),
        2 => any::<usize>().prop_map(Step::HandOutAgain),
        3 => anybodys_command().prop_map(Step::Give),
        2 => any::<usize>().prop_map(Step::Fire),
        1 => Just(Step::Resume),
    ]
}

fn walk() -> impl Strategy<Value = Walk> {
    let method = prop_oneof![1 => Just(cash()), 2 => Just(card())];
    let mood = prop_oneof![
        4 => Just(Mood::Well),
        2 => Just(Mood::LosesRequest),
        2 => Just(Mood::LosesAnswer),
        1 => Just(Mood::Refuses),
        1 => Just(Mood::TakesItsTime),
    ];
    (method, vec(mood, 0..16), vec(step(), 0..48)).prop_map(|(method, moods, steps)| Walk {
        method,
        moods,
        steps,
    })
}

fn go(world: &mut World, step: Step) {
    match step {
        Step::Handle => world.handle(None),
        Step::HandleWhile(command) => world.handle(Some(&command)),
        Step::CrashAfter(effects) => world.crash_after(effects),
        Step::Defer => world.defer(),
        Step::HandOutAgain(nth) => world.hand_out_again(nth),
        Step::Give(command) => {
            world.give(&command);
        }
        Step::Fire(nth) => world.fire(nth),
        Step::Resume => world.resume(),
    }
}

/// An order with nothing on its queue has ended, is listed as stuck and given up, or waits with its timer set.
fn check_for_dead_ends(world: &World) {
    if !world.is_quiet() || world.order().phase.has_ended() || world.is_given_up() {
        return;
    }
    let awaited = world.awaited();
    assert!(
        awaited.is_some_and(|timer| world.timers.contains_key(&timer)),
        "a dead end: {:?}\n{}",
        world.order(),
        world.told()
    );
}

/// Nobody does anything any more but the saga, the clock, and an operator who resumes what is given up.
fn bring_to_an_end(world: &mut World) {
    world.till.cheer_up();
    for _ in 0..STEPS_TO_THE_END_MAX {
        check_for_dead_ends(world);
        if !world.is_quiet() {
            world.handle(None);
        } else if world.order().phase.has_ended() {
            return;
        } else if world.is_given_up() {
            world.resume();
        } else {
            world.fire_first();
        }
    }
    panic!("no end: {:?}\n{}", world.order(), world.told());
}

fn for_all_walks(check: impl Fn(Walk)) {
    let config = ProptestConfig {
        cases: WALKS,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    // Always the same walks: what a test found once, it finds again.
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let checked = TestRunner::new_with_rng(config, rng).run(&walk(), |walk| {
        check(walk);
        Ok(())
    });
    if let Err(error) = checked {
        panic!("{error}");
    }
}

#[test]
fn no_state_is_a_dead_end_and_every_order_ends_with_the_right_money() {
    for_all_walks(|walk| {
        let mut world = World::with_order(walk.method, walk.moods);
        for step in walk.steps {
            go(&mut world, step);
            check_for_dead_ends(&world);
        }
        bring_to_an_end(&mut world);
        assert!(
            world.owes_nothing(),
            "{:?}\n{}",
            world.order(),
            world.told()
        );
    });
}

#[test]
fn an_order_that_ends_leaves_no_deadline_behind() {
    let long = [
        TimerName::PaymentDeadline,
        TimerName::DeliveryDeadline,
        TimerName::DeliveryRetry,
    ];
    for_all_walks(|walk| {
        let mut world = World::with_order(walk.method, walk.moods);
        walk.steps.into_iter().for_each(|step| go(&mut world, step));
        bring_to_an_end(&mut world);
        let left = long.iter().find(|timer| world.timers.contains_key(timer));
        assert_eq!(left, None, "{}", world.told());
    });
}

#[test]
fn an_order_that_has_ended_is_left_alone_by_everything_that_ever_woke_it() {
    for_all_walks(|walk| {
        let mut world = World::with_order(walk.method, walk.moods);
        walk.steps.into_iter().for_each(|step| go(&mut world, step));
        bring_to_an_end(&mut world);
        let (version, calls) = (world.order().version, world.till.calls);
        let timers = world.timers.clone();
        for nth in 0..STEPS_TO_THE_END_MAX {
            world.hand_out_again(nth);
            world.handle(None);
        }
        assert_eq!((world.order().version, world.till.calls), (version, calls));
        assert_eq!(world.timers, timers);
    });
}

/// A walk that never gets anywhere would prove nothing.
#[test]
fn the_walks_meet_every_state_and_every_end() {
    let met = RefCell::new(BTreeSet::new());
    for_all_walks(|walk| {
        let mut world = World::with_order(walk.method, walk.moods);
        for step in walk.steps {
            go(&mut world, step);
            let order = world.order();
            let is_stuck = world.is_stuck().then_some("stuck");
            let names = [
                payment(&order.payment),
                delivery(&order.delivery),
                phase(order.phase),
            ];
            met.borrow_mut().extend(names.into_iter().chain(is_stuck));
        }
    });
    let all = BTreeSet::from(EVERY_STATE);
    assert_eq!(
        all.difference(&met.borrow()).collect::<Vec<_>>(),
        Vec::<&&str>::new()
    );
}

const EVERY_STATE: [&str; 23] = [
    "money not asked for",
    "money asked for",
    "submitted",
    "unknown",
    "approved",
    "declined",
    "expired",
    "voided",
    "refund asked for",
    "refund failed",
    "refunded",
    "nothing to deliver",
    "prepared",
    "started",
    "failed",
    "arrived",
    "called back",
    "open",
    "cancelling",
    "cancelled",
    "rejected",
    "completed",
    "stuck",
];

const fn payment(payment: &Payment) -> &'static str {
    match payment {
        Payment::NotRequested => "money not asked for",
        Payment::Requested { .. } => "money asked for",
        Payment::Submitted { .. } => "submitted",
        Payment::Unknown { .. } => "unknown",
        Payment::Approved { .. } => "approved",
        Payment::Declined { .. } => "declined",
        Payment::Expired => "expired",
        Payment::Voided => "voided",
        Payment::RefundRequested { .. } => "refund asked for",
        Payment::RefundFailed { .. } => "refund failed",
        Payment::Refunded { .. } => "refunded",
    }
}

const fn delivery(delivery: &Delivery) -> &'static str {
    match delivery {
        Delivery::NotPrepared => "nothing to deliver",
        Delivery::Prepared { .. } => "prepared",
        Delivery::Started { .. } => "started",
        Delivery::Failed { .. } => "failed",
        Delivery::Completed { .. } => "arrived",
        Delivery::Cancelled { .. } => "called back",
    }
}

const fn phase(phase: Phase) -> &'static str {
    match phase {
        Phase::Open => "open",
        Phase::Cancelling(_) => "cancelling",
        Phase::Cancelled(_) => "cancelled",
        Phase::Rejected(_) => "rejected",
        Phase::Completed => "completed",
    }
}
