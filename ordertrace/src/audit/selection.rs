//! The events that are asked for, read from the log one after the other.

use futures::StreamExt as _;
use ordertrace_audit::{Filter, FilterRequest, InvalidFilter, Plan, Reach, Readable, Sieve};
use ordertrace_domain::{Records as _, Sequence};
use tokio_util::sync::CancellationToken;

use super::{Failure, LogReader, progress::Progress, sheet::Rows};
use crate::cli::{self, FilterArgs};

/// How many records are taken at a time: enough that what is done once for them does not count, little enough that
/// whoever looks sees them at once.
const CHUNK: usize = 256;

/// What is read, and what of it is let through.
pub(super) struct Selection {
    pub(super) plan: Plan,
    /// Where the log ended when the read was planned.
    pub(super) last: Sequence,
    sieve: Sieve,
}

/// How a read has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// All of it was read.
    Whole,
    /// Ctrl-C; the first position that was not looked at.
    Interrupted(Sequence),
}

/// The filter that somebody wrote; what is wrong with it is a mistake in the call.
pub(super) fn filter(args: &FilterArgs) -> Result<Filter, clap::Error> {
    let request = FilterRequest {
        order: args.order.clone(),
        types: args.types.clone(),
        actor: args.actor.clone(),
        customer: args.customer.clone(),
        recorded_from: args.from.clone(),
        recorded_to: args.to.clone(),
        from_position: args.from_position.clone(),
        to_position: args.to_position.clone(),
    };
    Filter::parse(&request).map_err(|invalid| cli::wrong(&told(args, &invalid)))
}

/// What is wrong with it, by its flags.
fn told(args: &FilterArgs, invalid: &InvalidFilter) -> String {
    let ends = |to: &str, end: &Option<String>, from: &str, begin: &Option<String>| {
        let said = |value: &Option<String>| value.clone().unwrap_or_default();
        format!(
            "{to} {} is before {from} {}: what is asked for ends before it begins",
            said(end),
            said(begin)
        )
    };
    match invalid {
        InvalidFilter::ToBeforeFrom => ends("--to", &args.to, "--from", &args.from),
        InvalidFilter::ToPositionBeforeFrom => ends(
            "--to-position",
            &args.to_position,
            "--from-position",
            &args.from_position,
        ),
        other => format!("{}: {other}", other.field().flag()),
    }
}

impl Selection {
    /// What a filter asks for of a log.
    pub(super) async fn of(log: &LogReader, filter: Filter, reach: Reach) -> anyhow::Result<Self> {
        filter.check_log(log.incarnation()).map_err(|other| {
            cli::wrong(&format!(
                "{}: {other}; those of this one begin with {}-",
                other.0.flag(),
                log.incarnation()
            ))
        })?;
        let last = log.records.extent().await.map_err(Failure::from)?.last;
        let plan = Plan::of(&filter, &log.records, last, reach);
        Ok(Self {
            plan: plan.await.map_err(Failure::from)?,
            last,
            sieve: Sieve::new(filter),
        })
    }

    /// Reads it to its end, or until the process is told to stop.
    pub(super) async fn read(
        mut self,
        log: &LogReader,
        rows: &mut impl Rows,
        progress: &Progress,
        shutdown: &CancellationToken,
    ) -> anyhow::Result<Ending> {
        let scan = log.records.scan(self.plan.span, self.plan.of);
        let mut chunks = scan.ready_chunks(CHUNK);
        let mut next = self.plan.span.after.next();
        loop {
            let chunk = tokio::select! {
                biased;
                () = shutdown.cancelled() => return Ok(Ending::Interrupted(next)),
                chunk = chunks.next() => chunk,
            };
            let Some(chunk) = chunk else {
                return Ok(Ending::Whole);
            };
            for record in chunk {
                let record = record.map_err(Failure::from)?;
                let admitted = self.sieve.admit(&log.records, &record).await;
                if let Some(reading) = admitted.map_err(Failure::from)? {
                    rows.row(&Readable::of(&record, &reading, log.incarnation()))?;
                }
                next = record.sequence.next();
                progress.looked_at(record.sequence);
            }
            rows.pause()?;
        }
    }
}
