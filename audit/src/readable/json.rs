//! JSON that can be shown on a terminal: it says the same, and each character that acts on one is written as `\u001b`.

use std::{fmt::Display, io};

use serde::{Serialize, Serializer};
use serde_json::ser::Formatter;

use super::escape::acts_on_terminal;

/// Writes everything as short as it can be, as `serde_json` does, but for what acts on a terminal.
struct Harmless;

impl Formatter for Harmless {
    /// What comes here was escaped as JSON demands already; the rest may stand in JSON as it is, or escaped.
    fn write_string_fragment<W: io::Write + ?Sized>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        if fragment.is_ascii() && !fragment.contains('\u{7f}') {
            return writer.write_all(fragment.as_bytes());
        }
        let (mut buffer, mut units) = ([0; 4], [0; 2]);
        for c in fragment.chars() {
            if acts_on_terminal(c) {
                for unit in c.encode_utf16(&mut units) {
                    write!(writer, "\\u{unit:04x}")?;
                }
            } else {
                writer.write_all(c.encode_utf8(&mut buffer).as_bytes())?;
            }
        }
        Ok(())
    }
}

/// Adds a value to a buffer as JSON without any white space. What is shown is plain data: maps have text for keys.
pub fn write_json(value: &impl Serialize, out: &mut Vec<u8>) {
    let mut serializer = serde_json::Serializer::with_formatter(out, Harmless);
    #[expect(
        clippy::expect_used,
        reason = "what is shown is plain data with named fields, and writing to memory does not fail"
    )]
    value
        .serialize(&mut serializer)
        .expect("it has a JSON form");
}

/// As it shows itself.
pub(super) fn shown<S: Serializer>(value: &impl Display, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}
