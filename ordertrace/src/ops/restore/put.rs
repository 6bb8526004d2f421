//! Puts the streams back, the log first and withheld, and serves it last.
//!
//! The timers come after the verification: those that are due go off the moment they are back. The checkpoints come before
//! it, for it may want to look at all of them.

use std::io::Read as _;

use anyhow::anyhow;
use ordertrace_audit::Trust;
use ordertrace_nats::subject::{CHECKPOINTS_STREAM, DLQ_STREAM, EVENTS_STREAM, TIMERS_STREAM};
use ordertrace_nats::{
    BackupError, Connection, JetStreamBackup, Replicas, Restoring, StreamConfig, StreamState,
    restored_config, restored_log_config, withheld_config,
};

use super::{Mismatch, verify::verify_restored};
use crate::audit::say_who_signed;
use crate::ops::backup::{Bar, Opened, StreamFile};

/// A restore that is meant.
pub(super) struct Put<'a> {
    pub(super) connection: &'a Connection,
    pub(super) backup: &'a JetStreamBackup,
    pub(super) opened: &'a Opened,
    pub(super) replicas: Replicas,
    pub(super) trust: &'a Trust,
    pub(super) despite_mismatch: bool,
}

/// What is known of the log that was put back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is sound, and signed by who is trusted.
    Signed,
    /// It is sound. Who has signed it was not looked at.
    Integrity,
    /// It is not sound, and somebody said that it does not matter.
    Unsound,
}

impl Put<'_> {
    /// Everything, in its order.
    pub(super) async fn all(&self) -> anyhow::Result<Verdict> {
        let bar = Bar::bytes("restoring", self.opened.manifest.file_bytes());
        let events = self.entry(EVENTS_STREAM)?;
        let released = restored_log_config(&events.config, self.replicas, self.opened.incarnation);
        self.put(events, &withheld_config(&released), &bar).await?;
        self.put_exactly(CHECKPOINTS_STREAM, &bar).await?;
        self.put_exactly(DLQ_STREAM, &bar).await?;
        let verdict = self.check_log().await?;
        // Timers go off and their marks expire, so how many there are is no matter.
        let timers = self.entry(TIMERS_STREAM)?;
        let config = restored_config(&timers.config, self.replicas);
        self.put_back(timers, &config, &bar).await?;
        bar.finish();
        let manifest = &self.opened.manifest;
        self.backup.fire_again(&manifest.fired_meanwhile).await?;
        let places = &manifest.places;
        self.backup.rewind(TIMERS_STREAM, places).await?;
        self.backup.rewind(EVENTS_STREAM, places).await?;
        self.still_is(events).await?;
        self.backup.release(&released).await?;
        Ok(verdict)
    }

    /// Verifies the log; a difference ends the restore unless it was said that it does not matter.
    async fn check_log(&self) -> anyhow::Result<Verdict> {
        match verify_restored(self.connection, &self.opened.manifest, self.trust).await {
            Err(error) if self.despite_mismatch && error.is::<Mismatch>() => {
                eprintln!("warning: {error:#}; the log will be served all the same");
                Ok(Verdict::Unsound)
            }
            Err(error) => Err(error),
            Ok(report) => {
                say_who_signed(&report);
                Ok(match report.signed_by {
                    Some(_) => Verdict::Signed,
                    None => Verdict::Integrity,
                })
            }
        }
    }

    async fn put_exactly(&self, stream: &str, bar: &Bar) -> anyhow::Result<()> {
        let entry = self.entry(stream)?;
        let config = restored_config(&entry.config, self.replicas);
        self.put(entry, &config, bar).await
    }

    /// Puts a stream back from which nothing ever leaves, and compares how much there is of it.
    async fn put(
        &self,
        entry: &StreamFile,
        config: &StreamConfig,
        bar: &Bar,
    ) -> anyhow::Result<()> {
        let found = self.put_back(entry, config, bar).await?;
        Ok(same(entry, found)?)
    }

    async fn put_back(
        &self,
        entry: &StreamFile,
        config: &StreamConfig,
        bar: &Bar,
    ) -> anyhow::Result<StreamState> {
        bar.say(&entry.stream);
        let mut file = self.opened.open(entry)?;
        let restoring = self.backup.restore(&entry.stream, config, &entry.state);
        let mut restoring = restoring.await?;
        let mut left = entry.bytes;
        while left > 0 {
            let length = left.min(Restoring::PIECE_BYTES as u64);
            let mut piece = vec![0; usize::try_from(length)?];
            file.read_exact(&mut piece)?;
            restoring.push(piece).await?;
            bar.advance(length);
            left -= length;
        }
        let found = restoring.finish().await?;
        self.backup.level(&entry.stream, found.last).await?;
        Ok(found)
    }

    /// Nobody has written into it since.
    async fn still_is(&self, entry: &StreamFile) -> anyhow::Result<()> {
        let info = self.backup.info(&entry.stream).await?;
        let info = info.ok_or_else(|| anyhow!("{} is gone again", entry.stream))?;
        Ok(same(entry, info.state)?)
    }

    fn entry(&self, stream: &str) -> anyhow::Result<&StreamFile> {
        let entry = self.opened.manifest.stream(stream);
        entry.ok_or_else(|| anyhow!("the backup has no {stream}"))
    }
}

/// Where an empty stream begins is said in one way or another; and how many bytes a server counts is its own affair.
fn same(entry: &StreamFile, found: StreamState) -> Result<(), Mismatch> {
    let expected = entry.state;
    let is_same = found.messages == expected.messages
        && found.last == expected.last
        && (found.first == expected.first || found.messages == 0);
    if is_same {
        return Ok(());
    }
    Err(Mismatch::State(BackupError::OtherState {
        stream: entry.stream.clone(),
        found,
        expected,
    }))
}
