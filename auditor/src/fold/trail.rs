//! What the log came to at any size of the last stretch.
//!
//! A checkpoint that another process has signed is seen when the fold has gone on already. Its map is put together from an
//! older one and the moves since, so that it can be compared and proofs can be given from it, without the log being read
//! twice.
//!
//! Invariant: the base and all moves up to a size are what the log comes to at that size.

use std::collections::VecDeque;

use ordertrace_audit::{MapKey, Tip};
use ordertrace_domain::Sequence;

use super::Standing;

/// So many moves are kept: 16 MB, or twenty checkpoints that a signer is late by its own rule.
pub(crate) const TRAIL_MOVES_MAX: usize = 200_000;

/// What one record has changed; nothing, if it was not its order's next event.
pub(super) type Move = Option<(MapKey, Tip)>;

/// The last stretch of the log.
#[derive(Debug, Default)]
pub(super) struct Trail {
    base: Standing,
    moves: VecDeque<Move>,
}

impl Trail {
    /// Begins where the fold stands.
    pub(super) const fn from(base: Standing) -> Self {
        Self {
            base,
            moves: VecDeque::new(),
        }
    }

    /// Notes what the next record has changed.
    pub(super) fn push(&mut self, moved: Move) {
        self.moves.push_back(moved);
    }

    /// Forgets the older half of the past, if that has become too long: what is seen late is seen a little late, mostly.
    pub(super) fn shorten(&mut self, moves_max: usize) {
        if self.moves.len() > moves_max {
            self.advance(self.moves.len() - moves_max / 2);
        }
    }

    /// What the log came to at this size, if that is on the trail; what was before is forgotten.
    pub(super) fn standing_at(&mut self, size: Sequence) -> Option<Standing> {
        let steps = size.get().checked_sub(self.base.size.get())?;
        let steps = usize::try_from(steps).ok()?;
        if steps > self.moves.len() {
            return None;
        }
        self.advance(steps);
        Some(self.base.clone())
    }

    fn advance(&mut self, steps: usize) {
        for moved in self.moves.drain(..steps) {
            self.base.size = self.base.size.next();
            match moved {
                Some((key, tip)) => self.base.orders.set(key, tip),
                None => self.base.faults.add(self.base.size),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ordertrace_audit::OrderMap;
    use ordertrace_domain::{Hash, Version};

    /// Five orders that move in turns; every seventh record is none.
    fn moved(at: u64) -> Move {
        let key = MapKey::from_hash(Hash::of(&(at % 5).to_be_bytes()));
        let tip = Tip {
            version: Version::new(at / 5 + 1),
            hash: Hash::of(&at.to_be_bytes()),
        };
        (!at.is_multiple_of(7)).then_some((key, tip))
    }

    fn map_at(size: u64) -> OrderMap {
        let mut map = OrderMap::new();
        for (key, tip) in (1..=size).filter_map(moved) {
            map.set(key, tip);
        }
        map
    }

    fn trail_to(size: u64) -> Trail {
        let mut trail = Trail::default();
        (1..=size).for_each(|at| trail.push(moved(at)));
        trail
    }

    #[test]
    fn what_the_log_came_to_is_told_for_every_size_of_the_trail() {
        let mut trail = trail_to(100);
        for size in 0..=100 {
            let standing = trail.standing_at(Sequence::new(size)).unwrap();
            assert_eq!(standing.size, Sequence::new(size));
            assert_eq!(standing.orders.root(), map_at(size).root(), "{size}");
            assert_eq!(standing.faults.count, size / 7);
            let first = (size >= 7).then_some(Sequence::new(7));
            assert_eq!(standing.faults.first, first);
        }
    }

    #[test]
    fn what_lies_before_the_trail_or_ahead_of_it_is_not_told() {
        let mut trail = trail_to(10);
        assert!(trail.standing_at(Sequence::new(11)).is_none());
        assert!(trail.standing_at(Sequence::new(6)).is_some());
        assert!(trail.standing_at(Sequence::new(5)).is_none());
    }

    #[test]
    fn a_trail_that_is_too_long_keeps_its_newer_half() {
        let mut trail = trail_to(10);
        trail.shorten(10);
        assert!(trail.standing_at(Sequence::START).is_some());
        trail.push(moved(11));
        trail.shorten(10);
        assert!(trail.standing_at(Sequence::new(5)).is_none());
        for size in 6..=11 {
            let standing = trail.standing_at(Sequence::new(size)).unwrap();
            assert_eq!(standing.orders.root(), map_at(size).root());
        }
    }
}
