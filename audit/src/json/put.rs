//! Values into bytes.

use std::io::Write as _;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ordertrace_domain::Hash;

/// Writes a number in decimal.
pub(crate) fn put_number(out: &mut Vec<u8>, number: u64) {
    // Writing into memory does not fail.
    let _ = write!(out, "{number}");
}

/// Writes a text in quotes.
pub(crate) fn put_text(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    for byte in text.bytes() {
        match byte {
            b'"' | b'\\' => out.extend([b'\\', byte]),
            0..0x20 => put_control(out, byte),
            _ => out.push(byte),
        }
    }
    out.push(b'"');
}

fn put_control(out: &mut Vec<u8>, byte: u8) {
    match short_escape(byte) {
        Some(letter) => out.extend([b'\\', letter]),
        None => {
            let _ = write!(out, "\\u{byte:04x}");
        }
    }
}

/// The letter by which JSON escapes a control character, if it has one.
pub(super) const fn short_escape(byte: u8) -> Option<u8> {
    match byte {
        0x08 => Some(b'b'),
        0x09 => Some(b't'),
        0x0a => Some(b'n'),
        0x0c => Some(b'f'),
        0x0d => Some(b'r'),
        _ => None,
    }
}

/// Writes bytes as base64 in quotes.
pub(crate) fn put_base64(out: &mut Vec<u8>, bytes: &[u8]) {
    out.push(b'"');
    let from = out.len();
    let length = bytes.len().div_ceil(3) * 4;
    out.resize(from + length, 0);
    let written = out
        .get_mut(from..)
        .and_then(|place| STANDARD.encode_slice(bytes, place).ok());
    debug_assert_eq!(written, Some(length), "base64 has a length that is known");
    out.push(b'"');
}

/// Writes a list of hashes as base64.
pub(crate) fn put_hashes(out: &mut Vec<u8>, hashes: &[Hash]) {
    out.push(b'[');
    for (index, hash) in hashes.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        put_base64(out, hash.as_bytes());
    }
    out.push(b']');
}
