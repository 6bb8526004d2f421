//! The course of an order, whatever it is asked to do.

use ordertrace_domain::{
    Command, DeliveryEvent, Event, Order, OrderEvent, PaymentEvent, Phase, decide, evolve, fold,
    testing::{
        fixtures::commands::{
            approve_payment, cancel_delivery, cancel_order, complete_delivery, complete_order,
            confirm_refund, one_of_each, prepare_delivery, reject_order, request_cancellation,
            request_payment, request_refund, start_delivery, submit_payment, void_payment,
        },
        strategies::{command, course},
    },
};
use proptest::prelude::*;

/// How many commands the longest way to an end takes: pay by card, deliver, complete.
const STEPS_TO_END_MAX: usize = 10;

fn is_approval(event: &Event) -> bool {
    matches!(event, Event::Payment(PaymentEvent::PaymentApproved(_)))
}

fn is_refund(event: &Event) -> bool {
    matches!(event, Event::Payment(PaymentEvent::PaymentRefunded(_)))
}

fn is_arrival(event: &Event) -> bool {
    matches!(event, Event::Delivery(DeliveryEvent::DeliveryCompleted(_)))
}

fn is_departure(event: &Event) -> bool {
    matches!(event, Event::Delivery(DeliveryEvent::DeliveryStarted(_)))
}

fn is_withdrawal(event: &Event) -> bool {
    matches!(
        event,
        Event::Order(OrderEvent::OrderCancellationRequested(_))
    )
}

fn is_end(event: &Event) -> bool {
    match event {
        Event::Order(event) => match event {
            OrderEvent::OrderCancelled(_)
            | OrderEvent::OrderRejected(_)
            | OrderEvent::OrderCompleted(_) => true,
            OrderEvent::OrderPlaced(_) | OrderEvent::OrderCancellationRequested(_) => false,
        },
        Event::Payment(_) | Event::Delivery(_) => false,
    }
}

fn count(events: &[Event], is: fn(&Event) -> bool) -> usize {
    events.iter().filter(|event| is(event)).count()
}

fn order_after(events: &[Event]) -> Order {
    fold(events).order().expect("a placed order").clone()
}

/// What would be asked next of an order that is to end soon; the first one that leads somewhere is taken.
fn ways_to_end(order: &Order) -> Vec<Command> {
    let word = order.payment.provider_ref().cloned();
    vec![
        complete_order(),
        reject_order(),
        cancel_order(),
        confirm_refund(),
        complete_delivery(),
        start_delivery(),
        prepare_delivery(1),
        approve_payment(word.clone()),
        void_payment(word),
        submit_payment(),
        request_payment(),
        cancel_delivery(),
        request_refund(),
        request_cancellation(),
    ]
}

proptest! {
    /// A command without events leaves nothing by which its repeat could be told, so the repeat must be as harmless.
    #[test]
    fn what_has_no_effect_once_never_has_one_later(course in course()) {
        let events = course.events();
        for command in one_of_each() {
            let mut had_no_effect = false;
            for end in 1..=events.len() {
                let decision = decide(&fold(&events[..end]), &command);
                let has_effect = decision.as_ref().is_ok_and(|events| !events.is_empty());
                prop_assert!(!(had_no_effect && has_effect), "{command:?} after {:?}", &events[..end]);
                had_no_effect |= decision.is_ok() && !has_effect;
            }
        }
    }

    #[test]
    fn a_state_and_what_happened_since_make_the_state_of_all(course in course()) {
        let events = course.events();
        let all = fold(&events);
        for split in 0..=events.len() {
            let (before, since) = events.split_at(split);
            prop_assert_eq!(&since.iter().fold(fold(before), evolve), &all);
        }
    }

    #[test]
    fn every_event_that_is_accepted_counts_as_one_version(course in course()) {
        let events = course.events();
        prop_assert_eq!(fold(&events).version().get(), events.len() as u64);
    }

    #[test]
    fn an_order_that_has_ended_is_changed_by_no_command(course in course(), commands in prop::collection::vec(command(), 30)) {
        let state = fold(&course.events());
        let order = state.order().expect("a placed order");
        for command in commands {
            if order.phase.has_ended() {
                let decision = decide(&state, &command).unwrap_or_default();
                prop_assert!(decision.is_empty(), "{:?} led to {:?}", command, decision);
            }
        }
    }

    #[test]
    fn an_order_ends_at_most_once_and_with_its_last_event(course in course()) {
        let events = course.events();
        prop_assert!(count(&events, is_end) <= 1);
        prop_assert_eq!(
            events.last().is_some_and(is_end),
            order_after(&events).phase.has_ended()
        );
    }

    #[test]
    fn money_comes_once_and_goes_back_at_most_once(course in course()) {
        let events = course.events();
        let (came, went) = (count(&events, is_approval), count(&events, is_refund));
        prop_assert!(went <= came && came <= 1, "came {} times, went back {} times", came, went);
    }

    #[test]
    fn nobody_gets_both_the_goods_and_the_money(course in course()) {
        let events = course.events();
        prop_assert!(count(&events, is_arrival) + count(&events, is_refund) <= 1);
    }

    #[test]
    fn no_goods_go_out_unpaid_or_once_the_order_is_withdrawn(course in course()) {
        let events = course.events();
        for (index, _) in events.iter().enumerate().filter(|(_, event)| is_departure(event)) {
            let before = &events[..index];
            prop_assert_eq!(count(before, is_approval), 1);
            prop_assert_eq!(count(before, is_withdrawal), 0);
        }
    }

    #[test]
    fn the_end_of_an_order_squares_with_money_and_goods(course in course()) {
        let events = course.events();
        let kept = count(&events, is_approval) - count(&events, is_refund);
        let arrived = count(&events, is_arrival);
        match order_after(&events).phase {
            Phase::Open | Phase::Cancelling(_) => {}
            Phase::Completed => prop_assert_eq!((kept, arrived), (1, 1)),
            Phase::Cancelled(_) | Phase::Rejected(_) => prop_assert_eq!((kept, arrived), (0, 0)),
        }
    }

    #[test]
    fn an_order_can_always_still_end(course in course()) {
        let mut events = course.events();
        for _ in 0..STEPS_TO_END_MAX {
            let order = order_after(&events);
            let state = fold(&events);
            let decisions = ways_to_end(&order).into_iter();
            let mut decisions = decisions.filter_map(|command| decide(&state, &command).ok());
            let next = decisions.find(|decision| !decision.is_empty());
            events.extend(next.unwrap_or_default());
        }
        let order = order_after(&events);
        prop_assert!(order.phase.has_ended(), "stuck: {:?}", order);
    }

    #[test]
    fn a_command_is_told_from_every_other_by_its_hash(one in command(), other in command()) {
        prop_assert_eq!(one.hash() == other.hash(), one == other);
    }
}

/// The courses would prove little if none of them came far.
#[test]
fn random_courses_reach_every_end_and_every_event() {
    use proptest::{strategy::ValueTree, test_runner::TestRunner};
    use std::collections::BTreeSet;

    const COURSES: usize = 500;
    let mut runner = TestRunner::deterministic();
    let (mut types, mut ends) = (BTreeSet::new(), BTreeSet::new());
    for _ in 0..COURSES {
        let tree = course().new_tree(&mut runner).expect("a course");
        let events = tree.current().events();
        types.extend(events.iter().map(Event::event_type));
        ends.insert(match order_after(&events).phase {
            Phase::Open | Phase::Cancelling(_) => "under way",
            Phase::Cancelled(_) => "cancelled",
            Phase::Rejected(_) => "rejected",
            Phase::Completed => "completed",
        });
    }
    assert_eq!(types, Event::types().collect());
    assert_eq!(ends.len(), 4, "{ends:?}");
}
