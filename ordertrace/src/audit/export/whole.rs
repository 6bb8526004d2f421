//! A verifiable export of the whole log up to its newest checkpoint: it needs no proofs, for who checks it can compute both
//! roots.

use std::io::Write;

use futures::{Stream, StreamExt as _};
use ordertrace_audit::{ExportWriter, Header, Plan, SignedCheckpoint, Summary as Written};
use ordertrace_domain::{Checkpoints as _, FeedError, Record, Records as _, Sequence, Span};
use tokio_util::sync::CancellationToken;

use super::summary::Summary;
use crate::{
    audit::{Failure, LogReader, file::Unfinished, progress::Progress, resume::Command},
    cli::ExportArgs,
};

/// How many records are taken at a time; see the selection's.
const CHUNK: usize = 256;

pub(super) async fn export(
    args: &ExportArgs,
    shutdown: &CancellationToken,
) -> anyhow::Result<Summary> {
    let file = Unfinished::begin(&args.file, args.force)?;
    let log = LogReader::open_unless(shutdown, &args.source).await?;
    // Before the log is looked at: a checkpoint that came meanwhile would be of events that are not read.
    let checkpoint = last_checkpoint(&log).await?;
    let last = log.records.extent().await.map_err(Failure::from)?.last;
    let to = end(&log, checkpoint.as_ref(), last)?;
    say_what_is_left_out(checkpoint.as_ref(), last);
    let Some((summary, file)) = write(&log, file, checkpoint.as_ref(), to, shutdown).await? else {
        return Err(interrupted(args).into());
    };
    file.finish()?;
    Ok(Summary {
        file: args.file.clone(),
        events: summary.events,
        first: summary.first.map(|first| log.position(first)),
        last: summary.last.map(|last| log.position(last)),
        sha256: summary.sha256.to_string(),
        checkpoint: checkpoint.map(|checkpoint| named(&checkpoint)),
    })
}

async fn last_checkpoint(log: &LogReader) -> anyhow::Result<Option<SignedCheckpoint>> {
    let Some(checkpoints) = log.checkpoints().await? else {
        return Ok(None);
    };
    let Some(last) = checkpoints.last().await.map_err(Failure::from)? else {
        return Ok(None);
    };
    let read = SignedCheckpoint::parse(&last.note).map_err(|error| {
        let number = last.number;
        Failure::Mismatch(format!("checkpoint {number} can't be read: {error}"))
    });
    Ok(Some(read?))
}

/// Where the export ends: at the checkpoint.
fn end(
    log: &LogReader,
    checkpoint: Option<&SignedCheckpoint>,
    last: Sequence,
) -> Result<Sequence, Failure> {
    let Some(checkpoint) = checkpoint.map(SignedCheckpoint::checkpoint) else {
        return Ok(last);
    };
    if checkpoint.incarnation != log.incarnation() {
        return Err(Failure::Mismatch(format!(
            "the newest checkpoint is of another log: expected {}, found {}",
            log.incarnation(),
            checkpoint.incarnation
        )));
    }
    if checkpoint.size > last {
        return Err(Failure::Mismatch(format!(
            "the log ends at {last}, before its newest checkpoint at {}: it has lost its end",
            checkpoint.size
        )));
    }
    Ok(checkpoint.size)
}

fn say_what_is_left_out(checkpoint: Option<&SignedCheckpoint>, last: Sequence) {
    let Some(checkpoint) = checkpoint else {
        eprintln!(
            "there is no checkpoint yet, so nothing is signed: of this export only the chain within each order can be \
             checked, not that it is the log"
        );
        return;
    };
    let size = checkpoint.checkpoint().size;
    let newer = last.get().saturating_sub(size.get());
    if newer > 0 {
        eprintln!(
            "{newer} newer events are not in it: it ends at the newest checkpoint, at {size}"
        );
    }
}

/// Writes all of it; nothing if it was interrupted.
async fn write(
    log: &LogReader,
    file: Unfinished,
    checkpoint: Option<&SignedCheckpoint>,
    to: Sequence,
    shutdown: &CancellationToken,
) -> anyhow::Result<Option<(Written, Unfinished)>> {
    let header = Header {
        origin: checkpoint.map(|it| it.checkpoint().origin.clone()),
        incarnation: log.incarnation(),
        from: Sequence::START.next(),
        to,
        filter: None,
    };
    let span = Span {
        after: Sequence::START,
        upto: Some(to),
    };
    let progress = Progress::of(&Plan { span, of: None });
    let mut writer = ExportWriter::new(file, &header)?;
    let records = log.records.scan(span, None);
    let copied = copy(records, &mut writer, to, |position| {
        progress.looked_at(position);
    });
    tokio::select! {
        biased;
        () = shutdown.cancelled() => return Ok(None),
        copied = copied => copied?,
    }
    let (file, summary) = writer.finish(checkpoint)?;
    Ok(Some((summary, file)))
}

/// Writes the records up to this position. Where they end before it, the connection was closed, and what is written is no
/// export: it would be finished as one from which the end is missing.
async fn copy(
    records: impl Stream<Item = Result<Record, FeedError>>,
    writer: &mut ExportWriter<impl Write>,
    to: Sequence,
    progress: impl Fn(Sequence),
) -> anyhow::Result<()> {
    let mut chunks = std::pin::pin!(records.ready_chunks(CHUNK));
    let mut at = Sequence::START;
    while let Some(chunk) = chunks.next().await {
        for record in chunk {
            let record = record.map_err(Failure::from)?;
            writer.event(&record, None)?;
            at = record.sequence;
            progress(at);
        }
    }
    if at < to {
        let told =
            format!("the connection was closed at position {at} of {to}, and nothing was kept");
        return Err(Failure::Unreachable(told).into());
    }
    Ok(())
}

fn interrupted(args: &ExportArgs) -> Failure {
    let file = args.file.to_string_lossy();
    let force = if args.force { &["--force"][..] } else { &[] };
    let words = [&["export", file.as_ref()][..], force].concat();
    let again = Command::new(&words).on(&args.source);
    Failure::Interrupted(format!(
        "before its end, and nothing was kept: a verifiable export is whole or none. This begins it anew:\n  {}",
        again.shown()
    ))
}

/// A checkpoint in a line.
fn named(checkpoint: &SignedCheckpoint) -> String {
    let checkpoint = checkpoint.checkpoint();
    format!("{} of {}", checkpoint.size, checkpoint.origin)
}

#[cfg(test)]
mod tests {
    use futures::stream;
    use ordertrace_domain::{Incarnation, RecordedAt};

    use super::*;

    #[tokio::test]
    async fn a_log_that_ends_before_the_checkpoint_makes_no_export() {
        let record = |position| {
            Ok(Record {
                sequence: Sequence::new(position),
                recorded_at: RecordedAt::from_nanos(1),
                subject: "ordertrace.events.00.x".to_owned(),
                headers: Vec::new(),
                payload: vec![7].into(),
            })
        };
        let header = Header {
            origin: None,
            incarnation: Incarnation::from_created_nanos(1),
            from: Sequence::START.next(),
            to: Sequence::new(3),
            filter: None,
        };
        for (there, is_whole) in [(0, false), (2, false), (3, true)] {
            let mut writer = ExportWriter::new(Vec::new(), &header).unwrap();
            let records = stream::iter((1..=there).map(record));
            let copied = copy(records, &mut writer, header.to, |_| {}).await;
            assert_eq!(copied.is_ok(), is_whole, "{there}");
            let closed = copied
                .err()
                .map(|error| error.downcast::<Failure>().unwrap());
            assert!(closed.is_none_or(|it| matches!(it, Failure::Unreachable(_))));
        }
    }
}
