//! `audit replay`: events in the order of the log, to the standard output.

use std::io;

use ordertrace_audit::Reach;

use super::{
    Failure, LogReader,
    progress::Progress,
    resume::Command,
    selection::{Ending, Selection, filter},
    sheet::Sheet,
    table::Table,
    wrap::columns,
};
use crate::{
    cli::{ReplayArgs, word},
    shutdown,
};

/// Much is written at a time, little is kept back: whoever reads is not to wait.
const BUFFER_BYTES: usize = 64 * 1024;

pub(super) async fn run(args: ReplayArgs) -> anyhow::Result<()> {
    let filter = filter(&args.filter)?;
    let shutdown = shutdown::on_signal()?;
    let log = LogReader::open_unless(&shutdown, &args.source).await?;
    let selection = Selection::of(&log, filter, Reach::Now).await?;
    let progress = Progress::beside_output(&selection.plan);
    let printed = async {
        let out = io::BufWriter::with_capacity(BUFFER_BYTES, io::stdout().lock());
        let mut sheet = Sheet::begin(args.output, Table::within(columns()), out)?;
        let ending = selection.read(&log, &mut sheet, &progress, &shutdown).await;
        // What was read before an error is printed before it is told.
        drop(sheet.end()?);
        ending
    };
    let ending = unless_nobody_reads(printed.await)?;
    drop(progress);
    match ending {
        Ending::Whole => Ok(()),
        Ending::Interrupted(next) => {
            let rest = Command::new(&["replay", "-o", &word(args.output)])
                .filtered(&args.filter, log.position(next))
                .on(&args.source);
            Err(Failure::Interrupted(format!(
                "before position {next}; this prints the rest:\n  {}",
                rest.shown()
            ))
            .into())
        }
    }
}

/// Whoever has read enough, such as `head`, closes the pipe: that is no failure.
pub(super) fn unless_nobody_reads(printed: anyhow::Result<Ending>) -> anyhow::Result<Ending> {
    let is_closed = |error: &anyhow::Error| {
        let cause = error.downcast_ref::<io::Error>();
        cause.is_some_and(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
    };
    match printed {
        Err(error) if is_closed(&error) => Ok(Ending::Whole),
        printed => printed,
    }
}
