//! Which way of sending stores the most: found out by trying, for it depends on the servers' disks and on how many they are.
//!
//! One server that syncs each write stores several times as many appends in batches as one by one; one that does not sync
//! stores twice as many one by one; three servers share their syncs, and like several batches at once best.
//!
//! Invariants: pure, time is told to it; nothing is tried unless so much is under way that the ways differ; a way that
//! lost is tried again less and less often, so that the trials cost next to nothing. It deliberately keeps no rate of a
//! way that is not gone: what it was once says little of now.

use std::time::Duration;

use tokio::time::Instant;

/// With fewer appends under way than this there is nothing to choose: they all go out one by one, at once.
const BUSY_MIN: usize = 40;
/// How long after so much was under way it still counts as busy: who is answered has to come again, and all members of a
/// batch are answered at once.
const BUSY_FOR: Duration = Duration::from_millis(50);
/// How long a way is tried: a dozen batches of the slowest kind.
const EPOCH: Duration = Duration::from_millis(300);
/// How much of that passes before it counts: what was sent the other way is still under way.
const SETTLING: Duration = Duration::from_millis(60);
/// By how much another way has to be better: less is noise, and where it matters they differ twofold.
const BETTER: f64 = 1.3;
/// How much the last stretch counts in the rate of the best way: disks stall now and then, and one stall is to say little.
const LAST_COUNTS: f64 = 0.3;
/// When a way that was the best is tried again: soon, for a stall may have been what beat it.
const TRY_BEATEN: Duration = Duration::from_secs(1);
/// When a way that lost is tried again: at first, and at the latest.
const TRY_AGAIN_FIRST: Duration = Duration::from_secs(5);
const TRY_AGAIN_MAX: Duration = Duration::from_secs(60);

/// A way to send what waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// All that waits as one batch.
    OneBatch,
    /// Everything one by one, and many of them at once.
    Singles,
    /// Several smaller batches at once.
    Batches,
}

impl Way {
    /// All of them; the first is what is done before anything is known.
    pub(super) const ALL: [Self; 3] = [Self::OneBatch, Self::Singles, Self::Batches];
}

/// Finds out which way is best.
#[derive(Debug)]
pub(super) struct Pace {
    best: Way,
    /// What the best way stores a second, of late.
    best_rate: Option<f64>,
    trial: Option<Way>,
    last_busy: Option<Instant>,
    epoch: Option<Epoch>,
    others: [Other; Way::ALL.len()],
}

/// A stretch of time in which one way is measured.
#[derive(Debug)]
struct Epoch {
    began: Instant,
    stored: u32,
}

/// When a way that is not the best is tried next.
#[derive(Debug, Clone, Copy)]
struct Other {
    due: Option<Instant>,
    pause: Duration,
}

impl Pace {
    pub(super) const fn new() -> Self {
        let other = Other {
            due: None,
            pause: TRY_AGAIN_FIRST,
        };
        Self {
            best: Way::ALL[0],
            best_rate: None,
            trial: None,
            last_busy: None,
            epoch: None,
            others: [other; Way::ALL.len()],
        }
    }

    /// The way to go now; none while so little is under way that the ways don't differ.
    pub(super) fn way(&self, now: Instant) -> Option<Way> {
        self.is_busy(now).then_some(self.trial.unwrap_or(self.best))
    }

    fn is_busy(&self, now: Instant) -> bool {
        let was_busy = |at: Instant| now.duration_since(at) <= BUSY_FOR;
        self.last_busy.is_some_and(was_busy)
    }

    /// An append has come, with which so many are under way.
    pub(super) fn came(&mut self, now: Instant, under_way: usize) {
        if under_way >= BUSY_MIN {
            self.last_busy = Some(now);
        }
    }

    /// An append has ended.
    pub(super) fn ended(&mut self, now: Instant, is_stored: bool) {
        if !self.is_busy(now) {
            self.epoch = None;
            return;
        }
        let epoch = self.epoch.get_or_insert(Epoch {
            began: now,
            stored: 0,
        });
        let age = now.duration_since(epoch.began);
        if age < SETTLING {
            return;
        }
        epoch.stored += u32::from(is_stored);
        if age >= EPOCH {
            let rate = f64::from(epoch.stored) / (age - SETTLING).as_secs_f64();
            self.epoch = None;
            self.judge(rate, now);
        }
    }

    /// The way of now stored so many a second.
    fn judge(&mut self, rate: f64, now: Instant) {
        let Some(tried) = self.trial.take() else {
            let before = self.best_rate.unwrap_or(rate);
            self.best_rate = Some(before + (rate - before) * LAST_COUNTS);
            self.trial = self.due(now);
            return;
        };
        let best_rate = self.best_rate.unwrap_or(0.0);
        if rate > best_rate * BETTER {
            tracing::debug!(
                append.way = ?tried,
                append.rate = rate,
                append.rate_before = best_rate,
                "appends go another way"
            );
            let beaten = std::mem::replace(&mut self.best, tried);
            self.best_rate = Some(rate);
            self.others[beaten as usize].put_off(now, TRY_BEATEN);
            return;
        }
        let other = &mut self.others[tried as usize];
        other.put_off(now, (other.pause * 2).clamp(TRY_AGAIN_FIRST, TRY_AGAIN_MAX));
    }

    fn due(&self, now: Instant) -> Option<Way> {
        let others = Way::ALL.into_iter().filter(|way| *way != self.best);
        let mut due = others.filter(|way| self.others[*way as usize].is_due(now));
        due.next()
    }
}

impl Other {
    fn is_due(&self, now: Instant) -> bool {
        self.due.is_none_or(|due| due <= now)
    }

    fn put_off(&mut self, now: Instant, pause: Duration) {
        self.pause = pause;
        self.due = Some(now + pause);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNDER_WAY: usize = 64;

    /// Lets the time pass with servers that store so many a second, by the way that is gone; says how long each was.
    fn pass(
        pace: &mut Pace,
        now: &mut Instant,
        time: Duration,
        rate: impl Fn(Way) -> f64,
    ) -> [Duration; 3] {
        let mut spent = [Duration::ZERO; 3];
        let until = *now + time;
        while *now < until {
            let way = pace.way(*now).unwrap_or(Way::OneBatch);
            let took = Duration::from_secs_f64(1.0 / rate(way));
            *now += took;
            spent[way as usize] += took;
            pace.came(*now, UNDER_WAY);
            pace.ended(*now, true);
        }
        spent
    }

    fn best(rates: [f64; 3]) -> Way {
        let (mut pace, mut now) = (Pace::new(), Instant::now());
        pass(&mut pace, &mut now, Duration::from_secs(3), |way| {
            rates[way as usize]
        });
        pace.best
    }

    #[test]
    fn whatever_stores_the_most_is_found_within_seconds() {
        assert_eq!(best([10_000.0, 1_800.0, 8_000.0]), Way::OneBatch);
        assert_eq!(best([12_000.0, 40_000.0, 9_000.0]), Way::Singles);
        assert_eq!(best([9_000.0, 8_000.0, 20_000.0]), Way::Batches);
    }

    #[test]
    fn trials_of_what_lost_become_rare() {
        let (mut pace, mut now) = (Pace::new(), Instant::now());
        let rates = [10_000.0, 1_800.0, 8_000.0];
        let spent = pass(&mut pace, &mut now, Duration::from_secs(300), |way| {
            rates[way as usize]
        });
        let on_trials = spent[1] + spent[2];
        assert!(on_trials > Duration::from_secs(2), "{spent:?}");
        assert!(on_trials < Duration::from_secs(9), "{spent:?}");
    }

    #[test]
    fn another_way_is_found_when_the_servers_change() {
        let (mut pace, mut now) = (Pace::new(), Instant::now());
        let minute = Duration::from_secs(60);
        pass(&mut pace, &mut now, minute, |way| {
            [10_000.0, 1_800.0, 8_000.0][way as usize]
        });
        assert_eq!(pace.best, Way::OneBatch);
        pass(&mut pace, &mut now, 2 * minute, |way| {
            [3_000.0, 1_800.0, 9_000.0][way as usize]
        });
        assert_eq!(pace.best, Way::Batches);
    }

    #[test]
    fn batches_whose_members_come_and_go_at_once_are_measured_as_well() {
        let (mut pace, mut now) = (Pace::new(), Instant::now());
        while pace.way(now).is_none_or(|way| way == Way::OneBatch) {
            (1..=UNDER_WAY).for_each(|count| pace.came(now, count));
            now += Duration::from_millis(20);
            (0..UNDER_WAY).for_each(|_| pace.ended(now, true));
            now += Duration::from_millis(1);
        }
        assert!(pace.best_rate > Some(2_500.0), "{pace:?}");
    }

    #[test]
    fn nothing_is_tried_while_little_is_under_way() {
        let (mut pace, mut now) = (Pace::new(), Instant::now());
        for _ in 0..100_000 {
            now += Duration::from_millis(1);
            pace.came(now, BUSY_MIN - 1);
            pace.ended(now, true);
            assert_eq!(pace.way(now), None);
        }
    }

    #[test]
    fn what_is_not_stored_does_not_count() {
        let (mut pace, mut now) = (Pace::new(), Instant::now());
        for _ in 0..20_000 {
            now += Duration::from_micros(100);
            let is_stored = pace.way(now).is_none_or(|way| way == Way::OneBatch);
            pace.came(now, UNDER_WAY);
            pace.ended(now, is_stored);
        }
        assert_eq!(pace.best, Way::OneBatch);
    }
}
