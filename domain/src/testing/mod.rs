//! The test kit: what the tests of every crate share. Behind the feature `testing`; no release build has it.
//!
//! [`MemoryLog`] is the log in memory, [`given`] tells a decision as given, when, then, [`contract`] is the suite that
//! every log has to pass, [`fixtures`] has the orders they speak of, and [`strategies`] has orders at random. The kit
//! reads a clock and makes up ids, which the rest of the crate never does.

mod clock;
pub mod contract;
pub mod fixtures;
mod memory;
mod scenario;
pub mod strategies;

pub use clock::{Alarm, ManualClock, RunningClock};
pub use memory::{AppendFault, MemoryLog};
pub use scenario::{Given, When, given};
