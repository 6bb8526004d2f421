//! `audit tail`: new events as they come, to the standard output, until somebody stops it.

use std::collections::VecDeque;
use std::io;

use futures::TryStreamExt as _;
use ordertrace_audit::{Filter, Reach};
use ordertrace_domain::{OrderId, Records as _, Sequence, Span};

use super::{
    Failure, LogReader,
    progress::Progress,
    replay::unless_nobody_reads,
    resume::Command,
    selection::{Ending, Selection, filter},
    sheet::Sheet,
    table::Table,
    wrap::columns,
};
use crate::{
    cli::{EventFormat, TailArgs, TailFormat, word},
    shutdown,
};

pub(super) async fn run(args: TailArgs) -> anyhow::Result<()> {
    let filter = filter(&args.filter)?;
    let shutdown = shutdown::on_signal()?;
    let log = LogReader::open_unless(&shutdown, &args.source).await?;
    let begins_somewhere = begins_somewhere(&filter);
    let mut selection = Selection::of(&log, filter, Reach::AndOn).await?;
    if !begins_somewhere {
        selection.plan.span.after = match selection.plan.of {
            Some(order) if args.last > 0 => {
                before_last_of(&log, order, selection.last, args.last).await?
            }
            _ => Sequence::new(selection.last.get().saturating_sub(args.last)),
        };
    }
    let progress = Progress::beside_output(&selection.plan);
    let printed = async {
        let table = Table::within(columns());
        let mut sheet = Sheet::begin(args.output.into(), table, io::stdout().lock())?;
        let ending = selection.read(&log, &mut sheet, &progress, &shutdown).await;
        drop(sheet.end()?);
        ending
    };
    match unless_nobody_reads(printed.await)? {
        Ending::Whole => Ok(()),
        Ending::Interrupted(next) => {
            let rest = Command::new(&["tail", "-o", &word(args.output)])
                .filtered(&args.filter, log.position(next))
                .on(&args.source);
            Err(Failure::Interrupted(format!(
                "before position {next}; this goes on there:\n  {}",
                rest.shown()
            ))
            .into())
        }
    }
}

/// Whether somebody said where to begin; else it is the end of the log.
fn begins_somewhere(filter: &Filter) -> bool {
    filter.from_position().is_some() || filter.recorded_from().is_some()
}

/// After which position the last events of an order stand.
async fn before_last_of(
    log: &LogReader,
    order: OrderId,
    end: Sequence,
    count: u64,
) -> Result<Sequence, Failure> {
    let span = Span {
        after: Sequence::START,
        upto: Some(end),
    };
    let mut scan = log.records.scan(span, Some(order));
    let mut places = VecDeque::new();
    // One more than is asked for: what stands before the first of them is where to begin after.
    while let Some(record) = scan.try_next().await? {
        places.push_back(record.sequence);
        if places.len() as u64 > count.saturating_add(1) {
            places.pop_front();
        }
    }
    let is_all = places.len() as u64 <= count;
    Ok(places
        .front()
        .filter(|_| !is_all)
        .copied()
        .unwrap_or_default())
}

impl From<TailFormat> for EventFormat {
    fn from(format: TailFormat) -> Self {
        match format {
            TailFormat::Table => Self::Table,
            TailFormat::Ndjson => Self::Ndjson,
            TailFormat::Csv => Self::Csv,
        }
    }
}
