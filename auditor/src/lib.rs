//! The audit role: it folds the log into the tree and the map, signs checkpoints over both, and answers with proofs.
//!
//! An [`Auditor`] follows the log for as long as the process lives; with a key it signs, without one it watches those who
//! do. The [`Audit`] beside it says how that goes, and gives proofs against the last checkpoint to the routes ([`api`]).
//!
//! Invariant: it signs nothing that it has not folded itself out of the log, and nothing that does not go on from the
//! checkpoint before. What it finds wrong with the log it tells, and changes nothing: it writes checkpoints and its own
//! folder. That follows from the log, but for the memory of the newest checkpoint.

mod halt;
mod policy;
mod status;

mod fold;
mod state;

mod audit;
mod runner;

mod routes;

mod witness;

pub use audit::Audit;
pub use fold::Faults;
pub use halt::Halt;
pub use policy::{CHECKPOINT_EVENTS, CHECKPOINT_EVERY, SigningPolicy};
pub use routes::{AuditRoutes, api};
pub use runner::{Auditor, AuditorError, Settings};
pub use state::OpenError;
pub use status::{AuditStatus, LastCheckpoint};
pub use witness::{
    Answers, InvalidWitness, NoClient, Objection, OpenWitnessError, StateError, Witness, WitnessAt,
    WitnessStatus, Witnesses, witness_routes,
};
