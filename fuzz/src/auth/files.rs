//! Files that somebody else may have written: the issuer's keys, and the API keys.

use std::cell::LazyCell;
use std::collections::HashSet;
use std::path::PathBuf;

use ordertrace_auth::{
    ApiKeyRecord, Authenticator, Credential, Jwks, Tokens, list, revoke,
};
use ordertrace_domain::Timestamp;
use serde_json::Value;
use tempfile::TempDir;

use super::site;
use crate::wait;

const NOW: Timestamp = Timestamp::from_micros(1_800_000_000_000_000);

thread_local! {
    /// Of this thread alone: each input is a file of the same name.
    static FOLDER: LazyCell<TempDir> = LazyCell::new(|| tempfile::tempdir().expect("a folder"));
}

fn file(name: &str, bytes: &[u8]) -> PathBuf {
    let path = FOLDER.with(|folder| folder.path().join(name));
    std::fs::write(&path, bytes).expect("a file");
    path
}

/// A JWK Set. A token that it lets in was signed by a key that stands in it.
pub fn issuer_keys(bytes: &[u8]) -> bool {
    let now = chrono::Utc::now().timestamp();
    let claims = format!(
        r#"{{"iss":"{}","aud":"{}","sub":"alice","exp":{}}}"#,
        site::ISSUER,
        site::AUDIENCE,
        now + 3_600
    );
    let token = site::signed(r#"{"alg":"EdDSA","typ":"at+jwt","kid":"ed"}"#, &claims);
    let credential = Credential::parse(&token).expect("a token");
    let keys = Jwks::from_file(file("jwks", bytes));
    let authenticator = Authenticator::closed().with_tokens(Tokens::new(&site::policy(), keys));
    let is_let_in = wait::for_it(authenticator.check(&credential)).is_ok();
    if is_let_in {
        let set: Value = serde_json::from_slice(bytes).expect("a set is JSON");
        let keys = set["keys"].as_array().expect("keys are a list");
        assert!(keys.iter().any(|key| key["x"] == site::public_key()));
    }
    is_let_in
}

/// The file of API keys. No two of those that are read have an id or a name in common, and a change leaves the others alone.
pub fn api_keys(bytes: &[u8]) -> bool {
    let path = file("keys", bytes);
    let Ok(records) = list(&path) else {
        return false;
    };
    let ids: HashSet<_> = records.iter().map(|record| &record.id).collect();
    let names: HashSet<_> = records.iter().map(|record| &record.name).collect();
    assert_eq!((ids.len(), names.len()), (records.len(), records.len()));
    if let Some((first, others)) = records.split_first() {
        let revoked = revoke(&path, &first.id, NOW).expect("it can be revoked");
        assert_eq!(revoked.revoked_at, first.revoked_at.or(Some(NOW)));
        let again = list(&path).expect("what was written is read");
        assert!(again[1..].iter().map(shown).eq(others.iter().map(shown)));
    }
    true
}

fn shown(record: &ApiKeyRecord) -> String {
    let ApiKeyRecord {
        id,
        name,
        roles,
        customer_id,
        created_at,
        revoked_at,
        ..
    } = record;
    format!("{id} {name} {roles:?} {customer_id:?} {created_at} {revoked_at:?}")
}
