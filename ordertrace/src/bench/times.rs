//! How long answers took.

use std::time::Duration;

/// How long each of many answers took.
#[derive(Debug, Default)]
pub(in crate::bench) struct Times(Vec<Duration>);

/// Which of them.
#[derive(Debug, Clone, Copy)]
pub(in crate::bench) enum Percentile {
    /// The one in the middle.
    P50,
    /// That which all but one in a hundred keep below.
    P99,
    /// The longest.
    Max,
}

impl Percentile {
    /// All of them.
    pub(in crate::bench) const ALL: [Self; 3] = [Self::P50, Self::P99, Self::Max];

    /// Its name.
    pub(in crate::bench) const fn name(self) -> &'static str {
        match self {
            Self::P50 => "p50",
            Self::P99 => "p99",
            Self::Max => "max",
        }
    }

    /// How many of a hundred are not above it.
    const fn hundredths(self) -> usize {
        match self {
            Self::P50 => 50,
            Self::P99 => 99,
            Self::Max => 100,
        }
    }
}

impl Times {
    /// One more.
    pub(in crate::bench) fn add(&mut self, took: Duration) {
        self.0.push(took);
    }

    /// Another client's as well.
    pub(in crate::bench) fn merge(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// In milliseconds; by the nearest rank, so that it is always one that was measured.
    pub(in crate::bench) fn at(&self, percentile: Percentile) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let rank = (sorted.len() * percentile.hundredths()).div_ceil(100);
        let took = rank.checked_sub(1).and_then(|index| sorted.get(index));
        took.map_or(f64::NAN, |took| took.as_secs_f64() * 1e3)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_by_nearest_rank() {
        let mut times = Times::default();
        (1..=200)
            .rev()
            .for_each(|ms| times.add(Duration::from_millis(ms)));
        let at = |percentile| times.at(percentile).round();
        assert!((at(Percentile::P50) - 100.0).abs() < f64::EPSILON);
        assert!((at(Percentile::P99) - 198.0).abs() < f64::EPSILON);
        assert!((at(Percentile::Max) - 200.0).abs() < f64::EPSILON);
        assert!(Times::default().at(Percentile::P99).is_nan());
    }
}
