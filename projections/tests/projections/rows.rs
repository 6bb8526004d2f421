//! What events make of a row.

use ordertrace_domain::{
    Event, FeedItem, Hash, OrderState, Sequence, Version, fold,
    testing::fixtures::{self, events, histories},
};
use ordertrace_projections::{
    Change, Counts, Listing, Quarantine, QuarantineReason, Record, Row, ViewStore, apply,
};

use crate::{
    feed::{Feed, Tip, draft, order_id},
    folder::Folder,
    history::ways,
};

fn row(record: &Record) -> &Row {
    record.row().unwrap()
}

fn record(store: &ViewStore) -> Record {
    store.record(order_id(0)).unwrap().unwrap()
}

fn state_of(events: &[Event]) -> OrderState {
    fold(events)
}

#[test]
fn a_row_is_the_fold_of_its_events_on_every_way_an_order_can_take() {
    for history in ways() {
        let feed = Feed::of([history.clone()]);
        let (_folder, store) = Folder::with(&feed);
        let record = record(&store);
        assert_eq!(Some(&row(&record).order), state_of(&history).order());
        assert_eq!(record.quarantine(), None);
    }
}

#[test]
fn a_row_knows_where_and_when_it_was_placed_and_changed() {
    let feed = Feed::of([
        histories::placed(fixtures::cash()),
        histories::prepared(fixtures::cash()),
    ]);
    let (_folder, store) = Folder::with(&feed);
    let record = store.record(order_id(1)).unwrap().unwrap();
    let row = row(&record);
    let FeedItem::Event(placed) = &feed.items()[1] else {
        panic!("an event");
    };
    assert_eq!(row.placed, Sequence::new(2));
    assert_eq!(row.placed_at, placed.recorded_at);
    assert_eq!(row.payment, Some(Sequence::new(3)));
    assert_eq!(row.delivery, Some(Sequence::new(5)));
    assert_eq!(row.changed, Sequence::new(5));
    assert!(row.changed_at > row.placed_at);
}

#[test]
fn an_order_enters_each_listing_at_the_event_that_makes_it_a_member() {
    let feed = Feed::new();
    let folder = Folder::new();
    let store = folder.open(feed.head_now());
    let mut tip = Tip::NONE;
    let mut counts = Vec::new();
    for event in histories::prepared(fixtures::cash()) {
        tip = feed.write_all(0, tip, [event]);
        store.commit(&feed.items()).unwrap();
        let count = |listing| store.page(listing, None, 10).unwrap().total;
        counts.push(Listing::ALL.map(count));
    }
    assert_eq!(counts, [[1, 0, 0], [1, 1, 0], [1, 1, 0], [1, 1, 1]]);
}

#[test]
fn a_repeated_event_changes_nothing_however_old_it_is() {
    let history = histories::approved(fixtures::cash());
    let feed = Feed::new();
    let mut payloads = Vec::new();
    let mut tip = Tip::NONE;
    for event in history.clone() {
        let draft = draft(0, tip, event);
        tip = Tip {
            version: draft.envelope.version,
            hash: draft.hash,
        };
        feed.write(0, &draft.payload);
        payloads.push(draft.payload);
    }
    let (_folder, store) = Folder::with(&feed);
    let before = record(&store);
    for payload in &payloads {
        feed.write(0, payload);
    }
    store.commit(&feed.items()).unwrap();
    assert_eq!(record(&store), before);
    assert_eq!(store.status().position, feed.head_now());
}

/// The record of an order whose third message is not what follows on its first two.
fn spoilt_by(payload: &[u8]) -> (Record, Record) {
    let feed = Feed::new();
    let tip = feed.write_all(0, Tip::NONE, histories::requested(fixtures::cash()));
    let (_folder, store) = Folder::with(&feed);
    let before = record(&store);
    feed.write(0, payload);
    // What follows on the good events does not lift the quarantine, nor does what follows on the bad one.
    feed.write_all(0, tip, [events::payment_approved(None)]);
    feed.write_all(1, Tip::NONE, histories::placed(fixtures::card()));
    store.commit(&feed.items()).unwrap();
    assert_eq!(store.status().quarantined, 1);
    let other = store.record(order_id(1)).unwrap().unwrap();
    assert_eq!(other.quarantine(), None, "other orders go on");
    (before, record(&store))
}

#[test]
fn a_message_that_does_not_follow_quarantines_its_order_and_no_other() {
    let approved = || events::payment_approved(None);
    let version = |number, hash| Tip {
        version: Version::new(number),
        hash,
    };
    let placed = draft(0, Tip::NONE, events::order_placed(fixtures::cash()));
    let requested = draft(
        0,
        version(1, placed.hash),
        events::payment_requested(fixtures::cash()),
    );
    let mut renamed = draft(0, version(2, requested.hash), approved()).envelope;
    renamed.event_id = placed.envelope.event_id;
    let under_another_id = renamed.encode();
    let cases = [
        (b"no envelope".to_vec(), QuarantineReason::Unreadable),
        (
            draft(0, version(7, requested.hash), approved()).payload,
            QuarantineReason::WrongVersion,
        ),
        (
            draft(0, version(1, placed.hash), approved()).payload,
            QuarantineReason::WrongVersion,
        ),
        (
            draft(0, version(2, Hash::ZERO), approved()).payload,
            QuarantineReason::BrokenLink,
        ),
        (
            draft(
                0,
                version(2, requested.hash),
                events::order_placed(fixtures::cash()),
            )
            .payload,
            QuarantineReason::OutOfPlace,
        ),
        (under_another_id, QuarantineReason::Contradictory),
    ];
    for (payload, reason) in cases {
        let (before, after) = spoilt_by(&payload);
        let sequence = Sequence::new(3);
        assert_eq!(after.quarantine(), Some(Quarantine { sequence, reason }));
        assert_eq!(after.row(), before.row(), "the row stays as it was");
    }
}

#[test]
fn an_order_that_begins_with_anything_else_has_no_row() {
    for (payload, reason) in [
        (b"no envelope".to_vec(), QuarantineReason::Unreadable),
        (
            draft(0, Tip::NONE, events::payment_approved(None)).payload,
            QuarantineReason::OutOfPlace,
        ),
    ] {
        let feed = Feed::new();
        feed.write(0, &payload);
        let (_folder, store) = Folder::with(&feed);
        let record = record(&store);
        assert_eq!(record.row(), None);
        assert_eq!(record.quarantine().unwrap().reason, reason);
        assert_eq!(store.page(Listing::Placed, None, 10).unwrap().total, 0);
    }
}

#[test]
fn a_message_of_nobody_is_counted_and_the_view_goes_on() {
    let feed = Feed::of([histories::placed(fixtures::cash())]);
    feed.write_stray();
    feed.write_all(1, Tip::NONE, histories::placed(fixtures::cash()));
    let (_folder, store) = Folder::with(&feed);
    let status = store.status();
    assert_eq!((status.strays, status.quarantined), (1, 0));
    assert_eq!(status.position, feed.head_now());
    assert_eq!(store.page(Listing::Placed, None, 10).unwrap().total, 2);
}

#[test]
fn apply_is_a_function_of_the_record_and_the_message_alone() {
    let feed = Feed::of([histories::placed(fixtures::cash())]);
    let item = &feed.items()[0];
    let change = apply(None, item);
    assert_eq!(change, apply(None, item));
    let Change::Advanced { row, entered } = change else {
        panic!("{change:?}");
    };
    assert_eq!(entered, Some(Listing::Placed));
    assert_eq!(apply(Some(&Record::Sound(row)), item), Change::Nothing);
}

#[test]
fn counts_tell_the_listings_apart() {
    let counts = Counts {
        placed: 3,
        payments: 2,
        deliveries: 1,
        quarantined: 0,
        strays: 0,
    };
    assert_eq!(Listing::ALL.map(|listing| counts.of(listing)), [3, 2, 1]);
}

/// The stored bytes of one order. They change only together with the number of the layout: a view of an earlier version of
/// the program would be misread otherwise. `UPDATE_GOLDEN=1` writes the file of a new one.
#[test]
fn the_stored_bytes_of_a_view_are_frozen() {
    let feed = Feed::of([histories::delivered(fixtures::card())]);
    feed.write(1, b"no envelope");
    let (_folder, store) = Folder::with(&feed);
    let contents = store.contents().unwrap();
    let lines = contents.iter().map(|stored| {
        let hex = |bytes: &[u8]| {
            bytes
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect::<String>()
        };
        format!("{} {}\n", hex(&stored.key), hex(&stored.value))
    });
    let lines: String = lines.collect();
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/projections/golden/layout-6.hex"
    );
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(file, &lines).unwrap();
    }
    assert_eq!(
        lines,
        std::fs::read_to_string(file).unwrap(),
        "raise the number in store/layout.rs, and take a golden file of that number"
    );
}
