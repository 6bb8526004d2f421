//! The same seed gives the same steps, one by one.

use ordertrace_faults::simulate;

/// Enough that each fault, and each way through the program that could ask a clock, is among them.
const SEEDS: u64 = 30;

#[test]
fn the_same_seed_takes_the_same_steps_twice() {
    for seed in 0..SEEDS {
        let first = simulate(seed, true).unwrap();
        let second = simulate(seed, true).unwrap();
        let differs = first.trace.iter().zip(&second.trace).find(|(a, b)| a != b);
        assert_eq!(differs, None, "seed {seed}");
        assert_eq!(first.steps, second.steps, "seed {seed}");
        assert_eq!(first.trace_hash, second.trace_hash, "seed {seed}");
        assert_eq!(first.state_hash, second.state_hash, "seed {seed}");
    }
}

/// Or two equal hashes would say nothing.
#[test]
fn another_seed_takes_other_steps() {
    let hashes: std::collections::BTreeSet<u64> = (0..SEEDS)
        .map(|seed| simulate(seed, false).unwrap().trace_hash)
        .collect();
    assert_eq!(hashes.len() as u64, SEEDS);
}

/// Two threads at once, as the program runs them: nothing is shared between two simulations.
#[test]
fn a_simulation_goes_the_same_way_beside_others() {
    let alone: Vec<u64> = (0..SEEDS)
        .map(|seed| simulate(seed, false).unwrap().trace_hash)
        .collect();
    let all = || -> Vec<u64> {
        (0..SEEDS)
            .map(|seed| simulate(seed, false).unwrap().trace_hash)
            .collect()
    };
    let beside = std::thread::scope(|scope| {
        let threads = [scope.spawn(all), scope.spawn(all)];
        threads.map(|thread| thread.join().unwrap())
    });
    assert_eq!(beside, [alone.clone(), alone]);
}
