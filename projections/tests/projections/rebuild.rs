//! A view is the fold of the log: however the log is cut, and wherever the view was closed and opened again.

use ordertrace_domain::FeedItem;
use proptest::prelude::*;

use crate::{folder::Folder, history::feed_of};

const MESSAGES: u64 = 600;

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_chunking_and_any_restarts_give_the_same_bytes(
        seed in any::<u64>(),
        chunks in proptest::collection::vec((1_usize..120, any::<bool>()), 1..40),
    ) {
        let feed = feed_of(seed, MESSAGES);
        let (items, head) = (feed.items(), feed.head_now());
        let folder = Folder::new();
        let mut store = folder.open(head);
        let mut rest: &[FeedItem] = &items;
        for (size, restarts) in chunks {
            let (chunk, later) = rest.split_at(size.min(rest.len()));
            store.commit(chunk).unwrap();
            rest = later;
            if restarts {
                drop(store);
                store = folder.open(head);
            }
        }
        store.commit(rest).unwrap();
        prop_assert_eq!(store.set_aside(), None);
        prop_assert_eq!(store.contents().unwrap(), Folder::contents_of(&items, head));
    }
}

#[test]
fn messages_that_come_again_after_a_restart_change_nothing() {
    let feed = feed_of(7, MESSAGES);
    let (items, head) = (feed.items(), feed.head_now());
    let folder = Folder::new();
    let store = folder.open(head);
    store.commit(&items[..400]).unwrap();
    store.commit(&items[100..]).unwrap();
    store.commit(&items).unwrap();
    assert_eq!(store.status().position, head);
    assert_eq!(store.contents().unwrap(), Folder::contents_of(&items, head));
}

#[test]
fn the_log_of_these_tests_has_orders_in_quarantine_and_strays() {
    let feed = feed_of(7, MESSAGES);
    let (_folder, store) = Folder::with(&feed);
    let status = store.status();
    assert!(status.quarantined > 0, "{status:?}");
    assert!(status.strays > 0, "{status:?}");
}
