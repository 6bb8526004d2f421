//! A history takes the event that follows, and no other.

use std::sync::Arc;

use ordertrace_domain::{
    BrokenHistory, Event, EventId, Hash, History, OrderId, Sequence, StoredEvent, Version, fold,
    testing::{
        fixtures::{self, drafts, order_id},
        strategies::course,
    },
};
use proptest::prelude::*;

/// The events as they would stand in the log, with a message of somebody else between any two.
fn stored(order: OrderId, events: Vec<Event>) -> Vec<Arc<StoredEvent>> {
    let drafts = drafts(&History::empty(order), events).into_iter();
    let stored = drafts.zip(1..).map(|(draft, nth)| {
        let sequence = Sequence::new(2 * nth);
        let event = StoredEvent::read(sequence, &draft.payload);
        Arc::new(event.expect("a payload that can be read"))
    });
    stored.collect()
}

fn history(order: OrderId, events: &[Arc<StoredEvent>]) -> History {
    let mut history = History::empty(order);
    for event in events {
        history.push(Arc::clone(event)).expect("it follows");
    }
    history
}

/// The event with one thing about it changed.
fn changed(event: &StoredEvent, change: impl FnOnce(&mut StoredEvent)) -> Arc<StoredEvent> {
    let mut event = event.clone();
    change(&mut event);
    Arc::new(event)
}

/// Every way in which `next` may fail to follow, with what is said of it.
fn misfits(next: &StoredEvent) -> Vec<(Arc<StoredEvent>, BrokenHistory)> {
    let sequence = next.sequence;
    let version = next.envelope.version;
    let stranger = order_id();
    let wrong_version = |found| BrokenHistory::WrongVersion {
        sequence,
        expected: version,
        found,
    };
    let out_of_place = if version == Version::new(1) {
        fixtures::events::delivery_started(1)
    } else {
        fixtures::events::order_placed(fixtures::cash())
    };
    vec![
        (
            changed(next, |event| event.envelope.order_id = stranger),
            BrokenHistory::ForeignOrder {
                sequence,
                found: stranger,
            },
        ),
        (
            changed(next, |event| event.envelope.version = version.next()),
            wrong_version(version.next()),
        ),
        (
            changed(next, |event| {
                event.envelope.version = Version::new(version.get() - 1);
            }),
            wrong_version(Version::new(version.get() - 1)),
        ),
        (
            changed(next, |event| {
                event.envelope.prev_hash = Hash::of(b"another")
            }),
            BrokenHistory::BrokenLink { sequence },
        ),
        (
            changed(next, |event| event.envelope.event = out_of_place),
            BrokenHistory::OutOfPlace { sequence },
        ),
        (
            changed(next, |event| {
                let command = event.envelope.command_id;
                event.envelope.event_id = EventId::derive(command, version.next());
            }),
            BrokenHistory::ForeignEventId { sequence },
        ),
    ]
}

proptest! {
    #[test]
    fn what_was_decided_makes_a_history(course in course()) {
        let order = order_id();
        let history = history(order, &stored(order, course.events()));
        prop_assert_eq!(history.state(), fold(&course.events()));
        prop_assert_eq!(history.version(), history.state().version());
    }

    #[test]
    fn an_event_that_does_not_follow_is_refused_and_changes_nothing(course in course()) {
        let order = order_id();
        let events = stored(order, course.events());
        for (count, next) in events.iter().enumerate() {
            let mut history = history(order, &events[..count]);
            for (misfit, refusal) in misfits(next) {
                prop_assert_eq!(history.push(misfit), Err(refusal));
                prop_assert_eq!(history.events(), &events[..count]);
            }
            prop_assert_eq!(history.push(Arc::clone(next)), Ok(()));
        }
    }

    #[test]
    fn an_event_that_is_there_already_says_nothing_new(course in course()) {
        let order = order_id();
        let events = stored(order, course.events());
        let mut with_repeats = history(order, &events);
        let end = with_repeats.last_sequence().get();
        for (event, nth) in events.iter().zip(1..) {
            let repeat = changed(event, |event| event.sequence = Sequence::new(end + nth));
            prop_assert_eq!(with_repeats.push(repeat), Ok(()));
            prop_assert_eq!(with_repeats.last_sequence(), Sequence::new(end + nth));
        }
        prop_assert_eq!(with_repeats.events(), &events[..]);
    }

    #[test]
    fn an_event_from_further_back_in_the_log_is_refused(course in course()) {
        let order = order_id();
        let events = stored(order, course.events());
        for count in 1..events.len() {
            let mut history = history(order, &events[..count]);
            let sequence = history.last_sequence();
            let earlier = changed(&events[count], |event| event.sequence = sequence);
            prop_assert_eq!(history.push(earlier), Err(BrokenHistory::BrokenLink { sequence }));
        }
    }

    #[test]
    fn a_history_until_a_version_is_what_it_was_then(course in course()) {
        let order = order_id();
        let events = stored(order, course.events());
        let whole = history(order, &events);
        for count in 0..=events.len() {
            let then = history(order, &events[..count]);
            let until = whole.until(Version::new(count as u64));
            prop_assert_eq!(until.events(), then.events());
            prop_assert_eq!(until.head_hash(), then.head_hash());
            prop_assert_eq!(until.last_sequence(), then.last_sequence());
        }
    }
}
