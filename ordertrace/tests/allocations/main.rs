//! How often memory is allocated for a step of a command, where no network and no disk is involved.
//!
//! Invariant: each step is counted on its own thread, on the same order of the fixtures, after it was taken once: what is
//! allocated for good at the first time is not counted. This is a program of its own, since its allocator counts.

// `cfg(test)` is always on here; it tells clippy that all of this is test code.
#[cfg(test)]
mod steps;

#[cfg(test)]
#[path = "../it/budget/stored.rs"]
mod stored;
