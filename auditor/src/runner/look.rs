//! A look at the checkpoints: what was published since, and whether the next one is due.

use ordertrace_domain::Sequence;
use tokio::{task::spawn_blocking, time::Instant};

use super::{Auditor, Before, Stop, meter, published::judge};
use crate::{
    Halt,
    fold::{Published, Standing},
    policy::Since,
    state::Pin,
};

/// So many checkpoints are read at once: half a megabyte, and an hour of a log that is never idle.
const PAGE_CHECKPOINTS: usize = 1_000;

/// After so many looks, ten seconds, somebody looks whether the newest checkpoint that was accepted here is still there.
const LOOKS_TO_PIN: u32 = 20;

/// A checkpoint that is right, with what the log came to there, if that is still known.
type Compared = (Published, Option<Standing>);

impl Auditor {
    /// Reads what was published, checks what can be checked, and signs if that is due.
    pub(super) async fn look(&mut self) -> Result<(), Stop> {
        if self.read_published().await? {
            self.check_length().await?;
            self.check_pin().await?;
            if self.is_due() && self.has_what_witnesses_saw().await? {
                self.sign().await?;
            }
        }
        self.tell_if_ready();
        meter::show(&self.audit.status(), self.clock.now());
        self.keep_if_due().await
    }

    /// Whether the next checkpoint is due, and is this process's to sign.
    pub(super) fn is_due(&self) -> bool {
        let is_at_the_end = self.pending.is_empty() && !self.is_more;
        // A clock that was set back puts nothing off: the process knows by itself how long it has waited.
        let by_the_clock = self.clock.now().since(self.last_at);
        let since = Since {
            size: self.last.as_ref().map_or(Sequence::START, Published::size),
            waited: by_the_clock.max(self.last_seen.elapsed()),
        };
        let (position, policy) = (self.fold().size(), self.settings.policy);
        self.settings.key.is_some() && is_at_the_end && policy.is_due(since, position)
    }

    /// Reads the checkpoints after the last one that was read, as far as the fold has come. `false` if they are out of reach.
    pub(super) async fn read_published(&mut self) -> Result<bool, Stop> {
        self.unread = 0;
        loop {
            self.check_pending().await?;
            if !self.pending.is_empty() {
                return Ok(true);
            }
            let page = self.checkpoints.after(self.read.number, PAGE_CHECKPOINTS);
            let page = page.await;
            let Some(page) = self.reached(page)? else {
                return Ok(false);
            };
            self.is_more = page.len() == PAGE_CHECKPOINTS;
            if page.is_empty() {
                return Ok(true);
            }
            for stored in page {
                let incarnation = self.audit.incarnation();
                let published = judge(stored, self.read, incarnation, &self.settings.accepted)?;
                self.read = Before {
                    number: published.number,
                    size: published.size(),
                };
                self.pending.push_back(published);
            }
        }
    }

    /// Compares the checkpoints that the fold has come to with the log.
    pub(super) async fn check_pending(&mut self) -> Result<(), Stop> {
        let size = self.fold().size();
        let ahead = |published: &Published| published.size() > size;
        let reached = self.pending.iter().position(ahead);
        let reached = reached.unwrap_or(self.pending.len());
        if reached == 0 {
            return Ok(());
        }
        let reached: Vec<_> = self.pending.drain(..reached).collect();
        let compared = self.with_fold(|fold| {
            let mut right: Vec<Compared> = Vec::with_capacity(reached.len());
            for published in reached {
                match fold.compare(&published) {
                    Ok(standing) => right.push((published, standing)),
                    Err(halt) => return (right, Some(halt)),
                }
            }
            (right, None)
        });
        let (right, halt) = compared.await?;
        for (published, standing) in right {
            self.accept(published, standing);
        }
        self.remember().await?;
        halt.map_or(Ok(()), |halt| Err(halt.into()))
    }

    pub(super) fn accept(&mut self, published: Published, standing: Option<Standing>) {
        if standing.is_none() {
            meter::map_not_compared();
            tracing::warn!(checkpoint.number = %published.number, checkpoint.size = %published.size(), "of this checkpoint only the tree was compared: its map lies too far back, as when a signer catches up with a log that this audit was level with; `audit verify` compares it");
        }
        tracing::debug!(checkpoint.number = %published.number, checkpoint.size = %published.size(), "a checkpoint is accepted");
        let now = self.clock.now();
        // Of what was signed before this process had caught up only the log's clock tells how long ago that was.
        self.last_at = if self.audit.status().head_at_start_reached {
            now
        } else {
            published.recorded_at.to_timestamp().min(now)
        };
        self.last_seen = Instant::now();
        self.last = Some(published.clone());
        self.audit.accept(published, standing);
    }

    /// Looks now and then whether the newest checkpoint is still there: a monitor adds nothing that would be refused.
    async fn check_pin(&mut self) -> Result<(), Stop> {
        self.looks = (self.looks + 1) % LOOKS_TO_PIN;
        if self.looks != 0 {
            return Ok(());
        }
        if let Some(pin) = self.pinned.clone() {
            self.has(&pin).await?;
        }
        Ok(())
    }

    /// Remembers the last accepted checkpoint beyond this process, unless a newer one is remembered: a fold from the first
    /// event on accepts the old ones once more.
    pub(super) async fn remember(&mut self) -> Result<(), Stop> {
        let pinned = self.pinned.as_ref().map(|pin| pin.number);
        let newer = |last: &&Published| Some(last.number) > pinned;
        let Some(last) = self.last.as_ref().filter(newer) else {
            return Ok(());
        };
        let pin = Pin {
            number: last.number,
            note: last.signed.as_str().into(),
        };
        let folder = self.folder.clone();
        let written = spawn_blocking(move || folder.set_pin(&pin).map(|()| pin)).await;
        let written = written.map_err(|_| Stop::Interrupted)?;
        self.pinned = Some(written.map_err(|error| Halt::storage(&error))?);
        Ok(())
    }

    /// Halts when a checkpoint has been ahead of the end of the log for too long.
    async fn check_length(&mut self) -> Result<(), Stop> {
        let Some(expected) = self.pending.front().map(Published::size) else {
            self.short_since = None;
            return Ok(());
        };
        let extent = self.records.extent().await;
        let Some(extent) = self.reached(extent)? else {
            return Ok(());
        };
        if extent.last >= expected {
            self.short_since = None;
            return Ok(());
        }
        let since = *self.short_since.get_or_insert_with(Instant::now);
        Ok(self.check_patience(since, expected, extent.last)?)
    }
}
