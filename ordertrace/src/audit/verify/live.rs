//! Verifies a log as it is stored, with all its checkpoints.

use ordertrace_audit::{LogVerifier, Next, Plan, Refutation, Report, Trust};
use ordertrace_domain::{Checkpoints, Extent, Records, Sequence, Span};
use tokio_util::sync::CancellationToken;

use super::{
    reading::Reading,
    refuted::{Refuted, Told, miscount},
};
use crate::audit::{Failure, LogReader, progress::Progress};
use crate::{cli::LogSourceArgs, shutdown};

/// Where a log is read from.
#[derive(Clone, Copy)]
pub(super) struct Ports<'a> {
    pub(super) records: &'a dyn Records,
    /// None where there never was a stream of them.
    pub(super) checkpoints: Option<&'a dyn Checkpoints>,
}

/// Verifies the log that the servers hold.
pub(super) async fn verify(
    source: &LogSourceArgs,
    trust: Trust,
) -> anyhow::Result<Result<Report, Refuted>> {
    let shutdown = shutdown::on_signal()?;
    let log = LogReader::open(source).await?;
    let checkpoints = log.checkpoints().await?;
    let ports = Ports {
        records: &log.records,
        checkpoints: checkpoints.as_ref().map(|it| it as &dyn Checkpoints),
    };
    let bar = |upto| {
        let span = Span {
            after: Sequence::START,
            upto: Some(upto),
        };
        let progress = Progress::of(&Plan { span, of: None });
        move |position| progress.looked_at(position)
    };
    Ok(verify_log(ports, trust, &shutdown, bar).await?)
}

/// Verifies a log from its first message to what is its last one at this moment. `begin` is told how much that is, and
/// gives what is told each position that was looked at.
pub(super) async fn verify_log<P: Fn(Sequence)>(
    ports: Ports<'_>,
    trust: Trust,
    shutdown: &CancellationToken,
    begin: impl FnOnce(Sequence) -> P,
) -> Result<Result<Report, Refuted>, Failure> {
    let Ports {
        records,
        checkpoints,
    } = ports;
    let mut reading = Reading::begin(records, checkpoints, shutdown).await?;
    let progress = begin(reading.extent.last);
    let mut verifier = LogVerifier::new(records.incarnation(), trust);
    loop {
        match verifier.next() {
            Next::Checkpoint => verifier.checkpoint(reading.checkpoints.next().await?.as_ref()),
            Next::Record => match reading.records.next().await? {
                Some(record) => {
                    verifier.record(&record);
                    progress(record.sequence);
                }
                None => break,
            },
        }
    }
    let end = lost_end(verifier.size(), reading.extent);
    Ok(told(verifier.finish(), end, miscount(reading.extent)))
}

/// Messages that are missing from the end, where only the server's own count still speaks of them.
fn lost_end(size: Sequence, extent: Extent) -> Option<Told> {
    (size < extent.last).then(|| Told {
        code: "gap",
        position: Some(size.next()),
        line: None,
        message: format!(
            "it is missing: the log goes to position {}, and its messages end before this one",
            extent.last
        ),
    })
}

/// All that was found together.
fn told(
    finished: Result<Report, Refutation>,
    end: Option<Told>,
    miscount: Option<Told>,
) -> Result<Report, Refuted> {
    match (finished, end, miscount) {
        (Ok(report), None, None) => Ok(report),
        (Ok(_), Some(told), other) => Err(Refuted::from(told).and(other)),
        (Ok(_), None, Some(told)) => Err(told.into()),
        (Err(refutation), end, miscount) => Err(Refuted::from(refutation).and(end).and(miscount)),
    }
}

#[cfg(test)]
mod tests;
