//! The witness: somebody else's process that remembers how far it has seen a log, and cosigns only what goes on from there.
//!
//! A log can show two readers two histories as long as they don't compare. A witness that both of them trust has one
//! memory: of two checkpoints that don't go on from each other it cosigns one at most. Here are both sides of C2SP
//! tlog-witness: the role ([`Witness`], [`routes`]), and the signer that asks it ([`Witnesses`]).
//!
//! What a cosignature does not show: that the witness saw the events (it sees hashes), that the map goes on from the map
//! before (nothing proves that but the events), or anything about a log before the witness first met it.

mod client;
mod folder;
mod judge;
mod request;
mod role;
mod routes;

pub use client::{
    Answers, InvalidWitness, NoClient, Objection, WitnessAt, WitnessStatus, Witnesses,
};
pub use folder::StateError;
pub use role::{OpenWitnessError, Witness};
pub use routes::routes as witness_routes;
