//! Decoders that are private otherwise, for the fuzzers: `fuzz/` calls them with whatever bytes there can be.
//!
//! Behind a feature that nothing switches on which is shipped.

pub use crate::parking::fuzzing::{letter, letter_of};
