//! Whether a record is its order's next event, and if not, what was expected and what was found.

use ordertrace_domain::{
    BrokenHistory, DecodeError, EventId, Hash, Head, Link, OrderId, Record, Version,
    order_of_subject,
};

use crate::{Chain, Fault, MapKey};

/// Why a record is not its order's next event.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotNext {
    /// The subject is none of an order.
    #[error("the subject {0:?} is none of an order")]
    Subject(String),
    /// The payload is no event's.
    #[error("the payload can't be read: {0}")]
    Unreadable(DecodeError),
    /// The payload's order is not the subject's.
    #[error("its payload is of order {found}, expected {expected}")]
    ForeignOrder {
        /// The order of the subject.
        expected: OrderId,
        /// The order in the payload.
        found: OrderId,
    },
    /// A version was left out or is there twice.
    #[error("it is event {found} of its order, expected {expected}")]
    WrongVersion {
        /// The one after the last.
        expected: Version,
        /// The one in the payload.
        found: Version,
    },
    /// It was linked to another payload.
    #[error("the payload before it has the hash {expected}, it was linked to {found}")]
    BrokenLink {
        /// The hash of the payload before it.
        expected: Hash,
        /// The one in the payload.
        found: Hash,
    },
    /// The first event is not `OrderPlaced`, or a later one is.
    #[error("it is event {0} of its order, which can't be of its type")]
    OutOfPlace(Version),
    /// The event's id is not the one that follows from its command and its version.
    #[error("its id is {found}, expected {expected}")]
    ForeignEventId {
        /// What follows from the command and the version.
        expected: EventId,
        /// The one in the payload.
        found: EventId,
    },
}

/// The order of a record and what ties it to that order.
pub(super) fn read(record: &Record) -> Result<(OrderId, Link), NotNext> {
    let order = order_of_subject(&record.subject);
    let order = order.ok_or_else(|| NotNext::Subject(record.subject.clone()))?;
    let link = Link::read(&record.payload).map_err(NotNext::Unreadable)?;
    Ok((order, link))
}

/// Checks that a link is the one after this head.
pub(super) fn check(head: &Head, record: &Record, link: &Link) -> Result<(), NotNext> {
    let checked = head.check_link(record.sequence, link);
    checked.map_err(|broken| explain(head, link, broken))
}

/// Why a chain refused a record.
pub(super) fn refused(chain: &Chain, record: &Record, fault: Fault) -> NotNext {
    let broken = match fault {
        Fault::Subject(subject) => return NotNext::Subject(subject),
        Fault::Unreadable(error) => return NotNext::Unreadable(error),
        Fault::Broken(broken) => broken,
    };
    match read(record) {
        Ok((order, link)) => explain(&head(chain, order), &link, broken),
        Err(not_next) => not_next,
    }
}

/// How far the chain has come with an order.
fn head(chain: &Chain, order: OrderId) -> Head {
    match chain.map().get(MapKey::of(order)) {
        Some(tip) => Head {
            order_id: order,
            version: tip.version,
            hash: tip.hash,
        },
        None => Head::none(order),
    }
}

fn explain(head: &Head, link: &Link, broken: BrokenHistory) -> NotNext {
    match broken {
        BrokenHistory::Unreadable { error, .. } => NotNext::Unreadable(error),
        BrokenHistory::ForeignOrder { found, .. } => NotNext::ForeignOrder {
            expected: head.order_id,
            found,
        },
        BrokenHistory::WrongVersion {
            expected, found, ..
        } => NotNext::WrongVersion { expected, found },
        BrokenHistory::BrokenLink { .. } | BrokenHistory::HeaderMismatch { .. } => {
            NotNext::BrokenLink {
                expected: head.hash,
                found: link.prev_hash,
            }
        }
        BrokenHistory::OutOfPlace { .. } => NotNext::OutOfPlace(link.version),
        BrokenHistory::ForeignEventId { .. } => NotNext::ForeignEventId {
            expected: EventId::derive(link.command_id, link.version),
            found: link.event_id,
        },
    }
}
