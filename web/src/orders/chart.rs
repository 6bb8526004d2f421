//! When orders were placed, and what kind of state they are in now: a bar an hour.
//!
//! Invariant: the chart is drawn here to the last rectangle; a browser only shows it. Each bar says in words what it
//! shows, and the same numbers are in a table.

use std::collections::BTreeMap;

use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};

use super::counts::{Hour, Stats};
use crate::{
    format::{Moment, counted},
    state::{State, Tone},
};

/// How many hours there are: a day, in which the same hour comes once.
const BARS: u32 = 24;

/// How many hours are between two that are named below the drawing; the style sheet has a column for each that is.
const NAMED_EVERY: usize = 6;

/// How much room an hour has, in the drawing's own units, and how much of it the bar.
const STEP: u32 = 10;
const WIDTH: u32 = 8;

/// How high the highest bar is.
const HEIGHT: u64 = 64;

/// The drawing.
#[derive(Debug)]
pub(super) struct Chart {
    pub(super) bars: Vec<Bar>,
    pub(super) highest: u64,
    pub(super) total: String,
    pub(super) width: u32,
    pub(super) height: u64,
}

/// One hour.
#[derive(Debug)]
pub(super) struct Bar {
    pub(super) begins: Moment,
    pub(super) words: String,
    pub(super) counts: [u64; Tone::ALL.len()],
    pub(super) parts: Vec<Part>,
    pub(super) x: u32,
    pub(super) width: u32,
}

/// One kind of state in an hour.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) tone: &'static str,
    pub(super) y: u64,
    pub(super) height: u64,
}

impl Chart {
    /// The last day that these counts tell of.
    pub(super) fn of(stats: &Stats) -> Self {
        let counts: BTreeMap<_, _> = stats.hours.iter().filter_map(counted_hour).collect();
        let hours = hours_until(&stats.to);
        let of_hour = |hour| counts.get(hour).copied().unwrap_or_default();
        let highest = hours.iter().map(|hour| of_hour(hour).iter().sum()).max();
        let highest: u64 = highest.unwrap_or(0);
        let total = hours.iter().flat_map(of_hour).sum();
        let bars = hours.iter().zip(0..);
        Self {
            bars: bars
                .map(|(hour, place)| Bar::of(*hour, of_hour(hour), place, highest))
                .collect(),
            highest,
            total: counted(total, "order", "orders"),
            width: STEP * BARS,
            height: HEIGHT,
        }
    }

    /// The hours that are named below the drawing, each where its bar is.
    pub(super) fn named(&self) -> impl Iterator<Item = &Moment> {
        let named = self.bars.iter().step_by(NAMED_EVERY);
        named.map(|bar| &bar.begins)
    }

    /// The hours in which something was placed.
    pub(super) fn busy(&self) -> impl Iterator<Item = &Bar> {
        self.bars.iter().filter(|bar| !bar.parts.is_empty())
    }

    pub(super) const fn tones(&self) -> [Tone; Tone::ALL.len()] {
        Tone::ALL
    }
}

impl Bar {
    fn of(begins: DateTime<Utc>, counts: [u64; 4], place: u32, highest: u64) -> Self {
        Self {
            begins: Moment::at(begins),
            words: words(begins, counts),
            counts,
            parts: parts(counts, highest),
            x: place * STEP + (STEP - WIDTH) / 2,
            width: WIDTH,
        }
    }
}

/// The parts of a bar, from the ground up. What is there at all can be seen, however high the highest bar is.
fn parts(counts: [u64; 4], highest: u64) -> Vec<Part> {
    let mut ground = HEIGHT;
    let there = Tone::ALL.iter().zip(counts).filter(|(_, count)| *count > 0);
    there
        .map(|(tone, count)| {
            let height = (count * HEIGHT / highest.max(1)).max(1).min(ground);
            ground -= height;
            Part {
                tone: tone.name(),
                y: ground,
                height,
            }
        })
        .collect()
}

fn words(begins: DateTime<Utc>, counts: [u64; 4]) -> String {
    let kinds = Tone::ALL.iter().zip(counts).filter(|(_, count)| *count > 0);
    let kinds: Vec<_> = kinds
        .map(|(tone, count)| format!("{count} {}", tone.label().to_lowercase()))
        .collect();
    let total = counted(counts.iter().sum(), "order", "orders");
    let hour = begins.format("%H:00 UTC");
    match kinds.as_slice() {
        [] => format!("{hour}: no orders"),
        kinds => format!("{hour}: {total} – {}", kinds.join(", ")),
    }
}

/// An hour's counts by kind; `None` for a time that is none.
fn counted_hour(hour: &Hour) -> Option<(DateTime<Utc>, [u64; 4])> {
    let begins = Moment::of(&hour.begins).time()?;
    let count = |tone| {
        let of_tone = hour
            .states
            .iter()
            .filter(|(state, _)| State::of(state).tone == tone);
        of_tone.map(|(_, count)| count).sum()
    };
    Some((begins, Tone::ALL.map(count)))
}

/// The beginnings of the hours up to the one in which a time is, earliest first.
fn hours_until(time: &str) -> Vec<DateTime<Utc>> {
    let time = Moment::of(time).time();
    let last = time.and_then(|time| time.duration_trunc(TimeDelta::hours(1)).ok());
    let back = |last: DateTime<Utc>| {
        (0..BARS)
            .rev()
            .map(move |hours| last - TimeDelta::hours(i64::from(hours)))
    };
    last.into_iter().flat_map(back).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stats(hours: &[(&str, &[(&str, u64)])]) -> Stats {
        let hour = |(begins, states): &(&str, &[(&str, u64)])| {
            let states = states
                .iter()
                .map(|(state, count)| ((*state).to_owned(), *count));
            let begins = (*begins).to_owned();
            Hour {
                begins,
                states: states.collect(),
            }
        };
        Stats {
            states: Vec::new(),
            hours: hours.iter().map(hour).collect(),
            to: "2026-11-23T09:31:05Z".to_owned(),
        }
    }

    #[test]
    fn there_is_a_bar_for_each_of_the_last_24_hours() {
        let chart = Chart::of(&stats(&[]));
        assert_eq!(chart.bars.len(), 24);
        let named: Vec<_> = chart.named().map(Moment::clock).collect();
        assert_eq!(named, ["10:00", "16:00", "22:00", "04:00"]);
        assert_eq!(chart.busy().count(), 0);
    }

    #[test]
    fn a_bar_is_stacked_by_kind_and_as_high_as_its_share() {
        let now: &[_] = &[("placed", 2), ("completed", 1), ("rejected", 1)];
        let chart = Chart::of(&stats(&[
            ("2026-11-23T09:00:00Z", now),
            ("2026-11-23T08:00:00Z", &[("payment_unknown", 1)]),
        ]));
        let last = &chart.bars[23];
        let parts: Vec<_> = last
            .parts
            .iter()
            .map(|part| (part.tone, part.y, part.height))
            .collect();
        assert_eq!(
            parts,
            [("flow", 32, 32), ("done", 16, 16), ("closed", 0, 16)]
        );
        assert_eq!(
            last.words,
            "09:00 UTC: 4 orders – 2 in flow, 1 completed, 1 closed"
        );
        assert_eq!(chart.bars[22].parts[0].height, 16);
        assert_eq!(chart.total, "5 orders");
    }

    #[test]
    fn one_among_thousands_is_still_seen_and_nothing_stands_out() {
        let states: &[_] = &[
            ("placed", 100_000),
            ("refund_failed", 1),
            ("completed", 1),
            ("rejected", 1),
        ];
        let chart = Chart::of(&stats(&[("2026-11-23T09:00:00Z", states)]));
        let parts = &chart.bars[23].parts;
        assert!(parts.iter().all(|part| part.y + part.height <= HEIGHT));
        let heights: u64 = parts.iter().map(|part| part.height).sum();
        assert_eq!(heights, HEIGHT);
    }
}
