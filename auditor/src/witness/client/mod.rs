//! The witnesses of a log, as its signer asks them.
//!
//! Invariant: a cosignature is handed on only after it was checked against the key that the witness was named with, and
//! every wait has a bound. A witness that says nothing, or that it does not know the log, holds up no checkpoint: it goes out
//! without its cosignature, and whoever demands that one does not accept it. That a witness has seen another log, or more
//! of this one, is handed on: nothing is published over such a word.

mod ask;
mod at;
mod error;
mod memory;

use std::{future::Future, sync::Arc};

use futures::future::join_all;
use ordertrace_audit::{Cosignature, Path, SignedCheckpoint};
use ordertrace_domain::Sequence;

pub use at::{InvalidWitness, WitnessAt};

use ask::Asked;
pub use error::Objection;

/// The HTTP client of a witness could not be made: the TLS library found no root certificates, or would not start.
#[derive(Debug, thiserror::Error)]
#[error("the HTTP client that asks witnesses could not be made")]
pub struct NoClient(#[from] reqwest::Error);

/// The witnesses of a log; none by default. Its clones are the same ones.
#[derive(Debug, Clone, Default)]
pub struct Witnesses {
    all: Arc<[Asked]>,
}

/// What the witnesses say of a checkpoint. Of those that say nothing there is nothing here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answers {
    /// Of those that cosign it.
    pub cosignatures: Vec<Cosignature>,
    /// Of those that know better, by their names.
    pub objections: Vec<(Arc<str>, Objection)>,
}

/// How it goes with a witness.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WitnessStatus {
    /// Its name, by its key.
    pub name: String,
    /// The size of the last checkpoint that it has cosigned, as far as is known here.
    pub size: Sequence,
    /// What was wrong when it was asked last.
    pub trouble: Option<Arc<str>>,
}

impl Witnesses {
    /// These witnesses. One that is named twice is asked twice.
    ///
    /// # Errors
    /// See [`NoClient`].
    pub fn new(witnesses: Vec<WitnessAt>) -> Result<Self, NoClient> {
        let all: Result<Vec<_>, _> = witnesses.into_iter().map(Asked::new).collect();
        Ok(Self { all: all?.into() })
    }

    /// Asks all of them at once to cosign a checkpoint, and gives what they say, in a few seconds at the most. `prove` proves
    /// that the tree of the checkpoint began with that of an older size; `None` if it can't.
    pub async fn cosign<P, F>(&self, signed: &SignedCheckpoint, prove: P) -> Answers
    where
        P: Fn(Sequence) -> F + Sync,
        F: Future<Output = Option<Path>> + Send,
    {
        let asked = self.all.iter().map(|witness| witness.ask(signed, &prove));
        let mut answers = Answers::default();
        for (witness, answer) in self.all.iter().zip(join_all(asked).await) {
            match answer {
                Ok(cosignature) => answers.cosignatures.push(cosignature),
                Err(Some(objection)) => answers.objections.push((witness.name(), objection)),
                Err(None) => {}
            }
        }
        answers
    }

    /// How it goes with each of them.
    pub fn status(&self) -> Vec<WitnessStatus> {
        self.all.iter().map(Asked::status).collect()
    }
}
