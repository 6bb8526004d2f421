//! The index of a facet: which placed orders have it, by their numbers, in blocks.
//!
//! Invariant: a block holds just the numbers within its span, and is there only if it holds any. How many orders share a block
//! depends on the kind of facet alone, so that the bytes are a function of the orders.

use std::collections::BTreeMap;

use super::{Generation, StoreError, key, numbers::Numbers, value};
use crate::Facet;

/// The index of one facet, read block by block; the last block is at hand.
pub(super) struct Postings<'a> {
    view: &'a Generation,
    facet: &'a Facet,
    /// A block with its numbers, and the blocks next to it, as far as they are known to hold nothing.
    block: Option<(u64, Numbers)>,
    /// How many blocks were read.
    pub(super) blocks_read: usize,
}

impl<'a> Postings<'a> {
    pub(super) const fn new(view: &'a Generation, facet: &'a Facet) -> Self {
        Self {
            view,
            facet,
            block: None,
            blocks_read: 0,
        }
    }

    /// The first number from this one on.
    pub(super) fn first_from(&mut self, from: u64) -> Result<Option<u64>, StoreError> {
        let (block, within) = self.split(from);
        if let Some(found) = self.held(block).and_then(|held| held.first_from(within)) {
            return Ok(Some(self.joined(block, found)));
        }
        let is_held = self.held(block).is_some();
        let first = if is_held {
            block.saturating_add(1)
        } else {
            block
        };
        let blocks = key::postings(self.facet, first)..=key::postings(self.facet, u64::MAX);
        for entry in self.view.tree.range(blocks) {
            let block = self.hold(entry?)?;
            let from = if block == first && !is_held {
                within
            } else {
                0
            };
            if let Some(found) = self.held(block).and_then(|held| held.first_from(from)) {
                return Ok(Some(self.joined(block, found)));
            }
        }
        Ok(None)
    }

    /// The last number up to this one.
    pub(super) fn last_to(&mut self, to: u64) -> Result<Option<u64>, StoreError> {
        let (block, within) = self.split(to);
        if let Some(found) = self.held(block).and_then(|held| held.last_to(within)) {
            return Ok(Some(self.joined(block, found)));
        }
        let is_held = self.held(block).is_some();
        let last = if is_held {
            block.checked_sub(1)
        } else {
            Some(block)
        };
        let Some(last) = last else {
            return Ok(None);
        };
        let blocks = key::postings(self.facet, 0)..=key::postings(self.facet, last);
        for entry in self.view.tree.range(blocks).rev() {
            let block = self.hold(entry?)?;
            let to = if block == last && !is_held {
                within
            } else {
                u16::MAX
            };
            if let Some(found) = self.held(block).and_then(|held| held.last_to(to)) {
                return Ok(Some(self.joined(block, found)));
            }
        }
        Ok(None)
    }

    fn held(&self, block: u64) -> Option<&Numbers> {
        let held = self.block.as_ref().filter(|(held, _)| *held == block);
        held.map(|(_, numbers)| numbers)
    }

    fn hold(&mut self, (key, value): (sled::IVec, sled::IVec)) -> Result<u64, StoreError> {
        let block = key::last_number_of(&key)
            .ok_or_else(|| StoreError::Damaged(format!("the index {key:02x?} is of no block")))?;
        self.block = Some((block, value::open(&key, &value)?));
        self.blocks_read += 1;
        Ok(block)
    }

    fn split(&self, number: u64) -> (u64, u16) {
        split(self.facet, number)
    }

    fn joined(&self, block: u64, within: u16) -> u64 {
        block * u64::from(self.facet.orders_a_block()) + u64::from(within)
    }
}

/// The block of a number, and where in it.
fn split(facet: &Facet, number: u64) -> (u64, u16) {
    let span = u64::from(facet.orders_a_block());
    let within = u16::try_from(number % span).unwrap_or(u16::MAX);
    (number / span, within)
}

/// What is put into indexes and taken out of them, block by block.
#[derive(Default)]
pub(super) struct Moves(BTreeMap<(Facet, u64), BTreeMap<u16, bool>>);

impl Moves {
    /// An order gets a facet, or loses it.
    pub(super) fn note(&mut self, facet: &Facet, number: u64, has: bool) {
        let (block, within) = split(facet, number);
        let block = self.0.entry((facet.clone(), block)).or_default();
        block.insert(within, has);
    }
}

impl Generation {
    /// Carries out what was noted.
    pub(super) fn post(&self, moves: Moves, batch: &mut sled::Batch) -> Result<(), StoreError> {
        for ((facet, block), changes) in moves.0 {
            let span = facet.orders_a_block() as usize;
            let key = key::postings(&facet, block);
            let stored = self.tree.get(&key)?;
            let mut numbers =
                stored.map_or_else(|| Ok(Numbers::none()), |stored| value::open(&key, &stored))?;
            for (within, has) in changes {
                let is_change = if has {
                    numbers.insert(within, span)
                } else {
                    numbers.remove(within, span)
                };
                if !is_change {
                    let what = format!("the index {key:02x?} contradicts the row of {within}");
                    return Err(StoreError::Damaged(what));
                }
            }
            if numbers.is_empty() {
                batch.remove(key);
            } else {
                batch.insert(key.as_slice(), value::seal(&key, &numbers)?);
            }
        }
        Ok(())
    }
}
