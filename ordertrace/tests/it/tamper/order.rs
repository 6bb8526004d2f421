//! Messages are taken out, put in, or stand elsewhere.

use ordertrace_domain::message::EXPECTED_LAST;

use super::insider::{
    beginning_of_an_order, cover_up, end_of_an_order, forged_next, next_of_order, renumber,
    within_an_order,
};
use super::scene::{Scene, sizes};

#[tokio::test]
async fn an_event_that_was_taken_out_leaves_a_gap() {
    let copy = Scene::get().await.copy();
    let gone = copy.events().edit(|messages| {
        let index = within_an_order(messages);
        messages.remove(index).sequence
    });
    let verdict = copy.verify().await;
    let message = verdict.finds("gap", Some(gone));
    assert!(
        message.contains(&format!("at position {}", gone + 1)),
        "{message}"
    );
    assert_eq!(verdict.first_position(), Some(gone));
    verdict.finds("miscount", None);
}

#[tokio::test]
async fn a_log_without_its_beginning_has_a_gap_there() {
    let copy = Scene::get().await.copy();
    copy.events().edit(|messages| messages.drain(..3).count());
    let verdict = copy.verify().await;
    let message = verdict.finds("gap", Some(1));
    assert!(message.contains("at position 4"), "{message}");
    assert_eq!(verdict.first_position(), Some(1));
}

#[tokio::test]
async fn an_event_that_was_taken_out_without_a_gap_is_missing_in_its_order() {
    let copy = Scene::get().await.copy();
    let (gone, next) = copy.events().edit(|messages| {
        let index = within_an_order(messages);
        let next = next_of_order(messages, index);
        messages.remove(index);
        renumber(messages);
        (index as u64 + 1, next as u64)
    });
    let verdict = copy.verify().await;
    let message = verdict.finds("broken-chain", Some(next));
    assert!(message.contains("expected"), "{message}");
    verdict.finds_other_tree(copy.among(gone));
}

#[tokio::test]
async fn an_event_whose_place_was_filled_is_noticed_by_what_the_later_ones_expected() {
    let copy = Scene::get().await.copy();
    let expecting = copy.events().edit(|messages| {
        let index = end_of_an_order(messages);
        messages.remove(index);
        renumber(messages);
        // The next decision about an order that had an event behind the gap speaks of a place that is another one now.
        let later = messages[index..].iter().find(|message| {
            let expected = message.header(EXPECTED_LAST);
            expected.is_some_and(|it| it.parse::<u64>().unwrap() > index as u64)
        });
        later.map(|message| message.sequence)
    });
    let expecting = expecting.expect("a later decision about a later event");
    let message_of = copy.verify().await;
    let message = message_of.finds("wrong-header", Some(expecting));
    assert!(message.contains(EXPECTED_LAST), "{message}");
}

#[tokio::test]
async fn an_order_that_was_taken_out_with_all_its_traces_is_another_tree() {
    let copy = Scene::get().await.copy();
    let gone = copy.events().edit(|messages| {
        let index = beginning_of_an_order(messages);
        let subject = messages[index].subject.clone();
        messages.retain(|message| message.subject != subject);
        cover_up(messages);
        index as u64 + 1
    });
    let verdict = copy.verify().await;
    verdict.finds_other_tree(copy.among(gone));
    let message = verdict.finds("rolled-back", None);
    assert!(message.contains("the end was cut off"), "{message}");
}

#[tokio::test]
async fn the_last_ten_events_are_missing_from_what_was_signed() {
    let copy = Scene::get().await.copy();
    let left = copy.events().edit(|messages| {
        messages.truncate(messages.len() - 10);
        messages.len() as u64
    });
    let (_, signed) = copy.among(left + 1);
    let verdict = copy.verify().await;
    let message = verdict.finds_only("rolled-back", None);
    let told = format!("was over {signed} events, and now there are {left}:");
    assert!(message.contains(&told), "{message}");
}

#[tokio::test]
async fn the_last_ten_events_are_missing_though_nobody_signed_for_them_any_more() {
    let copy = Scene::get().await.copy();
    let left = copy.events().edit(|messages| {
        messages.truncate(messages.len() - 10);
        messages.len() as u64
    });
    copy.checkpoints().edit(|checkpoints| {
        let kept = sizes(checkpoints)
            .iter()
            .filter(|size| **size <= left)
            .count();
        checkpoints.truncate(kept);
    });
    // What is there was signed for: only somebody who kept a later checkpoint elsewhere knows that there was more.
    copy.verify().await.verified();
    let verdict = copy.verify_against(&copy.scene().latest_note()).await;
    let message = verdict.finds_only("rolled-back", None);
    let told = format!("was over {} events, and now there are {left}:", left + 10);
    assert!(message.contains(&told), "{message}");
}

#[tokio::test]
async fn neighbours_of_two_orders_that_were_swapped_are_another_tree() {
    let copy = Scene::get().await.copy();
    let first = copy.events().edit(|messages| {
        let is_of_two = |index: &usize| messages[*index].subject != messages[index + 1].subject;
        let index = (messages.len() / 2..messages.len() - 1).find(is_of_two);
        let index = index.unwrap();
        messages.swap(index, index + 1);
        cover_up(messages);
        messages[index].sequence
    });
    let verdict = copy.verify().await;
    verdict.finds_other_roots_only(copy.among(first));
}

#[tokio::test]
async fn neighbours_of_one_order_that_were_swapped_do_not_follow_each_other() {
    let copy = Scene::get().await.copy();
    let first = copy.events().edit(|messages| {
        // Others' events may stand between them: orders are handled side by side.
        let next_of = |index: usize| {
            let mut later = index + 1..messages.len();
            later.find(|later| messages[*later].subject == messages[index].subject)
        };
        let mut pairs =
            (messages.len() / 2..messages.len()).filter_map(|index| Some((index, next_of(index)?)));
        let (index, next) = pairs.next().unwrap();
        messages.swap(index, next);
        renumber(messages);
        messages[index].sequence
    });
    let verdict = copy.verify().await;
    let message = verdict.finds("broken-chain", Some(first));
    assert!(message.contains("event"), "{message}");
    assert_eq!(verdict.first_position(), Some(first));
    verdict.finds_other_tree(copy.among(first));
}

#[tokio::test]
async fn a_forged_event_that_was_put_in_is_another_tree() {
    let copy = Scene::get().await.copy();
    let forged = copy.events().edit(|messages| {
        let index = end_of_an_order(messages);
        let forged = forged_next(&messages[index]);
        messages.insert(index + 1, forged);
        cover_up(messages);
        messages[index + 1].sequence
    });
    let verdict = copy.verify().await;
    verdict.finds_other_roots_only(copy.among(forged));
}

#[tokio::test]
async fn an_event_that_is_there_twice_does_not_follow_itself() {
    let copy = Scene::get().await.copy();
    let again = copy.events().edit(|messages| {
        let again = messages[end_of_an_order(messages)].clone();
        messages.push(again);
        renumber(messages);
        messages.len() as u64
    });
    let message_of = copy.verify().await;
    let message = message_of.finds_only("broken-chain", Some(again));
    assert!(message.contains("expected"), "{message}");
}

#[tokio::test]
async fn a_forged_event_behind_the_last_checkpoint_is_said_to_be_signed_by_nobody() {
    let copy = Scene::get().await.copy();
    copy.events().edit(|messages| {
        let forged = forged_next(&messages[end_of_an_order(messages)]);
        messages.push(forged);
        renumber(messages);
    });
    // Whoever can write to the store can add to the log. That it was always there is what nobody says of it.
    let verdict = copy.verify().await;
    assert_eq!(verdict.verified()["notCovered"], 1);
}
