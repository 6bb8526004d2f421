//! The witness itself: which logs it looks after, and what it has cosigned of each.
//!
//! Invariant: requests for one log are taken one after the other, from the judgement until the checkpoint is on the disk;
//! only then there is a cosignature. A client that goes away in between changes nothing about that.

use std::{
    collections::HashMap,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use ordertrace_audit::{Checkpoint, Cosignature, KeyUse, PublicKey, SecretKey};
use ordertrace_domain::Clock;
use tokio::{sync::Mutex, task::spawn_blocking};

use super::{
    folder::{Folder, StateError},
    judge::{Refusal, judge, trusted},
    request::AddCheckpoint,
};

/// Why a witness can't begin.
#[derive(Debug, thiserror::Error)]
pub enum OpenWitnessError {
    /// Its key is one that signs for a log.
    #[error("{0} is the key of a log; a witness has a key of its own kind")]
    NotAWitness(String),
    /// A key that it was given to trust is a witness's.
    #[error("{0} is the key of a witness; logs are known by the keys that sign for them")]
    NotALog(String),
    /// There is nothing to look after.
    #[error("a witness needs the key of at least one log")]
    NoLog,
    /// What it remembers can't be used.
    #[error(transparent)]
    State(#[from] StateError),
}

/// A witness. Its clones are the same one.
#[derive(Clone)]
pub struct Witness {
    shared: Arc<Shared>,
}

struct Shared {
    key: SecretKey,
    clock: Arc<dyn Clock>,
    folder: Folder,
    logs: HashMap<String, Log>,
    /// Whether something could not be kept.
    is_forgetful: AtomicBool,
}

struct Log {
    keys: Vec<PublicKey>,
    /// Held from the judgement until it is kept.
    seen: Arc<Mutex<Seen>>,
}

/// What a witness knows of a log.
#[derive(Debug)]
enum Seen {
    Nothing,
    Cosigned(Checkpoint),
    /// It is not known what the disk has: keeping the last one has failed, or was cut off. The next start looks.
    Unknown,
}

impl Witness {
    /// Opens the witness's folder, and finds out how far it has seen the logs of these keys. A log is known by the name of
    /// its key, and may have several. This blocks.
    ///
    /// # Errors
    /// See [`OpenWitnessError`].
    pub fn open(
        folder: &Path,
        key: SecretKey,
        log_keys: Vec<PublicKey>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, OpenWitnessError> {
        let public = key.public();
        if public.key_use() != KeyUse::Witness {
            return Err(OpenWitnessError::NotAWitness(public.name().to_owned()));
        }
        let mut logs = logs(log_keys)?;
        let folder = Folder::open(folder)?;
        for note in folder.load(&public)? {
            let checkpoint = note.checkpoint().clone();
            // One that it does not look after any more is left as it is, for the day when it does again.
            if let Some(log) = logs.get_mut(&checkpoint.origin) {
                log.seen = Arc::new(Mutex::new(Seen::Cosigned(checkpoint)));
            }
        }
        let shared = Shared {
            key,
            clock,
            folder,
            logs,
            is_forgetful: AtomicBool::new(false),
        };
        let witness = Self {
            shared: Arc::new(shared),
        };
        witness.tell();
        Ok(witness)
    }

    /// Whoever runs it has to know of a log that it sees for the first time: it takes the first checkpoint on trust.
    fn tell(&self) {
        for (name, log) in &self.shared.logs {
            let seen = log.seen.try_lock();
            match seen.as_deref() {
                Ok(Seen::Cosigned(seen)) => {
                    tracing::info!(
                        witness.log = name,
                        witness.size = seen.size.get(),
                        "remembers how far it has seen the log"
                    );
                }
                _ => tracing::info!(
                    witness.log = name,
                    "has not seen the log yet, and takes the first checkpoint of it as it is"
                ),
            }
        }
    }

    /// The key by which its cosignatures are checked.
    pub fn public_key(&self) -> PublicKey {
        self.shared.key.public()
    }

    /// Whether it can remember what it cosigns; if not, it says so.
    ///
    /// # Errors
    /// For people.
    pub fn check(&self) -> Result<(), String> {
        if self.shared.is_forgetful.load(Ordering::Relaxed) {
            return Err(Refusal::Forgetful.to_string());
        }
        Ok(())
    }

    /// Cosigns a checkpoint that goes on from the one before.
    pub(super) async fn add_checkpoint(&self, body: &[u8]) -> Result<Cosignature, Refusal> {
        let mut asked = AddCheckpoint::parse(body).ok_or(Refusal::Malformed)?;
        let origin = &asked.signed.checkpoint().origin;
        let log = self.shared.logs.get(origin).ok_or(Refusal::UnknownLog)?;
        asked.signed = trusted(&asked.signed, &log.keys)?;
        let mut seen = Arc::clone(&log.seen).lock_owned().await;
        let shared = Arc::clone(&self.shared);
        let taken = spawn_blocking(move || shared.take(&mut seen, &asked));
        taken.await.unwrap_or_else(|_| Err(self.shared.forgetful()))
    }
}

impl Shared {
    fn take(&self, seen: &mut Seen, asked: &AddCheckpoint) -> Result<Cosignature, Refusal> {
        let last = match seen {
            Seen::Nothing => None,
            Seen::Cosigned(checkpoint) => Some(&*checkpoint),
            Seen::Unknown => return Err(Refusal::Forgetful),
        };
        judge(last, asked).inspect_err(|refusal| tell_of(*refusal, last, asked))?;
        let new = asked.signed.checkpoint();
        let cosignature = asked.signed.cosign(&self.key, self.clock.now());
        if last != Some(new) {
            *seen = Seen::Unknown;
            self.keep(asked, &cosignature)?;
            *seen = Seen::Cosigned(new.clone());
        }
        Ok(cosignature)
    }

    fn keep(&self, asked: &AddCheckpoint, cosignature: &Cosignature) -> Result<(), Refusal> {
        let note = asked.signed.clone().with(cosignature);
        self.folder.keep(&note).map_err(|error| {
            tracing::error!(%error, "the witness could not keep a checkpoint; it cosigns no more of this log until it is started anew");
            self.forgetful()
        })
    }

    fn forgetful(&self) -> Refusal {
        self.is_forgetful.store(true, Ordering::Relaxed);
        Refusal::Forgetful
    }
}

/// Two texts that the log has signed and that can't both be true are evidence: they are told in full.
fn tell_of(refusal: Refusal, last: Option<&Checkpoint>, asked: &AddCheckpoint) {
    let new = asked.signed.checkpoint();
    match (refusal, last) {
        (Refusal::Fork | Refusal::Recreated, Some(last)) => {
            tracing::error!(
                witness.log = new.origin,
                seen = last.to_text(),
                signed = asked.signed.as_str(),
                "{refusal}"
            );
        }
        _ => {
            tracing::info!(
                witness.log = new.origin,
                witness.size = new.size.get(),
                "not cosigned: {refusal}"
            );
        }
    }
}

/// The logs by their names.
fn logs(keys: Vec<PublicKey>) -> Result<HashMap<String, Log>, OpenWitnessError> {
    if keys.is_empty() {
        return Err(OpenWitnessError::NoLog);
    }
    let mut logs = HashMap::new();
    for key in keys {
        if key.key_use() != KeyUse::Log {
            return Err(OpenWitnessError::NotALog(key.name().to_owned()));
        }
        let log = logs.entry(key.name().to_owned()).or_insert_with(|| Log {
            keys: Vec::new(),
            seen: Arc::new(Mutex::new(Seen::Nothing)),
        });
        log.keys.push(key);
    }
    Ok(logs)
}
