//! Some hundred seeds: no promise is broken in any of them, and together they meet everything there is to meet.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::thread;

use ordertrace_faults::{Coverage, simulate};

/// As many as run in a quarter of a minute without optimisation; `simulate --seeds` runs thousands.
const SEEDS: u64 = 400;

/// The machines that run this have two cores or more.
const THREADS: u64 = 2;

fn run(seeds: impl Iterator<Item = u64>) -> Coverage {
    let mut coverage = Coverage::default();
    for seed in seeds {
        let report = simulate(seed, false).unwrap();
        if let Some(violation) = report.violation {
            panic!(
                "seed {seed}: {violation}\nreplay: cargo run --release -p ordertrace-faults -- simulate --seed {seed}"
            );
        }
        coverage.add(&report.coverage);
    }
    coverage
}

/// Or the checks could be vacuous: a fault that never happened proves nothing.
#[test]
fn no_seed_breaks_a_promise_and_together_they_meet_every_fault_and_event() {
    let mut all = Coverage::default();
    thread::scope(|scope| {
        let share = |first| (first..SEEDS).step_by(usize::try_from(THREADS).unwrap());
        let threads: Vec<_> = (0..THREADS)
            .map(|first| scope.spawn(move || run(share(first))))
            .collect();
        for thread in threads {
            all.add(&thread.join().unwrap());
        }
    });
    assert_eq!(all.missing(), Vec::<String>::new(), "\n{all}");
}
