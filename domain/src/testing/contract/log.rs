//! Loading and appending.

use std::collections::BTreeSet;

use futures::future::join_all;

use super::{Harness, appended, current, new_order, some_event, within};
use crate::{
    AppendError, EventLog, Freshness, Hash, History, Version,
    testing::fixtures::{self, drafts},
};

/// How many write at the same time.
const WRITERS: u16 = 16;

/// How often they do.
const ROUNDS: u16 = 4;

/// Positions from the one mean something to the other.
pub async fn a_log_and_its_feed_are_of_the_same_incarnation(harness: &dyn Harness) {
    let incarnation = harness.log().incarnation();
    assert_eq!(harness.feed().incarnation(), incarnation);
    assert_eq!(harness.second_log().incarnation(), incarnation);
}

/// The history of an unknown order is empty, not an error.
pub async fn an_order_nobody_placed_has_no_events(harness: &dyn Harness) {
    for freshness in [Freshness::MayBeStale, Freshness::Current] {
        let load = harness.log();
        let history = within(load.load(fixtures::order_id(), freshness)).await;
        assert_eq!(history.expect("a history").version(), Version::NONE);
    }
}

/// What an append answers, what its own process reads and what another one reads is the same, event by event.
pub async fn what_was_appended_is_read_back_as_it_was(harness: &dyn Harness) {
    let log = harness.log();
    let placed = new_order(&*log).await;
    let answered = appended(&*log, &placed, vec![some_event(1), some_event(2)]).await;
    assert_eq!(answered.version(), Version::new(3));
    for log in [harness.log(), harness.second_log()] {
        let read = current(&*log, placed.order_id()).await;
        assert_eq!(read.events(), answered.events());
    }
}

/// Whatever a cache or a replica says was so at some time.
pub async fn a_read_that_may_be_stale_is_a_prefix(harness: &dyn Harness) {
    let (log, second) = (harness.log(), harness.second_log());
    let mut history = new_order(&*log).await;
    for round in 1..=ROUNDS {
        let read = within(second.load(history.order_id(), Freshness::MayBeStale));
        let read = read.await.expect("a history");
        let known = history.until(read.version());
        assert_eq!(read.events(), known.events());
        history = appended(&*log, &history, vec![some_event(round)]).await;
    }
}

/// However the writer came by its stale history.
pub async fn an_append_on_a_version_that_has_passed_conflicts(harness: &dyn Harness) {
    let (log, second) = (harness.log(), harness.second_log());
    let passed = new_order(&*log).await;
    let history = appended(&*log, &passed, vec![some_event(1)]).await;
    for writer in [log, second] {
        let answer = within(writer.append(&passed, drafts(&passed, vec![some_event(2)]))).await;
        assert!(matches!(answer, Err(AppendError::Conflict)), "{answer:?}");
        let read = current(&*writer, passed.order_id()).await;
        assert_eq!(read.events(), history.events());
    }
}

/// An order that is taken to be new has to be new.
pub async fn an_order_is_not_begun_twice(harness: &dyn Harness) {
    let placed = new_order(&*harness.log()).await;
    let empty = History::empty(placed.order_id());
    let again = drafts(
        &empty,
        vec![fixtures::events::order_placed(fixtures::card())],
    );
    let answer = within(harness.second_log().append(&empty, again)).await;
    assert!(matches!(answer, Err(AppendError::Conflict)), "{answer:?}");
    let read = current(&*harness.log(), placed.order_id()).await;
    assert_eq!(read.events(), placed.events());
}

/// One writer of many wins each version, and the log has that one's event.
pub async fn of_many_appends_on_one_version_one_wins(harness: &dyn Harness) {
    let writers = [harness.log(), harness.second_log()];
    let mut history = new_order(&*writers[0]).await;
    for _ in 0..ROUNDS {
        let appends = (1..=WRITERS).map(|number| {
            let writer = &writers[usize::from(number) % writers.len()];
            writer.append(&history, drafts(&history, vec![some_event(number)]))
        });
        let mut winners = Vec::new();
        for answer in within(join_all(appends)).await {
            match answer {
                Ok(after) => winners.push(after),
                Err(error) => assert!(matches!(error, AppendError::Conflict), "{error:?}"),
            }
        }
        assert_eq!(winners.len(), 1, "one append wins");
        history = winners.remove(0);
        let read = current(&*writers[1], history.order_id()).await;
        assert_eq!(read.events(), history.events());
    }
}

/// Nobody waits for another order, nor sees its events.
pub async fn orders_do_not_disturb_each_other(harness: &dyn Harness) {
    let log = harness.log();
    let orders = join_all((0..WRITERS).map(|_| grown(&*log))).await;
    for order in &orders {
        assert_eq!(order.version().get(), u64::from(ROUNDS) + 1);
        let read = current(&*log, order.order_id()).await;
        assert_eq!(read.events(), order.events());
    }
    let events = orders.iter().flat_map(History::events);
    let sequences: BTreeSet<_> = events.map(|event| event.sequence).collect();
    let count = usize::from(WRITERS) * (usize::from(ROUNDS) + 1);
    assert_eq!(sequences.len(), count, "no two stand at the same place");
}

async fn grown(log: &dyn EventLog) -> History {
    let mut history = new_order(log).await;
    for round in 1..=ROUNDS {
        history = appended(log, &history, vec![some_event(round)]).await;
    }
    history
}

/// Also when many decisions are stored at the same time.
pub async fn the_events_of_a_decision_stand_side_by_side(harness: &dyn Harness) {
    let log = harness.log();
    let decisions = join_all((0..WRITERS).map(|_| async {
        let placed = new_order(&*log).await;
        let decision = vec![some_event(1), some_event(2), some_event(3)];
        appended(&*log, &placed, decision).await
    }));
    for history in decisions.await {
        let sequences: Vec<_> = history.events()[1..]
            .iter()
            .map(|event| event.sequence)
            .collect();
        let [first, second, third] = sequences[..] else {
            unreachable!("one decision of three events was appended");
        };
        assert_eq!((first.next(), second.next()), (second, third));
        let read = current(&*log, history.order_id()).await;
        assert_eq!(read.events(), history.events());
    }
}

/// Of decisions of several events on the same version one is stored, with all its events and none of another's.
pub async fn a_decision_is_stored_whole_or_not_at_all(harness: &dyn Harness) {
    let writers = [harness.log(), harness.second_log()];
    let placed = new_order(&*writers[0]).await;
    let appends = (1..=WRITERS).map(|number| {
        let writer = &writers[usize::from(number) % writers.len()];
        let decision = vec![some_event(number); 3];
        writer.append(&placed, drafts(&placed, decision))
    });
    let answers = within(join_all(appends)).await;
    let won = answers.into_iter().filter_map(Result::ok);
    let won: Vec<History> = won.collect();
    assert_eq!(won.len(), 1, "one decision wins");
    let read = current(&*writers[1], placed.order_id()).await;
    assert_eq!(read.events(), won[0].events());
    assert_eq!(read.version(), Version::new(4));
}

/// A retry of what was stored is told so or refused, but never stored again.
pub async fn the_same_events_again_are_stored_once(harness: &dyn Harness) {
    let log = harness.log();
    let placed = new_order(&*log).await;
    for decision in [vec![some_event(1)], vec![some_event(2), some_event(3)]] {
        let base = current(&*log, placed.order_id()).await;
        let drafts = drafts(&base, decision);
        let first = within(log.append(&base, drafts.clone())).await;
        let stored = first.expect("an append");
        match within(log.append(&base, drafts)).await {
            Ok(again) => assert_eq!(again.events(), stored.events()),
            Err(error) => assert!(matches!(error, AppendError::Conflict), "{error:?}"),
        }
        let read = current(&*log, placed.order_id()).await;
        assert_eq!(read.events(), stored.events());
    }
}

/// The chain holds over what was stored, not over what was sent.
pub async fn each_payload_is_linked_to_the_one_before(harness: &dyn Harness) {
    let log = harness.log();
    let placed = new_order(&*log).await;
    appended(&*log, &placed, vec![some_event(1), some_event(2)]).await;
    let history = current(&*harness.second_log(), placed.order_id()).await;
    let mut previous = Hash::ZERO;
    for event in history.events() {
        assert_eq!(event.envelope.prev_hash, previous);
        assert_eq!(event.hash, Hash::of(&event.envelope.encode()));
        previous = event.hash;
    }
    assert_eq!(history.head_hash(), previous);
}
