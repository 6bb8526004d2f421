//! The next checkpoint: signed over what was folded here, and added behind the one that was seen last.

use ordertrace_audit::SignedCheckpoint;
use ordertrace_domain::{AppendError, RecordedAt, Sequence};

use super::{Auditor, Before, Stop};
use crate::{
    Halt,
    fold::{Published, Standing},
    state::Pin,
};

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
        let signed = self.cosigned(signed).await;
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

    /// With what the witnesses add; the checkpoint waits for them, but not for long.
    async fn cosigned(&self, signed: SignedCheckpoint) -> SignedCheckpoint {
        let size = signed.checkpoint().size;
        let prove = |old| self.tree.read().consistency(old, size).ok();
        let cosignatures = self.settings.witnesses.cosign(&signed, prove).await;
        cosignatures.iter().fold(signed, SignedCheckpoint::with)
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
        self.with_fold({
            let size = published.size();
            move |fold| fold.forget_before(size)
        })
        .await?;
        self.accept(published, Some(standing));
        self.remember().await
    }

    /// Somebody else was quicker; or the one that was to be followed on is gone.
    async fn overtaken(&mut self, behind: Sequence) -> Result<(), Stop> {
        self.read_published().await?;
        let Some(last) = self.last.as_ref().filter(|last| last.number == behind) else {
            return Ok(());
        };
        let pin = Pin {
            number: last.number,
            note: last.signed.as_str().into(),
        };
        if self.read.number == behind {
            self.has(&pin).await?;
        }
        Ok(())
    }
}
