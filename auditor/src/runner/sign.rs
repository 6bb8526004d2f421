//! The next checkpoint: signed over what was folded here, and added behind the one that was seen last.

use std::{sync::Arc, time::Duration};

use ordertrace_audit::SignedCheckpoint;
use ordertrace_domain::{AppendError, RecordedAt, Sequence};
use tokio::{task::spawn_blocking, time::Instant};

use super::{Auditor, Before, Stop};
use crate::{
    Halt, Objection,
    fold::{Published, Standing},
    state::Pin,
};

/// So often in a row an append may be refused though nothing stands in its place: a look that came too early does not look
/// so again half a second later.
const CONFLICTS_MAX: u32 = 3;

impl Auditor {
    /// Signs what the log comes to. All checkpoints there are have been read and compared.
    pub(super) async fn sign(&mut self) -> Result<(), Stop> {
        let Some(key) = self.settings.key.clone() else {
            return Ok(());
        };
        let end = self.fold().size();
        if !self.still_has_event_at(end).await? {
            return Ok(());
        }
        let last = self.last.clone();
        let signed = self.with_fold(move |fold| fold.sign(&key, last.as_ref()));
        let (signed, standing) = signed.await??;
        let Some(signed) = self.cosigned(signed).await? else {
            return Ok(());
        };
        let behind = self.read.number;
        let note = signed.as_str().as_bytes();
        match self.checkpoints.append(behind, note).await {
            Ok(number) => self.published(number, signed, standing).await,
            Err(AppendError::Recreated) => Err(Halt::Recreated.into()),
            Err(AppendError::Conflict) => self.overtaken(behind).await,
            // What became of it shows at the next look.
            Err(error @ (AppendError::OutcomeUnknown(_) | AppendError::NotStored(_))) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "a checkpoint could not be added; the next look tells, and tries again"
                );
                Ok(())
            }
        }
    }

    /// With what the witnesses add; the checkpoint waits for them, but not for long. None if one of them has seen more of
    /// the log than was folded here: nothing is published before that is cleared up.
    ///
    /// # Errors
    /// A witness has seen another log.
    async fn cosigned(
        &mut self,
        signed: SignedCheckpoint,
    ) -> Result<Option<SignedCheckpoint>, Stop> {
        let size = signed.checkpoint().size;
        let tree = &self.tree;
        let prove = |old| {
            let tree = tree.clone();
            let prove = spawn_blocking(move || tree.read().consistency(old, size).ok());
            async { prove.await.ok().flatten() }
        };
        let answers = self.settings.witnesses.cosign(&signed, prove).await;
        for (witness, objection) in answers.objections {
            match objection {
                Objection::OtherLog(why) => {
                    return Err(Halt::WitnessDisagrees { witness, why }.into());
                }
                Objection::Ahead(size) => self.ahead = Some(Ahead::new(witness, size)),
            }
        }
        if self.ahead.is_some() {
            return Ok(None);
        }
        let cosigned = answers.cosignatures.iter();
        Ok(Some(cosigned.fold(signed, SignedCheckpoint::with)))
    }

    /// Whether the fold has come as far as the witnesses have: another signer may have been quicker with them, and the rest
    /// is on its way here.
    ///
    /// # Errors
    /// The log itself ends before that, and has for too long.
    pub(super) async fn has_what_witnesses_saw(&mut self) -> Result<bool, Stop> {
        let size = self.fold().size();
        if self.ahead.take_if(|ahead| ahead.size <= size).is_some() || self.ahead.is_none() {
            return Ok(true);
        }
        let extent = self.records.extent().await;
        let Some(extent) = self.reached(extent)? else {
            return Ok(false);
        };
        if let Some(ahead) = &mut self.ahead {
            ahead.check_patience(extent.last, self.settings.short_max)?;
        }
        Ok(false)
    }

    async fn published(
        &mut self,
        number: Sequence,
        signed: SignedCheckpoint,
        standing: Standing,
    ) -> Result<(), Stop> {
        let now = self.clock.now().micros().saturating_mul(1_000);
        let published = Published {
            number,
            recorded_at: RecordedAt::from_nanos(now),
            signed,
        };
        self.read = Before {
            number,
            size: published.size(),
        };
        self.conflicts = 0;
        self.with_fold({
            let size = published.size();
            move |fold| fold.forget_before(size)
        })
        .await?;
        self.accept(published, Some(standing));
        self.remember().await
    }

    /// Somebody else was quicker; or the one that was to be followed on is gone, or those behind it are, which the stream
    /// still counts.
    async fn overtaken(&mut self, behind: Sequence) -> Result<(), Stop> {
        if !self.read_published().await? {
            return Ok(());
        }
        if self.read.number != behind {
            self.conflicts = 0;
            return Ok(());
        }
        if let Some(last) = self.last.as_ref().filter(|last| last.number == behind) {
            let pin = Pin {
                number: last.number,
                note: last.signed.as_str().into(),
            };
            if !self.has(&pin).await? {
                return Ok(());
            }
        }
        self.conflicts += 1;
        if self.conflicts < CONFLICTS_MAX {
            return Ok(());
        }
        let expected = behind.next();
        Err(Halt::CheckpointMissing {
            expected,
            found: None,
        }
        .into())
    }
}

/// A witness that has seen more of the log than was folded here.
#[derive(Debug, Clone)]
pub(super) struct Ahead {
    witness: Arc<str>,
    size: Sequence,
    /// Since when the log ends before that.
    short_since: Option<Instant>,
}

impl Ahead {
    const fn new(witness: Arc<str>, size: Sequence) -> Self {
        Self {
            witness,
            size,
            short_since: None,
        }
    }

    fn check_patience(&mut self, last: Sequence, short_max: Duration) -> Result<(), Halt> {
        if last >= self.size {
            self.short_since = None;
            return Ok(());
        }
        if self.short_since.get_or_insert_with(Instant::now).elapsed() < short_max {
            return Ok(());
        }
        let seen = self.size;
        let why = format!("it has seen {seen} events, and the log ends at {last}");
        Err(Halt::WitnessDisagrees {
            witness: Arc::clone(&self.witness),
            why: why.into(),
        })
    }
}
