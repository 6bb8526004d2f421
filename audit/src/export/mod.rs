//! Exports that can be verified, "ordertrace-export/1": a part of the log or all of it, one line an event.
//!
//! The first line says which log and which part, the last but one which checkpoint the events are proven by, and the last
//! has the SHA-256 of everything before it, so that no byte changes unseen even where nobody has a key. An export that is
//! *complete* (from the first position to the size of its checkpoint, without a filter) is proven by being all there is;
//! in any other that has a checkpoint, each event brings its proof.
//!
//! Invariant: a file is read in exactly the form in which it is written. Reading it shows nothing but its form; whether
//! what it says is true is for [`crate::verify_export`].

mod digest;
mod event;
mod frame;
mod reader;
mod writer;

pub use event::ExportedEvent;
pub(crate) use event::{put_record, take_record};
pub(crate) use frame::take_checkpoint;
pub use frame::{End, FilterText, Header};
pub use reader::{ExportReader, Item, ReadError};
pub use writer::{ExportWriter, Summary};

/// The most bytes a line may have: those of a record as large as a NATS server should take (8 MiB; it takes 1 MiB unless
/// it is told otherwise), in base64, with its subject and its proof.
pub const LINE_BYTES_MAX: usize = 12 << 20;

/// The most hashes of a proof in the tree: one for each bit of a size.
pub(crate) const PATH_LENGTH_MAX: usize = 64;
