//! The fields of a value, as far as they differ from those of another, in words.
//!
//! Invariant: fields are compared whole; only what is printed is cut, so that what differs is in it.

use std::collections::BTreeMap;

use serde_json::Value;

/// The most characters that are shown of one value: some lines of a terminal.
const VALUE_CHARS_MAX: usize = 400;

/// The most characters that are shown of one field.
const FIELD_CHARS_MAX: usize = 80;

/// How many characters are shown before the first that differs, where that is not among the first of its field.
const CONTEXT_CHARS: usize = 10;

/// Fields by their path, whole: only what is printed is cut.
pub(super) type Fields = BTreeMap<Vec<Step>, String>;

/// A step on the path to a field.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    /// To an entry of a list.
    At(usize),
    /// To a field.
    Name(String),
}

/// All of it as one field.
pub(super) fn raw(stored: &[u8]) -> Fields {
    Fields::from([(Vec::new(), digits(stored))])
}

pub(super) fn flatten(path: &mut Vec<Step>, value: &Value, fields: &mut Fields) {
    let mut go_on = |step, value| {
        path.push(step);
        flatten(path, value, fields);
        path.pop();
    };
    match value {
        Value::Object(object) if !object.is_empty() => {
            for (name, value) in object {
                go_on(Step::Name(name.clone()), value);
            }
        }
        Value::Array(array) if !array.is_empty() => {
            if let Some(bytes) = bytes(array) {
                fields.insert(path.clone(), digits(&bytes));
                return;
            }
            for (at, value) in array.iter().enumerate() {
                go_on(Step::At(at), value);
            }
        }
        Value::String(text) => drop(fields.insert(path.clone(), text.clone())),
        value => drop(fields.insert(path.clone(), value.to_string())),
    }
}

/// The fields that the other does not have so.
pub(super) fn text(own: Option<&Fields>, other: Option<&Fields>) -> Option<String> {
    let differs = |(path, text): &(&Vec<Step>, &String)| {
        other.is_none_or(|other| other.get(*path) != Some(*text))
    };
    let fields = own?.iter().filter(differs);
    let fields: Vec<_> = fields
        .map(|(path, text)| {
            let text = excerpt(text, other.and_then(|other| other.get(path)));
            match path.as_slice() {
                [] => text,
                path => format!("{}: {text}", shown(path)),
            }
        })
        .collect();
    Some(cut(fields.join(", "), VALUE_CHARS_MAX))
}

/// A field, from a little before it differs from the other where it is too long to be shown as a whole.
fn excerpt(text: &str, other: Option<&String>) -> String {
    let same = other.map_or(0, |other| {
        let both = text.chars().zip(other.chars());
        both.take_while(|(one, other)| one == other).count()
    });
    let left_out = same.saturating_sub(CONTEXT_CHARS);
    let start = text.char_indices().nth(left_out).map_or(0, |(at, _)| at);
    if start == 0 || text.chars().count() <= FIELD_CHARS_MAX {
        return cut(text.to_owned(), FIELD_CHARS_MAX);
    }
    format!("…{}", cut(text[start..].to_owned(), FIELD_CHARS_MAX))
}

/// A list of bytes, such as a hash.
fn bytes(list: &[Value]) -> Option<Vec<u8>> {
    let bytes = list.iter().map(|value| u8::try_from(value.as_u64()?).ok());
    bytes.collect()
}

/// A path as one writes it: `delivery.attempts[3].type`.
fn shown(path: &[Step]) -> String {
    path.iter().fold(String::new(), |path, step| match step {
        Step::At(at) => format!("{path}[{at}]"),
        Step::Name(name) if path.is_empty() => name.clone(),
        Step::Name(name) => format!("{path}.{name}"),
    })
}

fn cut(text: String, chars_max: usize) -> String {
    match text.char_indices().nth(chars_max) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}

/// As many bytes as fit, in hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    cut(digits(bytes), FIELD_CHARS_MAX)
}

fn digits(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_field_is_shown_from_where_it_differs() {
        let field = |last: &str| raw(&[&[0; 200], last.as_bytes()].concat());
        let shown = text(Some(&field("1")), Some(&field("2")));
        assert_eq!(shown.as_deref(), Some("…00000000031"));
    }

    #[test]
    fn bytes_that_differ_are_shown_where_they_mean_the_same() {
        let shown = text(Some(&raw(b"ab")), Some(&raw(b"ac")));
        assert_eq!(shown.as_deref(), Some("6162"));
    }
}
