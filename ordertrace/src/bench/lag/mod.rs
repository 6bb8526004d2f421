//! `ordertrace bench lag`: how long after its acknowledgement an order is in the view, and told of by its stream.
//!
//! Orders are placed at a steady pace, whether or not those before were answered, at a `command-api` of its own; a
//! `projections` of its own follows. Each order is asked for with its position the moment it is acknowledged; the stream is
//! listened to all the while.
//!
//! Invariant: every order that was placed is seen both ways, or the bench fails.

mod heard;

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use reqwest::Client;
use serde_json::Value;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

use super::figure::{self, Figure, Wanted};
use super::http::ORDER;
use super::role::Role;
use super::scratch::Scratch;
use super::times::{Percentile, Times};
use crate::cli::{LagArgs, Setup};
use heard::Heard;

const SETUP: Setup = Setup::R1Always;

/// How long roles may take to be ready.
const READY_MAX: Duration = Duration::from_secs(60);

/// How long an answer may take, and an order to be heard of.
const PATIENCE: Duration = Duration::from_secs(30);

/// What became of one order.
struct Seen {
    id: String,
    acknowledged: Instant,
    in_view: Duration,
    raw: Duration,
}

/// Measures and prints.
pub(super) async fn run(args: LagArgs) -> anyhow::Result<()> {
    let scratch = Scratch::start(&args.measured.scratch_dir, SETUP).await?;
    let measured = measure(&scratch, &args).await;
    scratch.remove().await?;
    figure::print(&measured?, args.measured.output)
}

async fn measure(scratch: &Scratch, args: &LagArgs) -> anyhow::Result<Vec<Figure>> {
    let commands = Role::start(&scratch.role_args("command-api")).await?;
    let queries = Role::start(&scratch.role_args("projections")).await?;
    commands.ready(READY_MAX).await?;
    queries.ready(READY_MAX).await?;
    let mut runs = Vec::new();
    for _ in 0..args.measured.runs {
        runs.push(once(&commands.url, &queries.url, args).await?);
    }
    let mut figures = Vec::new();
    for (percentile, bound) in [(Percentile::P50, 5.0), (Percentile::P99, 50.0)] {
        let of = |which: fn(&Lags) -> &Times| {
            runs.iter()
                .map(|run| which(run).at(percentile))
                .collect::<Vec<_>>()
        };
        let raw = of(|run| &run.raw);
        for (way, ours) in [
            ("in the view", of(|run| &run.in_view)),
            ("over SSE", of(|run| &run.heard)),
        ] {
            let name = format!(
                "lag, {}/s: acknowledged → {way}, {}",
                args.rate,
                percentile.name()
            );
            figures.push(
                Figure::of(name, SETUP.topology(), "ms", ours, raw.clone())
                    .wanted(Wanted::OursMax(bound)),
            );
        }
    }
    Ok(figures)
}

/// What a run came to.
struct Lags {
    in_view: Times,
    heard: Times,
    /// What a request that asks for nothing takes at the same moments.
    raw: Times,
}

async fn once(commands: &str, queries: &str, args: &LagArgs) -> anyhow::Result<Lags> {
    let client = Client::builder().no_proxy().timeout(PATIENCE).build()?;
    let heard = Heard::listen(queries).await?;
    let mut pace = interval(Duration::from_secs(1) / args.rate);
    // A client that was late is not early afterwards: the pace is what the servers have to keep up with.
    pace.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let order: Arc<Value> = Arc::new(serde_json::from_str(ORDER)?);
    let mut orders = JoinSet::new();
    for _ in 0..args.rate * args.measured.secs {
        pace.tick().await;
        let (client, order) = (client.clone(), Arc::clone(&order));
        let (commands, queries) = (commands.to_owned(), queries.to_owned());
        orders.spawn(async move { place(&client, &commands, &queries, &order).await });
    }
    let mut lags = Lags {
        in_view: Times::default(),
        heard: Times::default(),
        raw: Times::default(),
    };
    let mut seen = Vec::new();
    while let Some(order) = orders.join_next().await {
        seen.push(order??);
    }
    let mut told = heard.all(seen.len(), PATIENCE).await?;
    for Seen {
        id,
        acknowledged,
        in_view,
        raw,
    } in seen
    {
        let at = told.remove(&id);
        let at = at.with_context(|| format!("order {id} was never told of"))?;
        lags.in_view.add(in_view);
        lags.raw.add(raw);
        // The stream may well be quicker than the answer to whoever placed the order.
        lags.heard.add(at.saturating_duration_since(acknowledged));
    }
    Ok(lags)
}

async fn place(
    client: &Client,
    commands: &str,
    queries: &str,
    order: &Value,
) -> anyhow::Result<Seen> {
    let placed = client.post(format!("{commands}/orders")).json(order);
    let placed = placed.send().await?.error_for_status()?;
    let acknowledged = Instant::now();
    let position = placed.headers().get(ordertrace_http::POSITION_HEADER);
    let position = position.and_then(|it| it.to_str().ok());
    let position = position.context("an order without a position")?.to_owned();
    let placed: Value = placed.json().await?;
    let id = placed["orderId"].as_str();
    let id = id.context("an order without an id")?.to_owned();
    let trace = client.get(format!("{queries}/orderTraces/{id}"));
    let trace = trace.query(&[("after", position)]).send().await?;
    let in_view = acknowledged.elapsed();
    let trace: Value = trace.error_for_status()?.json().await?;
    ensure!(
        trace["orderId"] == id.as_str(),
        "another order was answered"
    );
    let began = Instant::now();
    let idle = client.get(format!("{queries}/livez")).send().await?;
    idle.error_for_status()?.bytes().await?;
    Ok(Seen {
        id,
        acknowledged,
        in_view,
        raw: began.elapsed(),
    })
}
