//! What an audit is told at its start.

use std::time::Duration;

use ordertrace_audit::{PublicKey, SecretKey};

use crate::{SigningPolicy, Witnesses};

/// How often the checkpoints are looked at: twice within the second that one may take to be seen elsewhere.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// How long a log may end before a checkpoint that was signed over it. Its leader knows every event that was ever
/// acknowledged; one that has just been elected may need a moment to say so.
const SHORT_MAX: Duration = Duration::from_secs(10);

/// After so many events the map is kept: folding them again takes a few seconds.
const KEEP_EVENTS: u64 = 500_000;

/// What an audit is told at its start.
#[derive(Debug, Clone)]
pub struct Settings {
    pub(super) key: Option<SecretKey>,
    pub(super) accepted: Vec<PublicKey>,
    pub(super) policy: SigningPolicy,
    pub(super) witnesses: Witnesses,
    pub(super) look_every: Duration,
    pub(super) short_max: Duration,
    pub(super) keep_events: u64,
}

impl Settings {
    /// It signs with this key, and accepts what was signed with it.
    pub fn signer(key: SecretKey) -> Self {
        let accepted = vec![key.public()];
        Self {
            key: Some(key),
            ..Self::monitor(accepted)
        }
    }

    /// It signs nothing, and accepts what was signed with one of these keys.
    pub fn monitor(accepted: Vec<PublicKey>) -> Self {
        Self {
            key: None,
            accepted,
            policy: SigningPolicy::default(),
            witnesses: Witnesses::default(),
            look_every: LOOK_EVERY,
            short_max: SHORT_MAX,
            keep_events: KEEP_EVENTS,
        }
    }

    /// The key that its signatures are checked with.
    pub fn public_key(&self) -> Option<PublicKey> {
        self.key.as_ref().map(SecretKey::public)
    }

    /// The keys that count.
    pub fn accepted_keys(&self) -> &[PublicKey] {
        &self.accepted
    }

    /// It accepts what was signed with these keys as well: those of an earlier signer.
    #[must_use]
    pub fn accepting(mut self, keys: impl IntoIterator<Item = PublicKey>) -> Self {
        self.accepted.extend(keys);
        self
    }

    /// When it signs.
    #[must_use]
    pub const fn signing(mut self, policy: SigningPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// Whom it asks to cosign what it signs.
    #[must_use]
    pub fn asking(mut self, witnesses: Witnesses) -> Self {
        self.witnesses = witnesses;
        self
    }

    /// The witnesses that it asks.
    pub const fn witnesses(&self) -> &Witnesses {
        &self.witnesses
    }

    /// With other times between two looks, and until a log that is too short counts as truncated.
    #[must_use]
    pub const fn looking(mut self, every: Duration, short_max: Duration) -> Self {
        self.look_every = every;
        self.short_max = short_max;
        self
    }

    /// With another number of events after which the map is kept.
    #[must_use]
    pub const fn keeping(mut self, events: u64) -> Self {
        self.keep_events = events;
        self
    }
}
