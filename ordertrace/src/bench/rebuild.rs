//! `ordertrace bench rebuild`: how long it takes until a view that has nothing has the whole log.
//!
//! A log is filled first, as `bench load` does. Then `projections` is started on an empty folder, over and over, and timed
//! from its start until it is ready, beside a scan of the same log that keeps nothing.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ordertrace_domain::{EventFeed as _, EventLog};
use ordertrace_nats::JetStreamFeed;

use super::audit::scan;
use super::figure::{self, Figure, Wanted};
use super::load;
use super::role::Role;
use super::scratch::Scratch;
use crate::cli::{RebuildBenchArgs, Setup};

/// What is loaded was acknowledged to nobody, and is gone afterwards.
const SETUP: Setup = Setup::R1Default;

/// How long a view of a log of millions may take.
const READY_MAX: Duration = Duration::from_secs(60 * 60);

/// Measures and prints.
pub(super) async fn run(args: RebuildBenchArgs) -> anyhow::Result<()> {
    let scratch = Scratch::start(&args.measured.scratch_dir, SETUP).await?;
    let measured = measure(&scratch, &args).await;
    scratch.remove().await?;
    figure::print(&measured?, args.measured.output)
}

async fn measure(scratch: &Scratch, args: &RebuildBenchArgs) -> anyhow::Result<Vec<Figure>> {
    let log: Arc<dyn EventLog> = scratch.log.clone();
    load::fill(&log, args.orders).await?;
    let feed = JetStreamFeed::new(scratch.connection(), scratch.identity.clone());
    let events = feed.head().await?.get();
    let (mut ours, mut raw, mut peaks) = (Vec::new(), Vec::new(), Vec::new());
    for number in 0..args.measured.runs {
        let took = scan::of(&scratch.records(), events).await?;
        raw.push(events as f64 / took.as_secs_f64());
        let views = scratch.folder().join(format!("view-{number}"));
        let mut role_args = scratch.role_args("projections");
        let of_role = ["--views-dir".to_owned(), views.display().to_string()];
        role_args.extend(of_role);
        // A view of millions takes longer than anybody would wait for a role to say that it runs, but it says so before.
        role_args.push("--allow-losing-acknowledged-orders".to_owned());
        let began = Instant::now();
        let role = Role::start(&role_args).await?;
        role.ready(READY_MAX).await?;
        ours.push(events as f64 / began.elapsed().as_secs_f64());
        peaks.push(role.peak_mb());
        drop(role);
        std::fs::remove_dir_all(&views)?;
    }
    let name = format!("rebuild of all views from {events} events");
    let alone = vec![f64::NAN; peaks.len()];
    let topology = SETUP.topology();
    Ok(vec![
        Figure::of(name, topology, "events/s", ours, raw).wanted(Wanted::RatioMin(0.35)),
        Figure::of("rebuild, peak memory", topology, "MB", peaks, alone),
    ])
}
