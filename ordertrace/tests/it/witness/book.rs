//! A made-up log, with the keys of log and witness.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ordertrace_audit::{
    Checkpoint, Cosignature, KeyUse, Path as Proof, SecretKey, SignedCheckpoint, TreeFile,
};
use ordertrace_domain::{Hash, Incarnation, Sequence};
use tempfile::TempDir;

/// The name of the log.
const ORIGIN: &str = "log.example/orders";

/// How many events it has: more than are cosigned before a witness is killed for the last time.
pub(super) const EVENTS: u64 = 2_000;

/// A log of made-up leaves; a fork of it has others after a position.
pub(super) struct Book {
    tree: TreeFile,
    _folder: TempDir,
}

pub(super) fn log_key() -> SecretKey {
    SecretKey::from_seed(ORIGIN, KeyUse::Log, [1; 32]).unwrap()
}

pub(super) fn witness_key() -> SecretKey {
    SecretKey::from_seed("witness.example/w1", KeyUse::Witness, [2; 32]).unwrap()
}

impl Book {
    pub(super) fn forked_after(position: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut tree = TreeFile::open(&folder.path().join("tree"), Sequence::START).unwrap();
        for at in 1..=EVENTS {
            let leaf = format!("{} {at}", at > position);
            tree.push(Hash::of(leaf.as_bytes())).unwrap();
        }
        Self {
            tree,
            _folder: folder,
        }
    }

    pub(super) fn signed(&self, size: u64) -> SignedCheckpoint {
        let size = Sequence::new(size);
        let checkpoint = Checkpoint {
            origin: ORIGIN.to_owned(),
            size,
            tree_root: self.tree.root(size).unwrap(),
            incarnation: Incarnation::from_created_nanos(0x18c0),
            map_root: Hash::of(b"map"),
        };
        SignedCheckpoint::sign(checkpoint, &log_key())
    }

    /// The body of a request, after the text of C2SP tlog-witness.
    pub(super) fn request(&self, old: u64, size: u64) -> String {
        let (from, to) = (Sequence::new(old), Sequence::new(size));
        let proof: Proof = self.tree.consistency(from, to).unwrap();
        let hashes = proof.iter().map(|hash| STANDARD.encode(hash.as_bytes()));
        let lines: String = hashes.map(|line| line + "\n").collect();
        format!("old {old}\n{lines}\n{}", self.signed(size).as_str())
    }

    /// Whether that is a cosignature of the checkpoint of this size.
    pub(super) fn is_cosigned(&self, size: u64, answer: &str) -> bool {
        let cosignature = Cosignature::parse(answer).unwrap();
        let cosigned = self.signed(size).with(&cosignature);
        cosigned.check_cosignature(&witness_key().public()).is_ok()
    }
}
