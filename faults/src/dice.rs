//! The dice of a seed: all that a simulation leaves to chance.
//!
//! Invariant: the numbers depend on the seed and on how many were drawn before, on nothing else. No library's generator is
//! used, because a seed that once failed has to fail again after an upgrade.

use std::time::Duration;

/// Splitmix64, by Steele, Lea and Flood ("Fast Splittable Pseudorandom Number Generators", 2014).
#[derive(Debug, Clone)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) const fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 up to, not including, this one; 0 below 0. Its bias is far below what a simulation could notice.
    pub(crate) const fn below(&mut self, end: u64) -> u64 {
        let drawn = self.draw();
        if end == 0 { 0 } else { drawn % end }
    }

    /// Whether something happens that happens so often in a thousand times.
    pub(crate) const fn strikes(&mut self, per_mille: u16) -> bool {
        self.below(1_000) < per_mille as u64
    }

    /// A time in between, to the millisecond.
    pub(crate) fn between(&mut self, least: Duration, most: Duration) -> Duration {
        let span = most.saturating_sub(least).as_millis();
        let span = u64::try_from(span).unwrap_or(u64::MAX).saturating_add(1);
        least + Duration::from_millis(self.below(span))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first numbers of seed 1234567, as the reference implementation gives them.
    #[test]
    fn the_numbers_of_a_seed_are_frozen() {
        let mut dice = Dice::new(1_234_567);
        let drawn = [dice.draw(), dice.draw(), dice.draw()];
        assert_eq!(
            drawn,
            [
                6_457_827_717_110_365_317,
                3_203_168_211_198_807_973,
                9_817_491_932_198_370_423
            ]
        );
    }
}
