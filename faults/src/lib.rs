//! The whole of Ordertrace but its edges, in one thread, under faults, from a seed.
//!
//! What runs is the program's own: the command executor, the saga with its shards and the provider's guard, the pure fold
//! of the projections. What they stand on is simulated: a log that answers as JetStream was measured to (see
//! `docs/reliability.md`), a queue, timers, a payment provider, a view store, customers and couriers. Time is tokio's,
//! paused, so that an hour passes as soon as nobody has anything to do.
//!
//! Invariant: whatever is left to chance is drawn from the seed's [dice](dice::Dice). The same seed gives the same steps,
//! one by one; no clock of the machine, no thread and no order of a hash map has a say.
//!
//! It deliberately does not simulate bytes on a disk or a socket: the tests on real processes do that.

mod dice;
mod world;

mod oracle;

mod log;
mod provider;
mod view;

mod people;
mod weather;

mod ending;
mod run;

pub use oracle::{Check, Violation};
pub use run::{Report, simulate, simulate_with};
pub use world::{Coverage, Fault, Mutation};
