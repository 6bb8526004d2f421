//! The one spelling of JSON in which exports and bundles are written, and the only one in which they are read.
//!
//! No spaces; keys in the order in which the format names them, every one of them; numbers in decimal without sign or
//! leading zeros; texts in UTF-8 in which only `"`, `\` and the characters below U+0020 are escaped, with the short escape
//! where JSON has one and `\u00xx` in lowercase where not; base64 with padding. Other JSON libraries write the same bytes,
//! if they are told to leave out spaces and to write UTF-8.
//!
//! Invariant: every value has exactly one spelling, so that what was read is, byte for byte, what would be written. It
//! deliberately is no JSON library: whoever reads says what comes next.

mod put;
mod take;
#[cfg(test)]
mod tests;
mod time;

pub(crate) use put::{put_base64, put_hashes, put_number, put_text};
pub(crate) use take::Cursor;
pub use take::Off;
pub(crate) use time::Seconds;
