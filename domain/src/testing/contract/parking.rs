//! Messages that wait for an operator, and what the operator makes of them.
//!
//! Other messages may be parked on the same log: each behaviour looks at its own order's.

use futures::future::join_all;

use super::{Harness, new_order, within};
use crate::{
    ActorId, DeadLetter, DeadLetterId, DeadLetterPage, History, Parked, Reason, Sequence, Verdict,
};

/// How many do the same thing at the same moment, where only one may succeed.
const RIVALS: usize = 8;

/// More parts of a list than any list here has: one that does not end is noticed.
const PARTS_MAX: usize = 1_000;

fn parked(order: &History, consumer: &str, attempts: u32) -> Parked {
    Parked {
        sequence: order.last_sequence(),
        order_id: Some(order.order_id()),
        consumer: consumer.to_owned(),
        reason: "it can't be read".to_owned(),
        attempts,
    }
}

fn id_of(parked: &Parked) -> DeadLetterId {
    DeadLetterId {
        consumer: parked.consumer.clone(),
        sequence: parked.sequence,
    }
}

fn operator() -> ActorId {
    ActorId::parse("operator").expect("a name")
}

fn discarded() -> Verdict {
    let reason = Reason::parse("a test order").expect("a reason");
    Verdict::Discarded { reason }
}

async fn park(harness: &dyn Harness, parked: Parked) {
    let done = within(harness.parking().park(parked)).await;
    done.expect("it is parked");
}

async fn found(harness: &dyn Harness, id: &DeadLetterId) -> Option<DeadLetter> {
    let letter = within(async { harness.dead_letters().find(id).await }).await;
    letter.expect("an answer")
}

/// Parks a message, and looks at it.
async fn waiting(harness: &dyn Harness, parked: Parked) -> DeadLetter {
    let id = id_of(&parked);
    park(harness, parked).await;
    found(harness, &id).await.expect("it is parked")
}

async fn settle(harness: &dyn Harness, letter: &DeadLetter, verdict: Verdict) -> bool {
    let letters = harness.dead_letters();
    let settled = within(letters.settle(letter, verdict, &operator())).await;
    settled.expect("an answer")
}

async fn page(harness: &dyn Harness, after: Sequence, limit: usize) -> DeadLetterPage {
    let letters = harness.dead_letters();
    within(letters.list(after, limit)).await.expect("a page")
}

/// The whole list after a record, put together from parts of that size.
async fn listed(harness: &dyn Harness, after: Sequence, limit: usize) -> Vec<DeadLetter> {
    let mut all = Vec::new();
    let mut next = Some(after);
    for _ in 0..PARTS_MAX {
        let Some(after) = next else { return all };
        let page = page(harness, after, limit).await;
        assert!(page.letters.len() <= limit, "a part is too large");
        assert!(
            page.next.is_none_or(|next| next > after),
            "the list goes on"
        );
        all.extend(page.letters);
        next = page.next;
    }
    assert!(next.is_none(), "the list has no end");
    all
}

/// Where the list ends at this moment.
async fn end_of_list(harness: &dyn Harness) -> Sequence {
    let all = listed(harness, Sequence::START, 100).await;
    all.last().map_or(Sequence::START, |letter| letter.record)
}

async fn parked_of(harness: &dyn Harness, order: &History) -> Vec<Parked> {
    let all = listed(harness, Sequence::START, 100).await;
    let all = all.into_iter().map(|letter| letter.parked);
    all.filter(|parked| parked.order_id == Some(order.order_id()))
        .collect()
}

/// A worker that died between parking and acknowledging parks again.
pub async fn a_message_parked_twice_is_parked_once(harness: &dyn Harness) {
    let order = new_order(&*harness.log()).await;
    let first = waiting(harness, parked(&order, "saga", 3)).await;
    let second = waiting(harness, parked(&order, "saga", 4)).await;
    assert_eq!(first, second);
    let expected = parked(&order, "saga", 3);
    assert_eq!(parked_of(harness, &order).await, [expected]);
}

/// A first failure may be harmless, and the next one be about money: that must not stay hidden.
pub async fn a_message_parked_for_another_reason_shows_the_newest(harness: &dyn Harness) {
    let order = new_order(&*harness.log()).await;
    let first = waiting(harness, parked(&order, "saga", 3)).await;
    let graver = Parked {
        reason: "the money was taken".to_owned(),
        ..parked(&order, "saga", 1)
    };
    let second = waiting(harness, graver.clone()).await;
    assert_eq!((&second.parked, &second.settled), (&graver, &None));
    assert!(second.record > first.record);
    assert_eq!(parked_of(harness, &order).await.len(), 1);
    assert_eq!(waiting(harness, graver).await, second);
    // Nobody settles it by what the earlier reason said.
    assert!(!settle(harness, &first, discarded()).await);
    assert!(settle(harness, &second, discarded()).await);
}

/// What one consumer can't handle another may.
pub async fn each_consumer_parks_for_itself(harness: &dyn Harness) {
    let order = new_order(&*harness.log()).await;
    let of_saga = waiting(harness, parked(&order, "saga", 3)).await;
    park(harness, parked(&order, "projections", 1)).await;
    let expected = [parked(&order, "saga", 3), parked(&order, "projections", 1)];
    assert_eq!(parked_of(harness, &order).await, expected);

    assert!(settle(harness, &of_saga, Verdict::Retried).await);
    let id = id_of(&parked(&order, "projections", 1));
    let other = found(harness, &id).await.expect("it is parked");
    assert_eq!(other.settled, None);
}

/// A timer that can't be read names nobody's order.
pub async fn a_message_of_no_order_is_parked_like_any_other(harness: &dyn Harness) {
    let order = new_order(&*harness.log()).await;
    let timer = Parked {
        order_id: None,
        ..parked(&order, "saga-timers-05", 1)
    };
    let letter = waiting(harness, timer.clone()).await;
    assert_eq!(letter.parked, timer);
    assert!(settle(harness, &letter, discarded()).await);
    let settled = found(harness, &letter.id()).await.expect("it is there");
    assert_eq!(settled.parked, timer);
    assert!(settled.settled.is_some());
}

/// A name that comes from outside, and may look like many names.
pub async fn what_was_never_parked_is_not_found(harness: &dyn Harness) {
    let order = new_order(&*harness.log()).await;
    park(harness, parked(&order, "saga", 3)).await;
    for consumer in ["projections", "", "*", ">", "saga.", "sa ga", "Saga"] {
        let id = id_of(&parked(&order, consumer, 3));
        assert_eq!(found(harness, &id).await, None, "{consumer:?}");
    }
    let later = DeadLetterId {
        consumer: "saga".to_owned(),
        sequence: Sequence::new(u64::MAX),
    };
    assert_eq!(found(harness, &later).await, None);
}

/// Nobody decides on what a list shows if a look shows something else.
pub async fn the_list_tells_of_a_message_what_a_look_at_it_tells(harness: &dyn Harness) {
    let order = new_order(&*harness.log()).await;
    let end = end_of_list(harness).await;
    let before = harness.clock().now();
    let waits = waiting(harness, parked(&order, "saga", 3)).await;
    let other = waiting(harness, parked(&order, "projections", 1)).await;
    let after = harness.clock().now();
    assert!(
        before <= waits.parked_at && waits.parked_at <= after,
        "{waits:?} is not between {before} and {after}"
    );
    let expected = [waits.clone(), other.clone()];
    assert_eq!(listed(harness, end, 100).await, expected);

    assert!(settle(harness, &waits, discarded()).await);
    let settled = found(harness, &waits.id()).await.expect("it is there");
    assert_eq!(listed(harness, end, 100).await, [other, settled]);
}

/// Who looks later sees it, and what the message was.
pub async fn a_settled_message_shows_what_was_decided_and_by_whom(harness: &dyn Harness) {
    for verdict in [Verdict::Retried, discarded()] {
        let order = new_order(&*harness.log()).await;
        let waits = waiting(harness, parked(&order, "saga", 3)).await;
        assert!(settle(harness, &waits, verdict.clone()).await);

        let settled = found(harness, &waits.id()).await.expect("it is there");
        assert_eq!(settled.parked, waits.parked);
        assert_eq!(settled.parked_at, waits.parked_at);
        assert!(settled.record > waits.record);
        let settlement = settled.settled.expect("it is settled");
        assert_eq!(settlement.verdict, verdict);
        assert_eq!(settlement.by, operator());
        assert!(settlement.at >= waits.parked_at);
    }
}

/// Two operators look at the same list.
pub async fn a_decision_on_what_has_changed_since_is_refused(harness: &dyn Harness) {
    let order = new_order(&*harness.log()).await;
    let waits = waiting(harness, parked(&order, "saga", 3)).await;
    assert!(settle(harness, &waits, Verdict::Retried).await);
    let settled = found(harness, &waits.id()).await;
    assert!(!settle(harness, &waits, discarded()).await);
    assert!(!settle(harness, &waits, Verdict::Retried).await);
    assert_eq!(found(harness, &waits.id()).await, settled);
}

/// The same, at the same moment.
pub async fn of_many_decisions_on_one_view_one_counts(harness: &dyn Harness) {
    let order = new_order(&*harness.log()).await;
    let waits = waiting(harness, parked(&order, "saga", 3)).await;
    let rivals = (0..RIVALS).map(|_| settle(harness, &waits, Verdict::Retried));
    let done = join_all(rivals).await;
    let count = done.iter().filter(|is_done| **is_done).count();
    assert_eq!(count, 1, "{done:?}");
}

/// What was tried again and failed again, and what was discarded and came again, must not get lost.
pub async fn a_settled_message_that_is_parked_again_waits_anew(harness: &dyn Harness) {
    for verdict in [Verdict::Retried, discarded()] {
        let order = new_order(&*harness.log()).await;
        let first = waiting(harness, parked(&order, "saga", 3)).await;
        assert!(settle(harness, &first, verdict.clone()).await);

        let again = Parked {
            reason: "it failed again".to_owned(),
            ..parked(&order, "saga", 5)
        };
        let second = waiting(harness, again.clone()).await;
        assert_eq!(second.parked, again);
        assert_eq!(second.settled, None);
        assert!(second.record > first.record);
        assert!(second.parked_at >= first.parked_at);
        assert_eq!(parked_of(harness, &order).await, [again]);

        assert!(!settle(harness, &first, verdict.clone()).await);
        assert!(settle(harness, &second, verdict).await);
    }
}

/// Its redeliveries may come to several workers.
pub async fn of_many_that_park_a_settled_message_one_does(harness: &dyn Harness) {
    let order = new_order(&*harness.log()).await;
    let first = waiting(harness, parked(&order, "saga", 3)).await;
    assert!(settle(harness, &first, Verdict::Retried).await);
    let end = end_of_list(harness).await;
    let rivals = (0..RIVALS).map(|_| park(harness, parked(&order, "saga", 5)));
    join_all(rivals).await;
    let letter = found(harness, &first.id()).await.expect("it is there");
    assert_eq!(letter.settled, None);
    let listed = listed(harness, end, 100).await;
    assert_eq!(listed.as_slice(), std::slice::from_ref(&letter));
    assert!(settle(harness, &letter, Verdict::Retried).await);
}

/// A list is read in parts, and messages that were parked early may have been settled late.
pub async fn pages_have_every_message_once_in_the_order_of_the_latest_records(
    harness: &dyn Harness,
) {
    let order = new_order(&*harness.log()).await;
    let end = end_of_list(harness).await;
    let mut letters = Vec::new();
    for consumer in ["one", "two", "three", "four", "five"] {
        letters.push(waiting(harness, parked(&order, consumer, 1)).await);
    }
    for letter in &letters[1..=3] {
        assert!(settle(harness, letter, Verdict::Retried).await);
    }
    park(harness, parked(&order, "three", 2)).await;
    let names = |letters: &[DeadLetter]| -> Vec<String> {
        let names = letters.iter().map(|letter| &letter.parked.consumer);
        names.cloned().collect()
    };
    let expected = ["one", "five", "two", "four", "three"];
    for limit in 1..=6 {
        let all = listed(harness, end, limit).await;
        assert_eq!(names(&all), expected, "in parts of {limit}");
        assert!(all.is_sorted_by_key(|letter| letter.record));
    }
    let last = end_of_list(harness).await;
    let nothing = page(harness, last, 100).await;
    assert_eq!((nothing.letters, nothing.next), (Vec::new(), None));
}
