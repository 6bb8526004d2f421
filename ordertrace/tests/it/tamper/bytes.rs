//! A byte of a message is another one.

use ordertrace_domain::message::{EXPECTED_LAST, ID, TYPE};

use super::insider::{
    beginning_of_an_order, cover_up, end_of_an_order, find, next_of_order, resell, within_an_order,
};
use super::scene::Scene;

#[tokio::test]
async fn what_nobody_has_changed_is_verified_against_every_checkpoint_that_was_kept() {
    let copy = Scene::get().await.copy();
    let messages = copy.events().messages();
    // Written anew it is the same: what the other tests find is what they have changed.
    copy.events().put(&messages);
    for note in [copy.scene().earlier_note(), copy.scene().latest_note()] {
        let verdict = copy.verify_against(&note).await;
        let report = verdict.verified();
        assert_eq!(report["events"], messages.len());
        assert_eq!(report["kept"], "consistent");
        assert_eq!(report["notCovered"], 0);
    }
}

#[tokio::test]
async fn another_payload_is_noticed_by_the_event_that_was_linked_to_it() {
    let copy = Scene::get().await.copy();
    let (changed, next) = copy.events().edit(|messages| {
        let index = beginning_of_an_order(messages);
        resell(&mut messages[index].payload);
        let next = next_of_order(messages, index);
        (messages[index].sequence, messages[next].sequence)
    });
    let verdict = copy.verify().await;
    let message = verdict.finds("broken-chain", Some(next));
    assert!(message.contains("it was linked to"), "{message}");
    verdict.finds_other_tree(copy.among(changed));
}

#[tokio::test]
async fn another_payload_at_the_end_of_an_order_is_another_tree_and_another_map() {
    let copy = Scene::get().await.copy();
    let changed = copy.events().edit(|messages| {
        let index = end_of_an_order(messages);
        // Which chain of commands it belongs to; nothing else depends on it.
        let payload = &mut messages[index].payload;
        let at = find(payload, b"correlation_id") + 20;
        payload[at] ^= 1;
        messages[index].sequence
    });
    let verdict = copy.verify().await;
    verdict.finds_other_roots_only(copy.among(changed));
    verdict.finds("wrong-map-root", None);
}

#[tokio::test]
async fn another_payload_that_everything_after_it_was_linked_to_again_is_another_tree() {
    let copy = Scene::get().await.copy();
    let changed = copy.events().edit(|messages| {
        let index = beginning_of_an_order(messages);
        resell(&mut messages[index].payload);
        cover_up(messages);
        messages[index].sequence
    });
    let verdict = copy.verify().await;
    verdict.finds_other_roots_only(copy.among(changed));
    assert_eq!(verdict.first_position(), None, "only a range is known");
}

#[tokio::test]
async fn a_payload_that_is_none_is_found_where_it_stands() {
    let copy = Scene::get().await.copy();
    let changed = copy.events().edit(|messages| {
        let index = within_an_order(messages);
        messages[index].payload[0] ^= 0x40;
        messages[index].sequence
    });
    let verdict = copy.verify().await;
    let message = verdict.finds("broken-chain", Some(changed));
    assert!(message.contains("can't be read"), "{message}");
    assert_eq!(verdict.first_position(), Some(changed));
    verdict.finds_other_tree(copy.among(changed));
}

#[tokio::test]
async fn another_subject_is_found_where_it_stands() {
    let copy = Scene::get().await.copy();
    let changed = copy.events().edit(|messages| {
        let index = within_an_order(messages);
        let other = messages[0].subject.clone();
        assert_ne!(messages[index].subject, other);
        messages[index].subject = other;
        messages[index].sequence
    });
    let verdict = copy.verify().await;
    let message = verdict.finds("broken-chain", Some(changed));
    assert!(message.contains("its payload is of order"), "{message}");
    assert_eq!(verdict.first_position(), Some(changed));
    verdict.finds_other_tree(copy.among(changed));
}

#[tokio::test]
async fn a_subject_of_another_shard_is_none_of_an_order() {
    let copy = Scene::get().await.copy();
    let changed = copy.events().edit(|messages| {
        let index = within_an_order(messages);
        let (_, order) = messages[index].subject.rsplit_once('.').unwrap();
        messages[index].subject = format!("ordertrace.events.16.{order}");
        messages[index].sequence
    });
    let verdict = copy.verify().await;
    let message = verdict.finds("broken-chain", Some(changed));
    assert!(message.contains("is none of an order"), "{message}");
}

#[tokio::test]
async fn another_header_is_found_where_it_stands_though_no_root_covers_it() {
    for (name, value) in [
        (ID, Some("018f0000-0000-7000-8000-000000000000")),
        (TYPE, Some("OrderCompleted")),
        (EXPECTED_LAST, Some("1")),
        (ID, None),
    ] {
        let copy = Scene::get().await.copy();
        let changed = copy.events().edit(|messages| {
            let index = beginning_of_an_order(messages);
            messages[index].set_header(name, value);
            messages[index].sequence
        });
        let verdict = copy.verify().await;
        let message = verdict.finds_only("wrong-header", Some(changed));
        assert!(message.contains(name), "{message}");
        let found = value.map_or("found none".to_owned(), |value| format!("found {value:?}"));
        assert!(
            message.contains("expected") && message.contains(&found),
            "{message}"
        );
    }
}

#[tokio::test]
async fn another_time_is_another_tree() {
    let copy = Scene::get().await.copy();
    let changed = copy.events().edit(|messages| {
        let index = within_an_order(messages);
        messages[index].recorded_ns += 1;
        messages[index].sequence
    });
    let verdict = copy.verify().await;
    verdict.finds_only("wrong-tree-root", None);
    verdict.finds_other_tree(copy.among(changed));
}
