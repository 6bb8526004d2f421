//! Events as people and programs read them, into a file. Nobody can check it: it says what this program has read.

use std::io::{self, Write};
use std::path::PathBuf;

use ordertrace_audit::{Filter, Reach, Readable};
use ordertrace_domain::{Position, Sequence};
use sha2::{Digest as _, Sha256};
use tokio_util::sync::CancellationToken;

use super::summary::{Summary, hex};
use crate::{
    audit::{
        Failure, LogReader,
        file::Unfinished,
        progress::Progress,
        resume::Command,
        selection::{Ending, Selection},
        sheet::{Rows, Sheet},
        table::Table,
    },
    cli::{EventFormat, ExportArgs, word},
};

pub(super) async fn export(
    args: &ExportArgs,
    filter: Filter,
    format: EventFormat,
    shutdown: &CancellationToken,
) -> anyhow::Result<Summary> {
    let file = Unfinished::begin(&args.file, args.force)?;
    let log = LogReader::open_unless(shutdown, &args.source).await?;
    let selection = Selection::of(&log, filter, Reach::Now).await?;
    let progress = Progress::of(&selection.plan);
    let mut rows = Counted::over(Sheet::begin(format, Table::UNBOUNDED, Hashing::into(file))?);
    let ending = selection.read(&log, &mut rows, &progress, shutdown).await?;
    drop(progress);
    let (events, first, last) = (rows.events, rows.first, rows.last);
    let Hashing { out: file, hasher } = rows.rows.end()?;
    match ending {
        Ending::Whole => file.finish()?,
        Ending::Interrupted(next) => return Err(keep(args, &log, file, next)?.into()),
    }
    Ok(Summary {
        file: args.file.clone(),
        events,
        first,
        last,
        sha256: hex(&hasher.finalize()),
        checkpoint: None,
    })
}

/// What was written so far stays, under a name that says how far it goes.
fn keep(
    args: &ExportArgs,
    log: &LogReader,
    file: Unfinished,
    next: Sequence,
) -> anyhow::Result<Failure> {
    let named = |what: &str| -> PathBuf {
        let mut name = args.file.clone().into_os_string();
        name.push(format!(".{what}-{next}"));
        name.into()
    };
    let (begun, rest) = (named("before"), named("from"));
    file.finish_as(begun.clone())?;
    let rest = rest.to_string_lossy();
    let rest = Command::new(&["export", &rest, "-o", &word(args.output)])
        .filtered(&args.filter, log.position(next))
        .on(&args.source);
    Ok(Failure::Interrupted(format!(
        "before position {next}; what was read so far is in {}, and this exports the rest:\n  {}",
        begun.display(),
        rest.shown()
    )))
}

/// Counts the rows, and sees where they stand.
struct Counted<R> {
    rows: R,
    events: u64,
    first: Option<Position>,
    last: Option<Position>,
}

impl<R> Counted<R> {
    const fn over(rows: R) -> Self {
        Self {
            rows,
            events: 0,
            first: None,
            last: None,
        }
    }
}

impl<R: Rows> Rows for Counted<R> {
    fn row(&mut self, row: &Readable<'_>) -> io::Result<()> {
        self.events += 1;
        self.last = Some(row.position());
        self.first = self.first.or(self.last);
        self.rows.row(row)
    }

    fn pause(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Hashes what goes through.
struct Hashing<W> {
    out: W,
    hasher: Sha256,
}

impl<W> Hashing<W> {
    fn into(out: W) -> Self {
        Self {
            out,
            hasher: Sha256::new(),
        }
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
