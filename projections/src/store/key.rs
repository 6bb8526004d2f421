//! The keys: a tag byte, then fixed-width big-endian numbers, so that the order of the bytes is the order of the entries.
//!
//! Frozen under the revision of the layout. A later index gets the next free tag.

use ordertrace_domain::{OrderId, Sequence};

use crate::Listing;

/// Which layout the tree is in; readable in every version.
pub(super) const LAYOUT: [u8; 1] = [0x00];

/// The checkpoint and the counts.
pub(super) const PROGRESS: [u8; 1] = [0x01];

const RECORD_TAG: u8 = 0x02;

const LISTING_BYTES: usize = 1 + size_of::<u64>();

/// The record of an order: `02 <order id>`.
pub(super) fn record(order: OrderId) -> [u8; 17] {
    let mut key = [RECORD_TAG; 17];
    key[1..].copy_from_slice(order.as_bytes());
    key
}

const fn listing_tag(listing: Listing) -> u8 {
    match listing {
        Listing::Placed => 0x10,
        Listing::Payments => 0x11,
        Listing::Deliveries => 0x12,
    }
}

/// A place in a listing: `1x <sequence>`.
pub(super) fn place(listing: Listing, sequence: Sequence) -> [u8; LISTING_BYTES] {
    let mut key = [listing_tag(listing); LISTING_BYTES];
    key[1..].copy_from_slice(&sequence.get().to_be_bytes());
    key
}

const UNFINISHED_TAG: u8 = 0x13;

/// The place of an unfinished order: `13 <sequence>`.
pub(super) fn unfinished(sequence: Sequence) -> [u8; LISTING_BYTES] {
    let mut key = [UNFINISHED_TAG; LISTING_BYTES];
    key[1..].copy_from_slice(&sequence.get().to_be_bytes());
    key
}

/// The sequence in the key of a place; `None` if it is none.
pub(super) fn sequence_of(key: &[u8]) -> Option<Sequence> {
    let bytes = key.get(1..)?.try_into().ok()?;
    Some(Sequence::new(u64::from_be_bytes(bytes)))
}
