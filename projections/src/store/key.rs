//! The keys: a tag byte, then fixed-width big-endian numbers, so that the order of the bytes is the order of the entries.
//!
//! Frozen under the revision of the layout. A later index gets the next free tag.

use ordertrace_domain::{OrderId, Sequence};

use crate::{Facet, Listing};

/// Which layout the tree is in; readable in every version.
pub(super) const LAYOUT: [u8; 1] = [0x00];

/// Which revision of `apply` the tree is of.
pub(super) const REVISION: [u8; 1] = [0x03];

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

/// A block of places in a listing: `1x <block>`.
pub(super) fn places(listing: Listing, block: u64) -> [u8; LISTING_BYTES] {
    let mut key = [listing_tag(listing); LISTING_BYTES];
    key[1..].copy_from_slice(&block.to_be_bytes());
    key
}

const UNFINISHED_TAG: u8 = 0x13;

/// The place of an unfinished order: `13 <sequence>`.
pub(super) fn unfinished(sequence: Sequence) -> [u8; LISTING_BYTES] {
    let mut key = [UNFINISHED_TAG; LISTING_BYTES];
    key[1..].copy_from_slice(&sequence.get().to_be_bytes());
    key
}

const FACET_TAG: u8 = 0x14;

/// A block of the numbers of those orders that have a facet: `14 <kind> <length> <value> <block>`.
pub(super) fn postings(facet: &Facet, block: u64) -> Vec<u8> {
    let mut key = vec![FACET_TAG];
    key.extend(facet.bytes());
    key.extend_from_slice(&block.to_be_bytes());
    key
}

const TIMELINE_TAG: u8 = 0x16;

/// A part of an order's timeline: `16 <order id> <part>`.
pub(super) fn timeline(order: OrderId, part: u64) -> [u8; 25] {
    let mut key = [TIMELINE_TAG; 25];
    key[1..17].copy_from_slice(order.as_bytes());
    key[17..].copy_from_slice(&part.to_be_bytes());
    key
}

const FACET_COUNT_TAG: u8 = 0x20;

/// How many orders have a facet: `20 <kind> <length> <value>`.
pub(super) fn facet_count(facet: &Facet) -> Vec<u8> {
    let mut key = vec![FACET_COUNT_TAG];
    key.extend(facet.bytes());
    key
}

const HOUR_COUNT_TAG: u8 = 0x21;

const HOUR_COUNT_HEAD_BYTES: usize = 1 + size_of::<u64>();

/// How many orders that were placed in an hour are in a state: `21 <hour> <state>`.
pub(super) fn hour_count(hour: u64, state: &str) -> Vec<u8> {
    let mut key = vec![HOUR_COUNT_TAG];
    key.extend_from_slice(&hour.to_be_bytes());
    key.extend_from_slice(state.as_bytes());
    key
}

/// The hour and the state in the key of such a count; `None` if it is none.
pub(super) fn hour_and_state(key: &[u8]) -> Option<(u64, &str)> {
    let (head, state) = key.split_at_checked(HOUR_COUNT_HEAD_BYTES)?;
    let hour = u64::from_be_bytes(head.get(1..)?.try_into().ok()?);
    Some((hour, str::from_utf8(state).ok()?))
}

/// What a key is of, by its first byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tag {
    Record,
    Placed,
    Payments,
    Deliveries,
    Unfinished,
    Facet,
    Timeline,
    FacetCount,
    HourCount,
}

impl Tag {
    /// `None` for the keys of the view itself, and those of nobody.
    pub(super) const fn of(byte: u8) -> Option<Self> {
        Some(match byte {
            RECORD_TAG => Self::Record,
            0x10 => Self::Placed,
            0x11 => Self::Payments,
            0x12 => Self::Deliveries,
            UNFINISHED_TAG => Self::Unfinished,
            FACET_TAG => Self::Facet,
            TIMELINE_TAG => Self::Timeline,
            FACET_COUNT_TAG => Self::FacetCount,
            HOUR_COUNT_TAG => Self::HourCount,
            _ => return None,
        })
    }
}

/// The number at the end of a key: a block, a part, or a sequence; `None` if there is none.
pub(super) fn last_number_of(key: &[u8]) -> Option<u64> {
    let (_, bytes) = key.split_last_chunk()?;
    Some(u64::from_be_bytes(*bytes))
}

/// The sequence in the key of a place; `None` if it is none.
pub(super) fn sequence_of(key: &[u8]) -> Option<Sequence> {
    let bytes = key.get(1..)?.try_into().ok()?;
    Some(Sequence::new(u64::from_be_bytes(bytes)))
}
