//! Numbers that look random and are the same for the same seed: a bench that can be repeated.

/// A source of such numbers (SplitMix64).
pub(super) struct Dice(u64);

impl Dice {
    /// The source of one of many things that are made from a seed.
    pub(super) fn of(seed: u64, number: u64) -> Self {
        Self(Self(seed).roll() ^ Self(number).roll().rotate_left(32))
    }

    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`, which is not zero.
    pub(super) fn below(&mut self, bound: u32) -> u32 {
        let number = self.roll() % u64::from(bound);
        u32::try_from(number).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_numbers_and_another_gives_others() {
        let rolls = |seed, number| {
            let mut dice = Dice::of(seed, number);
            (0..8).map(|_| dice.below(1_000)).collect::<Vec<_>>()
        };
        assert_eq!(rolls(1, 7), rolls(1, 7));
        assert_ne!(rolls(1, 7), rolls(1, 8));
        assert_ne!(rolls(1, 7), rolls(2, 7));
    }
}
