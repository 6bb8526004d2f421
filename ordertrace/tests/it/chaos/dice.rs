//! Chance that comes out the same for the same seed.

/// SplitMix64.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    /// One of these, each as likely as its weight says.
    pub(crate) fn pick<T: Copy>(&mut self, choices: &[(T, u64)]) -> T {
        let total: u64 = choices.iter().map(|(_, weight)| weight).sum();
        let mut rest = self.next() % total;
        for (choice, weight) in choices {
            match rest.checked_sub(*weight) {
                None => return *choice,
                Some(less) => rest = less,
            }
        }
        unreachable!("the rest is less than all weights together")
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

#[test]
fn every_choice_comes_about_as_often_as_its_weight_says() {
    const THROWS: usize = 6_000;
    let mut dice = Dice(7);
    let throws: Vec<char> = (0..THROWS)
        .map(|_| dice.pick(&[('a', 1), ('b', 2), ('c', 3)]))
        .collect();
    for (choice, expected) in [('a', 1_000), ('b', 2_000), ('c', 3_000)] {
        let count = throws.iter().filter(|thrown| **thrown == choice).count();
        assert!(count.abs_diff(expected) < 200, "{choice}: {count}");
    }
}
