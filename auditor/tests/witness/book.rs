//! A log of made-up leaves, with the key that signs for it.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ordertrace_audit::{
    Checkpoint, KeyUse, Path, PublicKey, SecretKey, SignedCheckpoint, TreeFile,
};
use ordertrace_domain::{Hash, Incarnation, Sequence};
use tempfile::TempDir;

/// The name of the log.
pub(crate) const ORIGIN: &str = "log.example/orders";

/// How many events each log has.
pub(crate) const EVENTS: u64 = 40;

/// A log.
pub(crate) struct Book {
    tree: TreeFile,
    key: SecretKey,
    incarnation: Incarnation,
    map: &'static [u8],
    _folder: TempDir,
}

impl Book {
    /// The log.
    pub(crate) fn new() -> Self {
        Self::forked_after(EVENTS, "the log")
    }

    /// One that has the same events up to a position, and others from there on.
    pub(crate) fn forked_after(position: u64, name: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut tree = TreeFile::open(&folder.path().join("tree"), Sequence::START).unwrap();
        for at in 1..=EVENTS {
            let of = if at > position { name } else { "the log" };
            tree.push(Hash::of(format!("{of} {at}").as_bytes()))
                .unwrap();
        }
        Self {
            tree,
            key: SecretKey::from_seed(ORIGIN, KeyUse::Log, [1; 32]).unwrap(),
            incarnation: Incarnation::from_created_nanos(0x18c0),
            map: b"map",
            _folder: folder,
        }
    }

    /// The same log under another key.
    pub(crate) fn signed_by(mut self, key: SecretKey) -> Self {
        self.key = key;
        self
    }

    /// The same events in another stream.
    pub(crate) fn of_incarnation(mut self, nanos: u64) -> Self {
        self.incarnation = Incarnation::from_created_nanos(nanos);
        self
    }

    /// The same events, that come to something else.
    pub(crate) fn with_map(mut self, map: &'static [u8]) -> Self {
        self.map = map;
        self
    }

    pub(crate) fn public_key(&self) -> PublicKey {
        self.key.public()
    }

    pub(crate) fn signed(&self, size: u64) -> SignedCheckpoint {
        let size = Sequence::new(size);
        let checkpoint = Checkpoint {
            origin: self.key.public().name().to_owned(),
            size,
            tree_root: self.tree.root(size).unwrap(),
            incarnation: self.incarnation,
            map_root: Hash::of(self.map),
        };
        SignedCheckpoint::sign(checkpoint, &self.key)
    }

    pub(crate) fn proof(&self, old: u64, size: u64) -> Path {
        let (old, size) = (Sequence::new(old), Sequence::new(size));
        self.tree.consistency(old, size).unwrap()
    }

    /// What a signer sends that believes the witness to be at `old`.
    pub(crate) fn request(&self, old: u64, size: u64) -> String {
        body(old, &self.proof(old, size), self.signed(size).as_str())
    }
}

/// The body of a request, after the text of C2SP tlog-witness.
pub(crate) fn body(old: u64, proof: &[Hash], note: &str) -> String {
    let mut body = format!("old {old}\n");
    for hash in proof {
        body += &STANDARD.encode(hash.as_bytes());
        body += "\n";
    }
    body + "\n" + note
}
