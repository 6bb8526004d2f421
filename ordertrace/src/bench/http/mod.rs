//! `ordertrace bench http`: what a request takes, by wrk and over real roles.
//!
//! `command-api` and `projections` run as processes of their own on one server that syncs each write; saga and audit do not
//! run, so that what is measured is not their work. `POST /orders` stands beside plain publishes of such orders, as many at
//! once; `GET /orderTraces/{id}` beside a handler that returns the same bytes behind the same middleware.
//!
//! Invariant: a request that is not answered with success ends the bench.

mod bare;
mod wrk;

use std::time::Duration;

use anyhow::Context as _;
use serde_json::Value;

use super::append::raw;
use super::figure::{self, Figure, Wanted};
use super::role::Role;
use super::scratch::Scratch;
use super::times::Percentile;
use crate::cli::{HttpArgs, MeasuredArgs, Setup};
use crate::telemetry;
use bare::Bare;
use wrk::{Run, Wrk};

const SETUP: Setup = Setup::R1Always;

/// What is ordered.
pub(super) const ORDER: &str =
    r#"{"productId":1,"qty":1,"paymentType":"cash","cost":1000,"productName":"Coffee"}"#;

/// How long roles may take to be ready, and a view to have an order that was just placed.
const READY_MAX: Duration = Duration::from_secs(60);

/// Plain publishes of one at a time in a run: enough for a median.
const RAW_MIN: usize = 500;

/// Measures and prints.
pub(super) async fn run(args: HttpArgs) -> anyhow::Result<()> {
    telemetry::init(&args.logs, "bench")?;
    let scratch = Scratch::start(&args.measured.scratch_dir, SETUP).await?;
    let measured = measure(&scratch, &args.measured).await;
    scratch.remove().await?;
    figure::print(&measured?, args.measured.output)
}

async fn measure(scratch: &Scratch, args: &MeasuredArgs) -> anyhow::Result<Vec<Figure>> {
    let wrk = Wrk::new(scratch.folder())?;
    let commands = Role::start(&scratch.role_args("command-api")).await?;
    let queries = Role::start(&scratch.role_args("projections")).await?;
    commands.ready(READY_MAX).await?;
    queries.ready(READY_MAX).await?;
    let mut figures = gets(&wrk, &commands, &queries, args).await?;
    // What is read is not measured beside writes, and writes not beside a view that follows them.
    drop(queries);
    for connections in [1, 256] {
        figures.extend(posts(scratch, &wrk, &commands, connections, args).await?);
    }
    Ok(figures)
}

/// Orders, beside plain publishes.
async fn posts(
    scratch: &Scratch,
    wrk: &Wrk,
    commands: &Role,
    connections: u32,
    args: &MeasuredArgs,
) -> anyhow::Result<Vec<Figure>> {
    let url = format!("{}/orders", commands.url);
    let trial = raw(scratch, connections, RAW_MIN.max(connections as usize * 8)).await?;
    wrk.run(&url, connections, 1, Some(ORDER)).await?;
    let count = (trial.rate() * f64::from(args.secs)) as usize;
    let (mut ours, mut raws, mut cpu) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..args.runs {
        raws.push(raw(scratch, connections, count.max(RAW_MIN)).await?);
        let before = commands.cpu_secs();
        let run = wrk.run(&url, connections, args.secs, Some(ORDER)).await?;
        cpu.push((commands.cpu_secs() - before) * 1e6 / run.requests);
        ours.push(run);
    }
    let of = |measure: &dyn Fn(&Run) -> f64| ours.iter().map(measure).collect::<Vec<_>>();
    let at = |percentile| {
        raws.iter()
            .map(|raw| raw.at(percentile))
            .collect::<Vec<_>>()
    };
    let rates = raws.iter().map(|raw| raw.rate()).collect();
    let figure = |name: &str, unit, ours, raw| {
        Figure::of(
            format!("http POST /orders{name}"),
            SETUP.topology(),
            unit,
            ours,
            raw,
        )
        .with_load(SETUP.sync(), connections)
    };
    let p50 = figure(", p50", "ms", of(&Run::p50), at(Percentile::P50));
    let p99 = figure(", p99", "ms", of(&Run::p99), at(Percentile::P99));
    let rate = figure("", "requests/s", of(&Run::rate), rates);
    let alone = vec![f64::NAN; cpu.len()];
    let cpu = figure(", command-api's processor time", "µs", cpu, alone);
    Ok(if connections == 1 {
        vec![p50.wanted(Wanted::RatioMax(1.6)), p99, cpu]
    } else {
        vec![rate.wanted(Wanted::RatioMin(3.0)), p99, cpu]
    })
}

/// One order's trace, beside a handler that returns the same bytes.
async fn gets(
    wrk: &Wrk,
    commands: &Role,
    queries: &Role,
    args: &MeasuredArgs,
) -> anyhow::Result<Vec<Figure>> {
    const CONNECTIONS: u32 = 64;
    let url = one_trace(commands, queries).await?;
    let answer = reqwest::get(&url).await?.error_for_status()?;
    let bare = Bare::start(answer.bytes().await?, "application/json")?;
    let bare_url = format!("{}/orderTraces/one", bare.url);
    let (mut ours, mut raws, mut cpu) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..args.runs {
        raws.push(wrk.run(&bare_url, CONNECTIONS, args.secs, None).await?);
        let before = queries.cpu_secs();
        let run = wrk.run(&url, CONNECTIONS, args.secs, None).await?;
        cpu.push((queries.cpu_secs() - before) * 1e6 / run.requests);
        ours.push(run);
    }
    let of = |runs: &[Run], measure: fn(&Run) -> f64| runs.iter().map(measure).collect::<Vec<_>>();
    let figure = |name: &str, unit, ours, raw| {
        let name = format!("http GET /orderTraces/{{id}}{name}");
        Figure::of(name, SETUP.topology(), unit, ours, raw).with_load(SETUP.sync(), CONNECTIONS)
    };
    let alone = vec![f64::NAN; cpu.len()];
    Ok(vec![
        figure("", "requests/s", of(&ours, Run::rate), of(&raws, Run::rate))
            .wanted(Wanted::RatioMin(0.8)),
        figure(", p99", "ms", of(&ours, Run::p99), of(&raws, Run::p99)),
        figure(", projections' processor time", "µs", cpu, alone),
    ])
}

/// The address of an order's trace, once the view has it.
async fn one_trace(commands: &Role, queries: &Role) -> anyhow::Result<String> {
    let client = reqwest::Client::builder().no_proxy().build()?;
    let order: Value = serde_json::from_str(ORDER)?;
    let placed = client.post(format!("{}/orders", commands.url)).json(&order);
    let placed = placed.send().await?.error_for_status()?;
    let position = placed.headers().get(ordertrace_http::POSITION_HEADER);
    let position = position.and_then(|it| it.to_str().ok());
    let position = position.context("an order without a position")?.to_owned();
    let placed: Value = placed.json().await?;
    let id = placed["orderId"]
        .as_str()
        .context("an order without an id")?;
    let url = format!("{}/orderTraces/{id}", queries.url);
    let after = client.get(&url).query(&[("after", position)]);
    after.send().await?.error_for_status()?;
    Ok(url)
}
