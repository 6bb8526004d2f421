//! Any order of commits, flushes, repeats, kills and restarts gives the view of a fresh fold, byte for byte.
//!
//! A kill is a copy of the folder as it is while the view is open: what the process would have left behind. The process
//! that goes on has the copy.

use ordertrace_domain::FeedItem;
use proptest::prelude::*;

use crate::{
    folder::{self, Folder},
    history::feed_of,
};

const MESSAGES: u64 = 300;

/// What happens to a view.
#[derive(Debug, Clone, Copy)]
enum Happening {
    /// So many messages come.
    Messages(usize),
    /// So many of those that were there come again, together with so many new ones.
    Repeats(usize, usize),
    Flush,
    /// The process stops in order.
    Restart,
    /// It does not.
    Kill,
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        4 => (1_usize..40).prop_map(Happening::Messages),
        2 => (1_usize..60, 0_usize..20).prop_map(|(old, new)| Happening::Repeats(old, new)),
        1 => Just(Happening::Flush),
        1 => Just(Happening::Restart),
        2 => Just(Happening::Kill),
    ]
}

/// The messages from `from` on that come now, within the log.
fn stretch(items: &[FeedItem], from: usize, count: usize) -> &[FeedItem] {
    &items[from.min(items.len())..items.len().min(from + count)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_order_of_kills_and_restarts_gives_the_bytes_of_a_fresh_fold(
        seed in any::<u64>(),
        happenings in proptest::collection::vec(happening(), 1..40),
    ) {
        let feed = feed_of(seed, MESSAGES);
        let (items, head) = (feed.items(), feed.head_now());
        let mut folder = Folder::new();
        let mut store = folder.open(head);
        for happening in happenings {
            let at = usize::try_from(store.status().position.sequence.get()).unwrap();
            match happening {
                Happening::Messages(count) => drop(store.commit(stretch(&items, at, count)).unwrap()),
                Happening::Repeats(old, new) => {
                    let from = at.saturating_sub(old);
                    store.commit(stretch(&items, from, at - from + new)).unwrap();
                }
                Happening::Flush => store.flush().unwrap(),
                Happening::Restart => {
                    drop(store);
                    store = folder.open(head);
                    prop_assert_eq!(store.status().position.sequence.get(), at as u64);
                }
                Happening::Kill => {
                    let image = Folder::new();
                    folder::copy(&folder.path(), &image.path());
                    drop(store);
                    folder = image;
                    store = folder.open(head);
                }
            }
            prop_assert_eq!(store.set_aside(), None);
            let at = usize::try_from(store.status().position.sequence.get()).unwrap();
            let fold = Folder::contents_of(&items[..at], head);
            prop_assert_eq!(store.contents().unwrap(), fold, "at {}", at);
        }
        store.commit(&items).unwrap();
        prop_assert_eq!(store.contents().unwrap(), Folder::contents_of(&items, head));
    }
}
