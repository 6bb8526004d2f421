//! What a log asks of a witness.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use ordertrace_audit::{Cosignature, KeyUse, PublicKey, SecretKey, SignedCheckpoint};
use ordertrace_auditor::{Witness, witness_routes};
use ordertrace_domain::testing::ManualClock;
use tempfile::TempDir;
use tower::ServiceExt as _;

use crate::wait;

/// The log's key of the test vectors: checkpoints that it has signed are in the corpus.
const LOG_KEY: &str = include_str!("../../audit/vectors/keys/log.pub");

/// A checkpoint that the log has signed, as it asks for its cosignature first.
const FIRST: &[u8] = include_bytes!("../corpus/add_checkpoint/first");

/// An answer is a line.
const ANSWER_BYTES_MAX: usize = 4 * 1024;

struct Site {
    routes: Router,
    log: PublicKey,
    witness: PublicKey,
    _folder: TempDir,
}

/// A witness that has seen nothing: what one input did is not to change what becomes of the next.
fn site() -> Site {
    let folder = tempfile::tempdir().expect("a folder");
    let log = PublicKey::parse(LOG_KEY.trim()).expect("a key of the vectors");
    let key = SecretKey::from_seed("witness.example/w1", KeyUse::Witness, [2; 32]);
    let key = key.expect("a name");
    let public = key.public();
    let clock = Arc::new(ManualClock::new());
    let witness = Witness::open(&folder.path().join("w"), key, vec![log.clone()], clock);
    Site {
        routes: witness_routes(witness.expect("an empty folder")),
        log,
        witness: public,
        _folder: folder,
    }
}

/// The body of `add-checkpoint`, to a witness that has seen nothing, or has seen the log's first checkpoint. What is cosigned
/// was signed by the log, and the cosignature is for it and nothing else.
pub fn add_checkpoint(bytes: &[u8]) -> bool {
    let site = site();
    if asked(&site, bytes) {
        return true;
    }
    asked(&site, FIRST) && asked(&site, bytes)
}

fn asked(site: &Site, bytes: &[u8]) -> bool {
    let request = Request::post("/add-checkpoint").body(Body::from(bytes.to_vec()));
    let request = request.expect("a request");
    let (status, body) = wait::for_it(async {
        let response = site.routes.clone().oneshot(request).await;
        let (parts, body) = response.expect("a router always answers").into_parts();
        let body = to_bytes(body, ANSWER_BYTES_MAX).await;
        (parts.status, body.expect("an answer ends"))
    });
    assert!(!status.is_server_error(), "{status}");
    if status != StatusCode::OK {
        return false;
    }
    let note = bytes.windows(2).position(|two| two == b"\n\n");
    let note = note.and_then(|end| bytes.get(end + 2..)).unwrap_or_default();
    let signed = SignedCheckpoint::parse(note).expect("a checkpoint");
    assert_eq!(signed.check(&site.log), Ok(()));
    let line = String::from_utf8_lossy(&body).into_owned();
    let cosignature = Cosignature::parse(&line).expect("a cosignature");
    let cosigned = signed.with(&cosignature);
    assert!(cosigned.check_cosignature(&site.witness).is_ok());
    true
}
