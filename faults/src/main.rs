//! Simulates seeds: many at once, or one with all its steps.
//!
//! It decides nothing: a seed that breaks a promise is printed with the commit and the command that shows how. It ends
//! with 1 if there is one.

use std::{
    ops::Range,
    process::{Command, ExitCode},
    sync::atomic::{AtomicU64, Ordering},
    thread,
    time::Instant,
};

use clap::{Parser, Subcommand};
use ordertrace_faults::{Coverage, Report, simulate};

/// Ordertrace under simulated faults.
#[derive(Parser)]
#[command(name = "ordertrace-faults")]
struct Cli {
    #[command(subcommand)]
    command: Role,
}

#[derive(Subcommand)]
enum Role {
    /// Simulates many seeds, or shows one step by step.
    Simulate(Simulate),
}

#[derive(clap::Args)]
struct Simulate {
    /// Show this seed, step by step.
    #[arg(long, conflicts_with_all = ["seeds", "from", "threads"])]
    seed: Option<u64>,
    /// How many seeds.
    #[arg(long, default_value_t = 1_000)]
    seeds: u64,
    /// The first of them.
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// How many threads share them; each seed has one to itself.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=64))]
    threads: u8,
}

/// What many seeds came to.
#[derive(Default)]
struct Tally {
    seeds: u64,
    steps: u64,
    coverage: Coverage,
    broken: Vec<Report>,
}

/// More failing seeds than this say nothing new.
const BROKEN_MAX: usize = 10;

fn main() -> anyhow::Result<ExitCode> {
    let Role::Simulate(asked) = Cli::parse().command;
    match asked.seed {
        Some(seed) => show(seed),
        None => many(&asked),
    }
}

fn show(seed: u64) -> anyhow::Result<ExitCode> {
    let report = simulate(seed, true)?;
    for line in &report.trace {
        println!("{line}");
    }
    println!(
        "seed {seed}: {} steps, trace {:016x}, state {:?}",
        report.steps, report.trace_hash, report.state_hash
    );
    Ok(match &report.violation {
        Some(violation) => {
            println!("BROKEN {violation}");
            ExitCode::FAILURE
        }
        None => ExitCode::SUCCESS,
    })
}

fn many(asked: &Simulate) -> anyhow::Result<ExitCode> {
    let began = Instant::now();
    let range = asked.from..asked.from.saturating_add(asked.seeds);
    let tally = tally(&range, asked.threads)?;
    let secs = began.elapsed().as_secs_f64();
    println!("{}", tally.coverage);
    println!(
        "{} seeds from {}, {} steps, {secs:.1} s, commit {}",
        tally.seeds,
        range.start,
        tally.steps,
        commit()
    );
    for report in &tally.broken {
        if let Some(violation) = &report.violation {
            println!("BROKEN seed {}: {violation}", report.seed);
            println!(
                "  replay: cargo run --release -p ordertrace-faults -- simulate --seed {}",
                report.seed
            );
        }
    }
    Ok(if tally.broken.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Shares the seeds among threads. Which thread has which makes no difference to what a seed does.
fn tally(range: &Range<u64>, threads: u8) -> anyhow::Result<Tally> {
    let next = AtomicU64::new(range.start);
    let worker = || -> anyhow::Result<Tally> {
        let mut tally = Tally::default();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= range.end || tally.broken.len() >= BROKEN_MAX {
                return Ok(tally);
            }
            tally.add(simulate(seed, false)?);
        }
    };
    thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(worker)).collect();
        let mut all = Tally::default();
        for thread in running {
            let tally = thread.join();
            all.merge(tally.map_err(|_| anyhow::anyhow!("a simulation panicked"))??);
        }
        Ok(all)
    })
}

impl Tally {
    fn add(&mut self, report: Report) {
        self.seeds += 1;
        self.steps += report.steps;
        self.coverage.add(&report.coverage);
        if report.violation.is_some() {
            self.broken.push(report);
        }
    }

    fn merge(&mut self, other: Self) {
        self.seeds += other.seeds;
        self.steps += other.steps;
        self.coverage.add(&other.coverage);
        self.broken.extend(other.broken);
        self.broken.sort_by_key(|report| report.seed);
    }
}

/// The commit that is checked out; a seed means nothing without it.
fn commit() -> String {
    let asked = Command::new("git").args(["rev-parse", "HEAD"]).output();
    let told = asked.ok().filter(|output| output.status.success());
    let commit = told.and_then(|output| String::from_utf8(output.stdout).ok());
    commit.map_or_else(|| "unknown".to_owned(), |text| text.trim().to_owned())
}
