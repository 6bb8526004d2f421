//! How an input with more than one part is taken apart: lines, an empty line, and whatever follows, as in a message of HTTP.
//!
//! It deliberately has no lengths: an input stays readable, and a byte that is cut out of it moves nothing else.

/// The lines before the first empty one, and what stands behind it. Without an empty line everything is lines.
pub(crate) fn of(bytes: &[u8]) -> Option<(Vec<&str>, &[u8])> {
    let end = bytes.windows(2).position(|two| two == b"\n\n");
    let (head, rest) = match end {
        Some(end) => (bytes.get(..end)?, bytes.get(end + 2..)?),
        None => (bytes, Default::default()),
    };
    let head = std::str::from_utf8(head).ok()?;
    Some((head.split('\n').collect(), rest))
}

/// The lines that are `name: value`.
pub(crate) fn named<'a>(lines: &[&'a str]) -> Vec<(&'a str, &'a str)> {
    let named = lines.iter().filter_map(|line| line.split_once(": "));
    named.collect()
}
