//! The keys: a tag byte, then fixed-width big-endian numbers, so that the order of the bytes is the order of the entries.
//!
//! Frozen under the revision of the layout. A later index gets the next free tag.

use ordertrace_domain::{OrderId, Sequence, Timestamp, Version};

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

const FACET_TAG: u8 = 0x14;

/// The place of an order among those with a facet: `14 <kind> <length> <value> <sequence>`.
pub(super) fn facet(facet: &Facet, sequence: Sequence) -> Vec<u8> {
    let mut key = vec![FACET_TAG];
    key.extend(facet.bytes());
    key.extend_from_slice(&sequence.get().to_be_bytes());
    key
}

const TIME_TAG: u8 = 0x15;

/// The place of an order in time: `15 <microseconds> <sequence>`, the sign turned so that earlier times come first.
pub(super) fn time(at: Timestamp, sequence: Sequence) -> [u8; 17] {
    let mut key = [TIME_TAG; 17];
    key[1..9].copy_from_slice(&(at.micros() ^ i64::MIN).to_be_bytes());
    key[9..].copy_from_slice(&sequence.get().to_be_bytes());
    key
}

const HAPPENING_TAG: u8 = 0x16;

/// An entry of an order's timeline: `16 <order id> <version>`.
pub(super) fn happening(order: OrderId, version: Version) -> [u8; 25] {
    let mut key = [HAPPENING_TAG; 25];
    key[1..17].copy_from_slice(order.as_bytes());
    key[17..].copy_from_slice(&version.get().to_be_bytes());
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

/// The sequence at the end of a key of an index; `None` if it is none.
pub(super) fn last_sequence_of(key: &[u8]) -> Option<Sequence> {
    let (_, bytes) = key.split_last_chunk()?;
    Some(Sequence::new(u64::from_be_bytes(*bytes)))
}

/// The sequence in the key of a place; `None` if it is none.
pub(super) fn sequence_of(key: &[u8]) -> Option<Sequence> {
    let bytes = key.get(1..)?.try_into().ok()?;
    Some(Sequence::new(u64::from_be_bytes(bytes)))
}
