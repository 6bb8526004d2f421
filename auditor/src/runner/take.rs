//! One stretch of the log after the other, into the fold.

use std::time::Duration;

use futures::{StreamExt, stream::BoxStream};
use ordertrace_domain::{FeedError, LogError, Record};
use tokio::time::sleep;

use super::{Auditor, Stop, meter};
use crate::{
    Halt,
    fold::{TRAIL_MOVES_MAX, Told},
};

/// The most records that are folded at once: a few milliseconds, for which proofs wait. At 64 KiB each, the most there is,
/// they still fit into memory.
const CHUNK_RECORDS_MAX: usize = 1_000;

/// How long records gather before they are folded. A checkpoint comes every few seconds, so nobody waits for the fold; and
/// to be woken for each event by itself would take processor time from whoever appends them.
const GATHER: Duration = Duration::from_millis(20);

/// So many records are folded at the most between two looks at the checkpoints: the map at one that has come since is still
/// on the trail then, whose newer half is always there.
const UNREAD_MAX: usize = TRAIL_MOVES_MAX / 4;

/// A stretch of the log, and the error that ended it, if one did.
pub(super) struct Chunk {
    records: Vec<Record>,
    end: Option<FeedError>,
}

/// What is ready, in chunks: what comes while the log is followed is let gather for a moment, a backlog is taken in large
/// pieces without a pause.
pub(super) fn chunks(
    scan: BoxStream<'static, Result<Record, FeedError>>,
) -> BoxStream<'static, Chunk> {
    let chunks = scan.ready_chunks(CHUNK_RECORDS_MAX).then(async |ready| {
        if ready.len() < CHUNK_RECORDS_MAX {
            sleep(GATHER).await;
        }
        let mut records = Vec::with_capacity(ready.len());
        for record in ready {
            match record {
                Ok(record) => records.push(record),
                Err(error) => {
                    let end = Some(error);
                    return Chunk { records, end };
                }
            }
        }
        Chunk { records, end: None }
    });
    chunks.boxed()
}

impl Auditor {
    /// Folds a stretch, compares the checkpoints that it has come to, and signs the next one if that is due by now.
    pub(super) async fn take(&mut self, chunk: Chunk) -> Result<(), Stop> {
        self.unread += chunk.records.len();
        if self.is_more || self.unread > UNREAD_MAX {
            // The fold does not run ahead of checkpoints that are there: from close by they are checked whole.
            self.read_published().await?;
        }
        self.fold_in(chunk.records).await?;
        self.check_pending().await?;
        if let Some(error) = chunk.end {
            return Err(self.why_ended(error).await?.into());
        }
        if self.is_due() {
            self.look().await?;
        }
        self.tell_if_ready();
        self.keep_if_due().await
    }

    /// It is once it has all that the log held at its start, and knows the checkpoints over that.
    pub(super) fn tell_if_ready(&self) {
        let is_ready = !self.is_more && self.fold().size() >= self.head_at_start;
        if is_ready && !self.audit.status().head_at_start_reached {
            self.audit.update(|status| {
                status.head_at_start_reached = true;
                status.trouble = None;
            });
        }
    }

    async fn fold_in(&mut self, records: Vec<Record>) -> Result<(), Stop> {
        let folded = self.with_fold(move |fold| {
            let told = fold.push_all(&records)?;
            Ok::<_, Stop>((told, fold.standing()))
        });
        let (told, standing) = folded.await??;
        tell(&told);
        self.audit.update(|status| {
            status.position.sequence = standing.size;
            status.faults = standing.faults;
        });
        Ok(())
    }

    /// A log that ends before what was folded is another one, or has lost its end: its leader knows.
    pub(super) async fn why_ended(&self, error: FeedError) -> Result<Halt, Stop> {
        let expected = self.fold().size();
        match (error, self.records.extent().await) {
            (FeedError::Recreated, Ok(extent)) if extent.last < expected => Ok(Halt::Truncated {
                expected,
                found: extent.last,
            }),
            (_, Err(LogError::Recreated)) => Ok(Halt::Recreated),
            (error, _) => Ok(error.into()),
        }
    }
}

/// The first of a stretch, and how many there are: whoever may write could else fill the process's log as fast as the
/// stream.
fn tell(told: &[Told]) {
    let Some((position, fault)) = told.first() else {
        return;
    };
    meter::faults(told.len());
    tracing::error!(event.position = %position, %fault, faults = told.len(), "a record is not its order's next event; it is in the tree, and `audit verify` names it and those after it");
}
