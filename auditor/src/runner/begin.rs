//! The start: whether the log and its checkpoints are still what they were when the process ended.

use std::time::Duration;

use futures::StreamExt;
use ordertrace_audit::leaf_hash;
use ordertrace_domain::{Extent, Sequence, Span};
use tokio::time::{Instant, sleep, timeout};

use super::{Auditor, Before, Stop};
use crate::{Halt, state::Pin};

/// How long one event may take to be read. The log answers within milliseconds, or is out of reach.
const EVENT_MAX: Duration = Duration::from_secs(5);

impl Auditor {
    /// Looks whether log and checkpoints still have what was kept, and from where the checkpoints have to be read.
    pub(super) async fn begin(&mut self) -> Result<(), Stop> {
        let size = self.fold().size();
        let extent = self.extent_of_at_least(size).await?;
        self.head_at_start = extent.last;
        while !self.still_has_event_at(size).await? {
            sleep(self.settings.look_every).await;
        }
        let pin = self.folder.pin().map_err(|error| Halt::storage(&error))?;
        self.pinned.clone_from(&pin);
        let Some(pin) = pin else {
            return Ok(());
        };
        while !self.has(&pin).await? {
            sleep(self.settings.look_every).await;
        }
        if self.is_restored() {
            // Those before it were checked when they were accepted. It is read again: proofs are against it.
            self.read = Before {
                number: Sequence::new(pin.number.get().saturating_sub(1)),
                size: Sequence::START,
            };
        }
        Ok(())
    }

    /// Asks how long the log is, and halts if it stays shorter than this.
    async fn extent_of_at_least(&mut self, size: Sequence) -> Result<Extent, Stop> {
        let mut short_since = None;
        loop {
            let extent = self.records.extent().await;
            if let Some(extent) = self.reached(extent)? {
                if extent.last >= size {
                    return Ok(extent);
                }
                let since = *short_since.get_or_insert_with(Instant::now);
                self.check_patience(since, size, extent.last)?;
            }
            sleep(self.settings.look_every).await;
        }
    }

    /// Whether the log still has at a position what was folded from there; `false` if it does not say so in time. A log that
    /// was replaced from some point on differs from there to its end, if only in its times: so one look at the end of
    /// what was folded is enough.
    ///
    /// # Errors
    /// It has not.
    pub(super) async fn still_has_event_at(&self, position: Sequence) -> Result<bool, Stop> {
        let Some(before) = position.get().checked_sub(1) else {
            return Ok(true);
        };
        let span = Span {
            after: Sequence::new(before),
            upto: Some(position),
        };
        let mut scan = self.records.scan(span, None);
        let Ok(Some(record)) = timeout(EVENT_MAX, scan.next()).await else {
            return Ok(false);
        };
        let record = match record {
            Ok(record) => record,
            Err(error) => return Err(self.why_ended(error).await?.into()),
        };
        let found = leaf_hash(&record);
        let folded = self.with_fold(move |fold| fold.leaf(position)).await??;
        if found == folded {
            return Ok(true);
        }
        Err(Stop::Halted(Halt::Replaced {
            position,
            folded,
            found,
        }))
    }

    /// Halts when the log was too short for too long.
    pub(super) fn check_patience(
        &self,
        since: Instant,
        expected: Sequence,
        found: Sequence,
    ) -> Result<(), Halt> {
        if since.elapsed() < self.settings.short_max {
            return Ok(());
        }
        Err(Halt::Truncated { expected, found })
    }

    /// Whether a checkpoint stands where it stood; `false` if nobody says so now.
    ///
    /// # Errors
    /// It does not.
    pub(super) async fn has(&mut self, pin: &Pin) -> Result<bool, Stop> {
        let before = Sequence::new(pin.number.get().saturating_sub(1));
        let found = self.checkpoints.after(before, 1).await;
        let Some(found) = self.reached(found)? else {
            return Ok(false);
        };
        let mut found = found.iter();
        let is_there = found.any(|it| it.number == pin.number && it.note == pin.note);
        if is_there {
            return Ok(true);
        }
        let number = pin.number;
        Err(Halt::CheckpointsRolledBack { number }.into())
    }
}
