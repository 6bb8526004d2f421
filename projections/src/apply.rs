//! What one message of the log changes in the view: a pure function of the order's record and the message.
//!
//! Invariant: exhaustive and total. A message that does not follow quarantines its own order and no other; a repeat of
//! an applied event changes nothing; nothing is skipped without a word. It knows no store, and logs nothing: whoever
//! commits the change does.

use ordertrace_domain::{
    BrokenHistory, DecodeError, Event, FeedItem, Head, OrderId, OrderState, RecordedEvent,
    UnreadableEvent, evolve,
};

use crate::{Listing, Quarantine, QuarantineReason, Record, Row, row::Fingerprints};

/// What a message changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Nothing: a repeat of an applied event, or a message of an order in quarantine.
    Nothing,
    /// The order has come further.
    Advanced {
        /// Its row now.
        row: Row,
        /// The listing it enters with this event.
        entered: Option<Listing>,
    },
    /// The order is not followed any more.
    Quarantined {
        /// Its record now.
        record: Record,
        /// What is wrong with the message.
        cause: BrokenHistory,
    },
    /// The message can't be read, and nobody can tell whose it is.
    Stray,
}

/// Whose message it is, as far as that can be told.
pub(crate) fn order_of(item: &FeedItem) -> Option<OrderId> {
    match item {
        FeedItem::Event(recorded) => Some(recorded.event.envelope.order_id),
        FeedItem::Unreadable(unreadable) => unreadable.order_id,
    }
}

/// What a message changes, given the record of the order it belongs to.
pub fn apply(record: Option<&Record>, item: &FeedItem) -> Change {
    let row = match record {
        None => None,
        Some(Record::Sound(row)) => Some(row),
        Some(Record::Quarantined { .. }) => return Change::Nothing,
    };
    let recorded = match item {
        FeedItem::Event(recorded) => recorded,
        FeedItem::Unreadable(unreadable) => return apply_unreadable(row, unreadable),
    };
    if row.is_some_and(|row| row.has_applied(&recorded.event)) {
        return Change::Nothing;
    }
    let head = head(row, recorded.event.envelope.order_id);
    match head.check_follows(&recorded.event) {
        Ok(()) => advance(row, recorded),
        Err(cause) => quarantine(row, cause),
    }
}

fn apply_unreadable(row: Option<&Row>, unreadable: &UnreadableEvent) -> Change {
    match unreadable.order_id {
        None => Change::Stray,
        Some(_) => quarantine(
            row,
            BrokenHistory::Unreadable {
                sequence: unreadable.sequence,
                error: unreadable.error.clone(),
            },
        ),
    }
}

/// How far the order has come: its row, under its id, stands in the place of its events.
fn head(row: Option<&Row>, order_id: OrderId) -> Head {
    row.map_or_else(
        || Head::none(order_id),
        |row| Head {
            order_id,
            version: row.order.version,
            hash: row.head_hash,
        },
    )
}

fn quarantine(row: Option<&Row>, cause: BrokenHistory) -> Change {
    let reason = match cause {
        BrokenHistory::Unreadable {
            error: DecodeError::Mismatch(_),
            ..
        } => QuarantineReason::Contradictory,
        BrokenHistory::Unreadable { .. } => QuarantineReason::Unreadable,
        BrokenHistory::WrongVersion { .. } => QuarantineReason::WrongVersion,
        BrokenHistory::ForeignOrder { .. }
        | BrokenHistory::HeaderMismatch { .. }
        | BrokenHistory::ForeignEventId { .. } => QuarantineReason::Contradictory,
        BrokenHistory::BrokenLink { .. } => QuarantineReason::BrokenLink,
        BrokenHistory::OutOfPlace { .. } => QuarantineReason::OutOfPlace,
    };
    let sequence = cause.sequence();
    Change::Quarantined {
        record: Record::Quarantined {
            row: row.cloned(),
            quarantine: Quarantine { sequence, reason },
        },
        cause,
    }
}

fn advance(row: Option<&Row>, recorded: &RecordedEvent) -> Change {
    let event = &recorded.event.envelope.event;
    let state = row.map_or(OrderState::Absent, |row| {
        OrderState::Placed(Box::new(row.order.clone()))
    });
    let OrderState::Placed(order) = evolve(state, event) else {
        // Only an `OrderPlaced` gets here without a row, and that makes an order.
        let sequence = recorded.event.sequence;
        return quarantine(row, BrokenHistory::OutOfPlace { sequence });
    };
    let (sequence, recorded_at) = (recorded.event.sequence, recorded.recorded_at);
    let mut row = Row {
        order: *order,
        head_hash: recorded.event.hash,
        placed: row.map_or(sequence, |row| row.placed),
        placed_at: row.map_or(recorded_at, |row| row.placed_at),
        payment: row.and_then(|row| row.payment),
        delivery: row.and_then(|row| row.delivery),
        changed: sequence,
        changed_at: recorded_at,
        // Which one a new order is, only the view knows.
        number: row.map_or(0, |row| row.number),
        applied: row.map_or_else(Fingerprints::default, |row| row.applied.clone()),
    };
    row.applied.push(recorded.event.hash);
    let entered = enter(&mut row, event);
    Change::Advanced { row, entered }
}

/// Puts the order into the listing that the event belongs to, unless an earlier event did.
fn enter(row: &mut Row, event: &Event) -> Option<Listing> {
    let listing = Listing::entered_by(event)?;
    let place = match listing {
        Listing::Placed => return Some(listing),
        Listing::Payments => &mut row.payment,
        Listing::Deliveries => &mut row.delivery,
    };
    if place.is_some() {
        return None;
    }
    *place = Some(row.changed);
    Some(listing)
}
