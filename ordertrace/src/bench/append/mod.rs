//! `ordertrace bench append`: what it takes to store an event, by our path and by a plain publish of the same bytes.
//!
//! Two of ours: `append` stores decisions that are made already, `advance` loads an order of five events that this process
//! has just seen, decides and appends. Beside both stand plain publishes, as many at once, on the same servers and in turns
//! with ours. Before a case there is a round of each that does not count, to see how many fill the time of a run, and for
//! the log to learn what the servers are best at.
//!
//! Invariant: an event that is not acknowledged ends the bench.

mod drafts;
mod drive;

use std::sync::Arc;

use anyhow::Context as _;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use indicatif::{ProgressBar, ProgressStyle};
use ordertrace_domain::{EventLog as _, Executor};
use ordertrace_nats::Prepared;

use super::figure::{self, Figure, Wanted};
use super::orders::Order;
use super::scratch::Scratch;
use super::times::Percentile;
use crate::cli::{AppendArgs, MeasuredArgs, Setup};
use crate::clock::SystemClock;
pub(super) use drive::Driven;
use drive::drive;

/// What is measured on one set of servers: ours, how many at once, and what is wanted of it.
struct Case {
    ours: Ours,
    in_flight: u32,
    wanted: &'static [(Measure, Option<Wanted>)],
}

/// Which path of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ours {
    Append,
    Advance,
}

/// What of a run becomes a figure.
#[derive(Debug, Clone, Copy)]
enum Measure {
    Rate,
    P50,
    P99,
}

use Measure::{P50, P99, Rate};
use Wanted::{RatioMax, RatioMin};

const R1_ALWAYS: &[Case] = &[
    case(Ours::Append, 1, &[(P50, Some(RatioMax(1.3)))]),
    case(
        Ours::Append,
        64,
        &[(Rate, Some(RatioMin(2.5))), (P99, Some(RatioMax(1.0)))],
    ),
    case(
        Ours::Append,
        256,
        &[(Rate, Some(RatioMin(5.0))), (P99, Some(RatioMax(1.0)))],
    ),
    case(Ours::Advance, 64, &[(Rate, Some(RatioMin(2.0)))]),
];
const R1_DEFAULT: &[Case] = &[
    case(Ours::Append, 1, &[(P50, Some(RatioMax(1.3)))]),
    case(
        Ours::Append,
        64,
        &[(Rate, Some(RatioMin(0.8))), (P99, None)],
    ),
    case(
        Ours::Append,
        256,
        &[(Rate, Some(RatioMin(0.8))), (P99, None)],
    ),
];
const R3_ALWAYS: &[Case] = &[
    case(Ours::Append, 1, &[(P50, Some(RatioMax(1.3)))]),
    case(Ours::Append, 64, &[(Rate, None), (P99, None)]),
    case(
        Ours::Append,
        256,
        &[(Rate, Some(RatioMin(2.0))), (P99, None)],
    ),
];

const fn case(ours: Ours, in_flight: u32, wanted: &'static [(Measure, Option<Wanted>)]) -> Case {
    Case {
        ours,
        in_flight,
        wanted,
    }
}

/// How long the round that does not count takes, about: the log has tried all its ways by then.
const WARM_UP_SECS: f64 = 2.0;

/// The fewest pieces of a worker in a run: fewer say nothing of the slow ones.
const PIECES_MIN: usize = 20;

/// How many are prepared at once: as many as the log takes in without saying that its queue is full, and some fewer.
const PREPARED_AT_ONCE: usize = 1_024;

/// Measures and prints.
pub(super) async fn run(args: AppendArgs) -> anyhow::Result<()> {
    let setups = if args.setups.is_empty() {
        vec![Setup::R1Always, Setup::R1Default, Setup::R3Always]
    } else {
        args.setups
    };
    let cases: usize = setups.iter().map(|setup| cases(*setup).len()).sum();
    let steps = cases as u64 * (u64::from(args.measured.runs) + 1);
    let bar = ProgressBar::new(steps).with_style(ProgressStyle::with_template(
        "{bar:32} {pos}/{len} runs  {msg}  {eta} to go",
    )?);
    let mut figures = Vec::new();
    for setup in setups {
        let scratch = Scratch::start(&args.measured.scratch_dir, setup).await?;
        let measured = measure(&scratch, setup, &args.measured, &bar).await;
        scratch.remove().await?;
        figures.extend(measured?);
    }
    bar.finish_and_clear();
    figure::print(&figures, args.measured.output)
}

const fn cases(setup: Setup) -> &'static [Case] {
    match setup {
        Setup::R1Always => R1_ALWAYS,
        Setup::R1Default => R1_DEFAULT,
        Setup::R3Always => R3_ALWAYS,
    }
}

async fn measure(
    scratch: &Scratch,
    setup: Setup,
    args: &MeasuredArgs,
    bar: &ProgressBar,
) -> anyhow::Result<Vec<Figure>> {
    let mut figures = Vec::new();
    for case in cases(setup) {
        bar.set_message(format!("{} {}", setup.topology(), setup.sync()));
        let runs = runs(scratch, case, args, bar).await;
        let runs = runs.with_context(|| {
            format!(
                "{}, {} at once, on {setup:?}",
                case.ours.name(),
                case.in_flight
            )
        })?;
        figures.extend(figures_of(setup, case, &runs));
    }
    Ok(figures)
}

/// Ours and raw, run by run.
async fn runs(
    scratch: &Scratch,
    case: &Case,
    args: &MeasuredArgs,
    bar: &ProgressBar,
) -> anyhow::Result<Vec<(Driven, Driven)>> {
    let count = |rate: f64, secs: f64| {
        let of_time = (rate * secs) as usize;
        of_time.max(case.in_flight as usize * PIECES_MIN)
    };
    let mut ours = ours(scratch, case, count(0.0, 0.0)).await?.rate();
    ours = self::ours(scratch, case, count(ours, WARM_UP_SECS))
        .await?
        .rate();
    let raw = raw(scratch, case.in_flight, count(0.0, 0.0)).await?.rate();
    bar.inc(1);
    let secs = f64::from(args.secs);
    let mut runs = Vec::new();
    for _ in 0..args.runs {
        let by_raw = self::raw(scratch, case.in_flight, count(raw, secs)).await?;
        let by_us = self::ours(scratch, case, count(ours, secs)).await?;
        runs.push((by_us, by_raw));
        bar.inc(1);
    }
    Ok(runs)
}

/// So many plain publishes of new orders.
pub(super) async fn raw(scratch: &Scratch, in_flight: u32, count: usize) -> anyhow::Result<Driven> {
    let decided = drafts::placed(scratch.log.incarnation(), count).await?;
    let prepared = decided
        .iter()
        .filter_map(|(base, events)| Prepared::new(base, events));
    let prepared: Vec<_> = prepared.collect();
    let raw = scratch.raw.clone();
    drive(in_flight, prepared, move |event| {
        let raw = raw.clone();
        async move { Ok(raw.publish(event).await.map(drop)?) }
    })
    .await
}

async fn ours(scratch: &Scratch, case: &Case, count: usize) -> anyhow::Result<Driven> {
    match case.ours {
        Ours::Append => append(scratch, case.in_flight, count).await,
        Ours::Advance => advance(scratch, case.in_flight, count).await,
    }
}

async fn append(scratch: &Scratch, in_flight: u32, count: usize) -> anyhow::Result<Driven> {
    let decided = drafts::placed(scratch.log.incarnation(), count).await?;
    let log = Arc::clone(&scratch.log);
    drive(in_flight, decided, move |(base, events)| {
        let log = Arc::clone(&log);
        async move { Ok(log.append(&base, events).await.map(drop)?) }
    })
    .await
}

async fn advance(scratch: &Scratch, in_flight: u32, count: usize) -> anyhow::Result<Driven> {
    let executor = Executor::new(scratch.log.clone(), Arc::new(SystemClock));
    let orders = stream::iter((0..count).map(|_| Order::new()))
        .map(async |order| {
            carry_out(&executor, order.place()?).await?;
            for request in order.to_the_fifth_event() {
                carry_out(&executor, request).await?;
            }
            anyhow::Ok(order)
        })
        .buffer_unordered(PREPARED_AT_ONCE)
        .try_collect::<Vec<_>>()
        .await?;
    drive(in_flight, orders, move |order| {
        let executor = executor.clone();
        async move { carry_out(&executor, order.deliver()).await }
    })
    .await
}

async fn carry_out(
    executor: &Executor,
    request: ordertrace_domain::CommandRequest,
) -> anyhow::Result<()> {
    executor.execute(&request).await??;
    Ok(())
}

fn figures_of(setup: Setup, case: &Case, runs: &[(Driven, Driven)]) -> Vec<Figure> {
    let figure = |&(measure, wanted): &(Measure, Option<Wanted>)| {
        let (name, unit) = measure.named();
        let ours = runs.iter().map(|(ours, _)| measure.of(ours)).collect();
        let raw = runs.iter().map(|(_, raw)| measure.of(raw)).collect();
        let bench = format!("{}{name}", case.ours.name());
        let figure = Figure::of(bench, setup.topology(), unit, ours, raw)
            .with_load(setup.sync(), case.in_flight);
        match wanted {
            Some(wanted) => figure.wanted(wanted),
            None => figure,
        }
    };
    case.wanted.iter().map(figure).collect()
}

impl Ours {
    const fn name(self) -> &'static str {
        match self {
            Self::Append => "append",
            Self::Advance => "advance",
        }
    }
}

impl Measure {
    fn of(self, run: &Driven) -> f64 {
        match self {
            Rate => run.rate(),
            P50 => run.at(Percentile::P50),
            P99 => run.at(Percentile::P99),
        }
    }

    const fn named(self) -> (&'static str, &'static str) {
        match self {
            Rate => ("", "events/s"),
            P50 => (", p50", "ms"),
            P99 => (", p99", "ms"),
        }
    }
}
