//! `ordertrace bench audit`: how long it takes to get everything out, to check it, and to prove one event.
//!
//! Each run exports the whole log and verifies the file with processes of this program, as an auditor would, and asks a
//! running role for proofs. Beside the export stands a scan of the same events that keeps none; beside the verification the
//! hashing that it can't do without; beside each proof an answer that says nothing, or the bare reading of another order.
//!
//! Invariant: an export, a verification or a proof that fails ends the bench.

mod bound;
pub(super) mod child;
mod proofs;
pub(super) mod scan;

use std::path::Path;
use std::time::Duration;

use super::figure::{self, Figure};
use super::times::Percentile;
use crate::audit::LogReader;
use crate::cli::BenchAuditArgs;
use child::{Child, Finished};
use proofs::Proofs;

/// What one run took.
struct Run {
    events: u64,
    scan: Duration,
    export: Finished,
    bound: Duration,
    verify: Finished,
    /// A process that reads one event: what the program takes by itself.
    idle: Finished,
    proofs: Vec<Proofs>,
}

/// Measures and prints.
pub(super) async fn run(args: BenchAuditArgs) -> anyhow::Result<()> {
    let folder = tempdir()?;
    let file = folder.join("log.export");
    let mut runs = Vec::new();
    for number in 0..args.runs {
        let run = once(&args, &file, u64::from(number)).await;
        std::fs::remove_file(&file).ok();
        match run {
            Ok(run) => runs.push(run),
            Err(error) => {
                std::fs::remove_dir_all(&folder).ok();
                return Err(error);
            }
        }
    }
    std::fs::remove_dir_all(&folder)?;
    figure::print(&figures(&args, &runs), args.output)
}

/// A folder of this process for files that are as large as the log.
fn tempdir() -> anyhow::Result<std::path::PathBuf> {
    let folder = std::env::temp_dir().join(format!("ordertrace-bench-{}", std::process::id()));
    std::fs::create_dir(&folder)?;
    Ok(folder)
}

async fn once(args: &BenchAuditArgs, file: &Path, number: u64) -> anyhow::Result<Run> {
    let child = Child::of(&args.source);
    let export = child.export(file).await?;
    let exported = bound::read(file)?;
    let reader = LogReader::open(&args.source).await?;
    let scan = scan::of(&reader.records, exported.events).await?;
    let verify = child.verify(file).await?;
    let idle = child.first_event().await?;
    Ok(Run {
        events: exported.events,
        scan,
        export,
        bound: exported.hashing,
        verify,
        idle,
        proofs: proofs::run(args, &reader, &exported, number).await?,
    })
}

fn figures(args: &BenchAuditArgs, runs: &[Run]) -> Vec<Figure> {
    let figure = |bench: String, unit, ours: &dyn Fn(&Run) -> f64, raw: &dyn Fn(&Run) -> f64| {
        let ours = runs.iter().map(ours).collect();
        let raw = runs.iter().map(raw).collect();
        Figure::of(bench, args.topology.clone(), unit, ours, raw)
    };
    let rate = |run: &Run, took: Duration| run.events as f64 / took.as_secs_f64();
    let mut figures = vec![
        figure(
            "audit: export the whole log, beside a scan".to_owned(),
            "events/s",
            &|run| rate(run, run.export.took),
            &|run| rate(run, run.scan),
        ),
        figure(
            "audit: verify that file offline, beside the hashing alone".to_owned(),
            "events/s",
            &|run| rate(run, run.verify.took),
            &|run| rate(run, run.bound),
        ),
        figure(
            "audit: peak memory of the export, beside one event".to_owned(),
            "MB",
            &|run| run.export.peak_mb,
            &|run| run.idle.peak_mb,
        ),
        figure(
            "audit: peak memory of the verification, beside one event".to_owned(),
            "MB",
            &|run| run.verify.peak_mb,
            &|run| run.idle.peak_mb,
        ),
    ];
    let kinds = runs.first().map_or(0, |run| run.proofs.len());
    for kind in 0..kinds {
        for percentile in Percentile::ALL {
            let of = |run: &Run| run.proofs.get(kind).map_or("", |proofs| proofs.name);
            let name = runs.first().map_or("", of);
            figures.push(figure(
                format!("audit: {name}, {}", percentile.name()),
                "ms",
                &|run| {
                    run.proofs
                        .get(kind)
                        .map_or(f64::NAN, |it| it.ours.at(percentile))
                },
                &|run| {
                    run.proofs
                        .get(kind)
                        .map_or(f64::NAN, |it| it.raw.at(percentile))
                },
            ));
        }
    }
    figures
}
