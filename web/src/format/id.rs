//! Ids, short enough for a table.

/// How many characters of an id are shown. The last ones: the first ones of many ids are the time, the same for all
/// orders of a minute.
const SHOWN: usize = 8;

/// The end of an id.
pub(crate) fn short_id(id: &str) -> &str {
    let begins = id.len().saturating_sub(SHOWN);
    id.get(begins..).unwrap_or(id)
}
