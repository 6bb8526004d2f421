//! Proof that nothing was changed in the log of orders.
//!
//! An auditor who trusts nobody here gets the events' bytes, a checkpoint that somebody kept, and what this crate computes
//! from them: the tree over the log, the map of how far each order has come, signatures over both roots, exports and
//! bundles that carry their own proof, and the verifier. `docs/audit.md` has the same in words and bytes, for those who
//! write a verifier of their own.
//!
//! Invariant: everything here is a function of its arguments. The crate reads no clock, draws no random number, and speaks
//! to nobody; the only I/O is the file of the tree's hashes. A large export is verified on three threads, which changes
//! nothing but how long it takes. What it says is tamper-*evident*: it shows that something was changed, and prevents
//! nothing.

mod bundle;
mod chain;
mod checkpoint;
mod export;
mod filter;
mod json;
mod leaf;
mod map;
mod readable;
mod tree;
mod verify;

pub use bundle::{Bundle, BundledEvent, Consistency, Digests};
pub use chain::{Chain, Fault};
pub use checkpoint::{
    Checkpoint, Cosignature, InvalidCheckpoint, InvalidKey, KeyUse, NoteError, PublicKey,
    SecretKey, SignatureError, SignedCheckpoint,
};
pub use export::{
    End, ExportReader, ExportWriter, ExportedEvent, FilterText, Header, Item, LINE_BYTES_MAX,
    ReadError, Summary,
};
pub use filter::{
    Filter, FilterField, FilterRequest, InvalidFilter, OtherLog, Plan, Reach, Reading, Sieve,
    Verdict,
};
pub use json::Off;
pub use leaf::leaf_hash;
pub use map::{MapKey, MapProof, OrderMap, Tip, check_map};
pub use readable::{COLUMNS, Readable, ReadableEvent, UnreadableRecord, escaped, write_json};
pub use tree::{Frontier, Mismatch, Path, TreeError, TreeFile, check_consistency, check_inclusion};
pub use verify::{
    Cosigned, Finding, Found, Kept, LogVerifier, Next, NotNext, NotVerifiable, Note, Refutation,
    Report, Root, Signer, Subject, Trust, VerifiedCheckpoint, VerifyError, Wrong, verify_bundle,
    verify_checkpoint, verify_export, verify_file,
};
