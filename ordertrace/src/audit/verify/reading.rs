//! A log and its checkpoints, read in the order in which a verifier wants them.
//!
//! Invariant: nothing beyond what there was at the start is read: checkpoints go on being signed, and the last one of the
//! start is over no more than the log had when it was asked for after that. A gap ends a scan, so another one begins behind
//! it: all gaps are found, not only the first.

use std::collections::VecDeque;
use std::vec;

use futures::StreamExt as _;
use futures::stream::{BoxStream, ReadyChunks};
use ordertrace_domain::{
    Checkpoints, Extent, FeedError, Record, Records, Sequence, Span, StoredCheckpoint,
};
use tokio_util::sync::CancellationToken;

use crate::audit::Failure;

/// How many records are taken at a time: enough that what is done once for them does not count.
const CHUNK: usize = 256;

/// How many checkpoints are asked for at a time; each costs a request, and they are asked for side by side.
const CHECKPOINTS_AT_ONCE: usize = 256;

/// A log and its checkpoints.
pub(super) struct Reading<'a> {
    pub(super) records: RecordReading<'a>,
    pub(super) checkpoints: CheckpointReading<'a>,
    /// How much there was at the start.
    pub(super) extent: Extent,
}

impl<'a> Reading<'a> {
    /// Looks how much there is.
    pub(super) async fn begin(
        records: &'a dyn Records,
        checkpoints: Option<&'a dyn Checkpoints>,
        shutdown: &'a CancellationToken,
    ) -> Result<Self, Failure> {
        let upto = match checkpoints {
            Some(checkpoints) => checkpoints.last().await?.map(|last| last.number),
            None => None,
        };
        let extent = records.extent().await?;
        Ok(Self {
            records: RecordReading::begin(records, extent.last, shutdown),
            checkpoints: CheckpointReading {
                checkpoints,
                upto: upto.unwrap_or(Sequence::START),
                at: Sequence::START,
                page: VecDeque::new(),
            },
            extent,
        })
    }
}

/// The records of a log.
pub(super) struct RecordReading<'a> {
    records: &'a dyn Records,
    shutdown: &'a CancellationToken,
    scan: ReadyChunks<BoxStream<'static, Result<Record, FeedError>>>,
    chunk: vec::IntoIter<Result<Record, FeedError>>,
    upto: Sequence,
    /// The last one that was there.
    at: Sequence,
}

impl<'a> RecordReading<'a> {
    fn begin(records: &'a dyn Records, upto: Sequence, shutdown: &'a CancellationToken) -> Self {
        Self {
            records,
            shutdown,
            scan: scan(records, Sequence::START, upto),
            chunk: Vec::new().into_iter(),
            upto,
            at: Sequence::START,
        }
    }

    /// The next record that is there; none at the end. Each turn comes closer to the end: it takes what a scan has, or
    /// begins one behind a gap.
    pub(super) async fn next(&mut self) -> Result<Option<Record>, Failure> {
        loop {
            match self.chunk.next() {
                Some(Ok(record)) => {
                    self.at = record.sequence;
                    return Ok(Some(record));
                }
                Some(Err(FeedError::Gap { found, .. })) if found > self.upto => return Ok(None),
                Some(Err(FeedError::Gap { found, .. })) => {
                    let before = Sequence::new(found.get().saturating_sub(1));
                    self.scan = scan(self.records, before, self.upto);
                }
                Some(Err(error @ FeedError::Recreated)) => return Err(error.into()),
                None => match self.pull().await? {
                    Some(chunk) => self.chunk = chunk.into_iter(),
                    None if self.at >= self.upto => return Ok(None),
                    None => {
                        return Err(Failure::Unreachable(format!(
                            "the connection was closed at position {} of {}",
                            self.at, self.upto
                        )));
                    }
                },
            }
        }
    }

    async fn pull(&mut self) -> Result<Option<Vec<Result<Record, FeedError>>>, Failure> {
        tokio::select! {
            biased;
            () = self.shutdown.cancelled() => Err(Failure::Interrupted(format!(
                "at position {} of {}; nothing was found out: a verification is whole or none",
                self.at, self.upto
            ))),
            chunk = self.scan.next() => Ok(chunk),
        }
    }
}

fn scan(
    records: &dyn Records,
    after: Sequence,
    upto: Sequence,
) -> ReadyChunks<BoxStream<'static, Result<Record, FeedError>>> {
    let upto = Some(upto);
    records.scan(Span { after, upto }, None).ready_chunks(CHUNK)
}

/// The checkpoints of a log.
pub(super) struct CheckpointReading<'a> {
    checkpoints: Option<&'a dyn Checkpoints>,
    upto: Sequence,
    at: Sequence,
    page: VecDeque<StoredCheckpoint>,
}

impl CheckpointReading<'_> {
    /// The next checkpoint; none behind the last one.
    pub(super) async fn next(&mut self) -> Result<Option<StoredCheckpoint>, Failure> {
        if self.page.is_empty()
            && self.at < self.upto
            && let Some(checkpoints) = self.checkpoints
        {
            let page = checkpoints.after(self.at, CHECKPOINTS_AT_ONCE).await?;
            self.page.extend(page);
        }
        let next = self.page.pop_front();
        let next = next.filter(|checkpoint| checkpoint.number <= self.upto);
        self.at = next
            .as_ref()
            .map_or(self.upto, |checkpoint| checkpoint.number);
        Ok(next)
    }
}
