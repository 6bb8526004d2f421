//! A witness with its folder, and what it answers.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header::CONTENT_TYPE};
use ordertrace_audit::{Cosignature, KeyUse, PublicKey, SecretKey, SignedCheckpoint};
use ordertrace_auditor::{OpenWitnessError, Witness, witness_routes};
use ordertrace_domain::testing::ManualClock;
use tempfile::TempDir;
use tower::ServiceExt as _;

/// What a witness answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) content_type: String,
    pub(crate) body: String,
}

impl Answer {
    /// The size at which the witness stands, when it says that it stands elsewhere.
    #[track_caller]
    pub(crate) fn size(&self) -> u64 {
        assert_eq!(self.status, StatusCode::CONFLICT, "{self:?}");
        assert_eq!(self.content_type, "text/x.tlog.size");
        self.body.strip_suffix('\n').unwrap().parse().unwrap()
    }

    #[track_caller]
    pub(crate) fn is(&self, status: u16) {
        assert_eq!(self.status.as_u16(), status, "{self:?}");
        assert!(self.content_type.starts_with("text/plain"), "{self:?}");
    }

    /// The cosignature, checked over the checkpoint that it is for.
    #[track_caller]
    pub(crate) fn cosigns(&self, signed: &SignedCheckpoint) {
        self.is(200);
        let cosignature = Cosignature::parse(&self.body).unwrap();
        let cosigned = signed.clone().with(&cosignature);
        let seen_at = cosigned.check_cosignature(&witness_key().public());
        assert_eq!(seen_at, Ok(ManualClock::START));
    }
}

/// A running witness.
pub(crate) struct Site {
    pub(crate) witness: Witness,
    pub(crate) folder: TempDir,
}

impl Site {
    /// A new witness of logs.
    pub(crate) fn of(keys: &[PublicKey]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let witness = open(&state(&folder), witness_key(), keys).unwrap();
        Self { witness, folder }
    }

    /// Ends it and starts it anew on its folder.
    pub(crate) fn restart(self, keys: &[PublicKey]) -> Result<Self, OpenWitnessError> {
        let folder = self.end();
        let witness = open(&state(&folder), witness_key(), keys)?;
        Ok(Self { witness, folder })
    }

    /// Ends it; its folder is left.
    pub(crate) fn end(self) -> TempDir {
        self.folder
    }

    pub(crate) async fn ask(&self, body: impl Into<Body>) -> Answer {
        ask(&self.witness, body).await
    }

    /// How far it says to have seen a log.
    pub(crate) async fn size(&self, book: &super::book::Book) -> u64 {
        // Nobody stands there, so it says where it stands.
        let elsewhere = super::book::body(39, &[], book.signed(40).as_str());
        self.ask(elsewhere).await.size()
    }
}

pub(crate) fn state(folder: &TempDir) -> PathBuf {
    folder.path().join("witness")
}

pub(crate) fn open(
    state: &Path,
    key: SecretKey,
    logs: &[PublicKey],
) -> Result<Witness, OpenWitnessError> {
    Witness::open(state, key, logs.to_vec(), Arc::new(ManualClock::new()))
}

pub(crate) fn witness_key() -> SecretKey {
    key("witness.example/w1", KeyUse::Witness, 2)
}

pub(crate) fn key(name: &str, key_use: KeyUse, seed: u8) -> SecretKey {
    SecretKey::from_seed(name, key_use, [seed; 32]).unwrap()
}

pub(crate) async fn ask(witness: &Witness, body: impl Into<Body>) -> Answer {
    let request = Request::post("/add-checkpoint").body(body.into()).unwrap();
    let response = witness_routes(witness.clone())
        .oneshot(request)
        .await
        .unwrap();
    let status = response.status();
    let content_type = response.headers()[CONTENT_TYPE]
        .to_str()
        .unwrap()
        .to_owned();
    let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    Answer {
        status,
        content_type,
        body: String::from_utf8(body.to_vec()).unwrap(),
    }
}
