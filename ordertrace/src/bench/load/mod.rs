//! `ordertrace bench load`: a log full of made-up orders, written as real ones are.
//!
//! Each order goes step by step through the executor: decide, envelope, append with the expectation of its last event,
//! acknowledged before the next step. Many orders are under way at once, so that their events mix in the log.
//!
//! Invariant: what is loaded is as valid as what anybody placed. The orders that ended come first; the saga's queues are
//! then set behind them, for it has nothing to do there and would take as long over looking as the load took. The open
//! orders come after that, and the saga finds them as it finds any.

mod history;
mod progress;
mod remembered;
mod server;

use std::sync::Arc;

use anyhow::{Context as _, anyhow, bail, ensure};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use ordertrace_domain::{CommandRequest, EventFeed as _, EventLog, Executor};
use ordertrace_nats::{JetStreamFeed, JetStreamWork};
use tokio::task::JoinSet;

use crate::{
    cli::LoadArgs,
    clock::SystemClock,
    roles::{Attached, attach_to, unless_stopped},
    shutdown, telemetry,
};
use history::{Fate, History};
use progress::Progress;
use remembered::Remembered;
use server::Server;

/// One in so many orders stays open: a shop that runs well has few that wait for somebody.
const OPEN_ONE_IN: u64 = 100;

/// Tasks that drive orders: one has its hands full with encoding and hashing while another waits.
const LANES: u64 = 4;

/// Orders under way in a lane. With all lanes this is half of what the log takes before it says that its queue is full, and
/// several times what a batch holds.
const ORDERS_AT_ONCE: usize = 512;

/// Fills the log.
pub(super) async fn run(args: LoadArgs) -> anyhow::Result<()> {
    telemetry::init(&args.process.logs, "bench")?;
    let shutdown = shutdown::on_signal()?;
    let starting = Server::start(&args.process);
    let Some(server) = unless_stopped(&shutdown, starting).await? else {
        return Ok(());
    };
    let loaded = async {
        let nats = &args.process.nats;
        let attached = attach_to(server.urls(), server.monitor_urls(), nats, "bench").await?;
        let result = load(&attached, &args).await;
        attached.connection.drain().await;
        result
    };
    let result = unless_stopped(&shutdown, loaded).await;
    server.stop().await;
    match result? {
        Some(()) => Ok(()),
        None => bail!("stopped; the same command with --append goes on from here"),
    }
}

async fn load(attached: &Attached, args: &LoadArgs) -> anyhow::Result<()> {
    let feed = JetStreamFeed::new(&attached.connection, attached.identity.clone());
    let had = feed.head().await?;
    let is_empty = had.get() == 0;
    ensure!(
        is_empty || args.append,
        "the log is not empty, it has {had} events: --append loads into it nevertheless"
    );
    let open = args.orders.div_ceil(OPEN_ONE_IN);
    let ended = args.orders - open;
    let progress = Arc::new(Progress::start(args.orders));
    let log = attached.executor.log();
    write(log, args.seed, 0..ended, Fate::Ended, &progress).await?;
    if is_empty {
        let last = feed.head().await?;
        ensure!(
            last.get() == progress.events_written(),
            "somebody else has written to the log meanwhile: the saga's queues are left where they are, and the load stops here"
        );
        let work = JetStreamWork::new(&attached.connection, attached.identity.clone());
        let skipped = work.begin_after(last).await;
        skipped.context("the saga's queues could not be set behind the orders that ended")?;
    }
    write(log, args.seed, ended..args.orders, Fate::Open, &progress).await?;
    progress.finish(feed.head().await?);
    Ok(())
}

/// Fills a log of a bench's own with orders that have ended.
pub(super) async fn fill(log: &Arc<dyn EventLog>, orders: u64) -> anyhow::Result<()> {
    let progress = Arc::new(Progress::start(orders));
    write(log, 1, 0..orders, Fate::Ended, &progress).await
}

/// Writes the orders with these numbers, all of which come to this.
async fn write(
    log: &Arc<dyn EventLog>,
    seed: u64,
    numbers: std::ops::Range<u64>,
    fate: Fate,
    progress: &Arc<Progress>,
) -> anyhow::Result<()> {
    let mut lanes = JoinSet::new();
    for lane in 0..LANES {
        let (log, progress, numbers) = (Arc::clone(log), Arc::clone(progress), numbers.clone());
        let of_lane = numbers.filter(move |number| number % LANES == lane);
        lanes.spawn(async move {
            stream::iter(of_lane)
                .map(|number| write_one(&log, History::make(seed, number, fate), &progress))
                .buffer_unordered(ORDERS_AT_ONCE)
                .try_collect::<()>()
                .await
        });
    }
    while let Some(lane) = lanes.join_next().await {
        lane??;
    }
    Ok(())
}

async fn write_one(
    log: &Arc<dyn EventLog>,
    history: anyhow::Result<History>,
    progress: &Progress,
) -> anyhow::Result<()> {
    let history = history?;
    let order_id = history.order_id;
    let remembered = Remembered::of(Arc::clone(log), order_id);
    let executor = Executor::new(Arc::new(remembered), Arc::new(SystemClock));
    for request in history.requests() {
        let events = carry_out(&executor, &request).await;
        progress.events(events.with_context(|| format!("order {order_id}"))?);
    }
    progress.order();
    Ok(())
}

/// Says how many events the order has in the end.
async fn carry_out(executor: &Executor, request: &CommandRequest) -> anyhow::Result<u64> {
    let outcome = executor.execute(request).await?;
    let outcome = outcome.map_err(|refusal| anyhow!("{:?}: {refusal}", request.command))?;
    let of_command = outcome.history.of_command(request.command_id);
    Ok(of_command.map_or(0, |(_, events)| events.len() as u64))
}
