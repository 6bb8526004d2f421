//! Prints answers: columns for people, the API's JSON for programs.
//!
//! Invariant: what an event or an error says is data. Control characters in it never reach a terminal.

use std::io::{self, Write as _};

use comfy_table::{ContentArrangement, Table, presets::NOTHING};
use serde_json::Value;

use crate::cli::Output;

/// Prints in one form.
pub(super) struct Printer {
    output: Output,
}

impl Printer {
    pub(super) const fn new(output: Output) -> Self {
        Self { output }
    }

    /// A list: a title a column, and where in an item its value is.
    pub(super) fn list(
        &self,
        items: Vec<Value>,
        columns: &[(&str, &str)],
        none: &str,
    ) -> anyhow::Result<()> {
        match self.output {
            Output::Json => json(&Value::Array(items)),
            Output::Table if items.is_empty() => line(none),
            Output::Table => line(&table(&items, columns)),
        }
    }

    /// One thing: a title a line, and where in it the value is; what is not there is left out.
    pub(super) fn one(&self, item: &Value, rows: &[(&str, &str)]) -> anyhow::Result<()> {
        match self.output {
            Output::Json => json(item),
            Output::Table => {
                let widest = rows.iter().map(|(title, _)| title.len()).max();
                let widest = widest.unwrap_or_default();
                for (title, pointer) in rows {
                    if let Some(value) = item.pointer(pointer).filter(|value| !value.is_null()) {
                        line(&format!("{title:widest$}  {}", shown(value)))?;
                    }
                }
                Ok(())
            }
        }
    }

    /// Rows under a thing that was printed for people; with JSON they are in it already.
    pub(super) fn rows(&self, items: &[Value], columns: &[(&str, &str)]) -> anyhow::Result<()> {
        match self.output {
            Output::Json => Ok(()),
            Output::Table => line(&format!("\n{}", table(items, columns))),
        }
    }

    /// What was done, or would be, in a sentence; with JSON the answer itself.
    pub(super) fn done(&self, sentence: &str, answer: &Value) -> anyhow::Result<()> {
        match self.output {
            Output::Json => json(answer),
            Output::Table => line(sentence),
        }
    }
}

fn table(items: &[Value], columns: &[(&str, &str)]) -> String {
    let mut table = Table::new();
    table
        .load_style(NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled)
        .set_header(columns.iter().map(|(title, _)| *title));
    for item in items {
        let cell = |pointer: &str| item.pointer(pointer).map(shown).unwrap_or_default();
        table.add_row(columns.iter().map(|(_, pointer)| cell(pointer)));
    }
    table.trim_fmt()
}

/// A value as people read it.
pub(super) fn shown(value: &Value) -> String {
    let text = match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    };
    let escape = |letter: char| {
        if letter.is_control() {
            letter.escape_default().to_string()
        } else {
            letter.to_string()
        }
    };
    text.chars().map(escape).collect()
}

fn json(value: &Value) -> anyhow::Result<()> {
    line(&serde_json::to_string_pretty(value)?)
}

/// Whoever has read enough, such as `head`, closes the pipe: that is no failure.
fn line(text: &str) -> anyhow::Result<()> {
    match writeln!(io::stdout(), "{text}") {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        Ok(()) | Err(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_control_character_reaches_the_terminal() {
        let value = Value::String("\u{1b}[31mred\u{7}\n".to_owned());
        assert_eq!(shown(&value), "\\u{1b}[31mred\\u{7}\\n");
    }
}
