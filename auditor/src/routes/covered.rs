//! Waiting until a checkpoint covers what is asked about.

use std::{sync::Arc, time::Duration};

use ordertrace_domain::Sequence;
use ordertrace_http::{Problem, ProblemKind};
use tokio::{task::spawn_blocking, time::timeout};

use super::AuditRoutes;
use crate::{
    Audit,
    audit::{NoProof, Proven},
};

/// How long to wait for a checkpoint: one comes every five seconds, and a little later it is accepted.
const COVERED_MAX: Duration = Duration::from_secs(8);

impl AuditRoutes {
    /// The newest checkpoint that can be proven against. It covers everything up to `upto`.
    pub(super) async fn covering(&self, upto: Option<Sequence>) -> Result<Arc<Proven>, Problem> {
        let now = self.audit.proven().ok_or_else(|| self.nothing_proven())?;
        let Some(upto) = upto.filter(|upto| *upto > now.size()) else {
            return Ok(now);
        };
        let mut proven = self.audit.watch_proven();
        let is_covered = |proven: &Option<Arc<Proven>>| {
            proven.as_ref().is_some_and(|proven| proven.size() >= upto)
        };
        let covering = match timeout(COVERED_MAX, proven.wait_for(is_covered)).await {
            Ok(Ok(covering)) => covering.clone(),
            Ok(Err(_)) | Err(_) => None,
        };
        covering.ok_or_else(|| {
            self.stopped().unwrap_or_else(|| {
                behind(format!("no checkpoint covers {upto} events yet; ask again"))
            })
        })
    }

    /// There is no checkpoint, or the audit does not know it yet.
    pub(super) fn nothing_proven(&self) -> Problem {
        if let Some(stopped) = self.stopped() {
            return stopped;
        }
        let status = self.audit.status();
        if status.last.is_some() || !status.head_at_start_reached {
            return behind("the audit has not caught up with the last checkpoint yet; ask again");
        }
        let detail = "nothing was signed yet: no event was stored, or no process has the key";
        Problem::new(ProblemKind::NoCheckpoint, detail)
    }

    /// An audit that has stopped for good signs nothing more; what it has signed it still proves.
    fn stopped(&self) -> Option<Problem> {
        let halted = self.audit.status().halted?;
        Some(behind(format!(
            "the audit has stopped, and an operator has to look: {halted}"
        )))
    }

    /// Asks the audit for something where blocking is allowed: the tree is in a file.
    pub(super) async fn proof<T: Send + 'static>(
        &self,
        prove: impl FnOnce(&Audit) -> Result<T, NoProof> + Send + 'static,
    ) -> Result<T, Problem> {
        let audit = self.audit.clone();
        match spawn_blocking(move || prove(&audit)).await {
            Ok(Ok(proof)) => Ok(proof),
            Ok(Err(NoProof::NotInTree)) => Err(not_in_tree()),
            Ok(Err(NoProof::Unproven)) => Err(behind("the audit builds its tree anew; ask again")),
            Err(error) => {
                tracing::error!(%error, "a proof did not come to an end");
                let detail = "the proof did not come to an end";
                Err(Problem::new(ProblemKind::Internal, detail))
            }
        }
    }
}

fn behind(detail: impl Into<String>) -> Problem {
    Problem::new(ProblemKind::CheckpointBehind, detail)
}

/// What no checkpoint that comes will mend, so nobody waits for one.
pub(super) fn check_order(inner: Sequence, outer: Option<Sequence>) -> Result<(), Problem> {
    match outer {
        Some(outer) if inner > outer => Err(not_in_tree()),
        Some(_) | None => Ok(()),
    }
}

fn not_in_tree() -> Problem {
    Problem::invalid_request(
        "a position lies within its tree, and the older tree is not larger than the newer one",
    )
}
