//! Lines for people, none of them wider than the terminal.
//!
//! Invariant: nothing is left out but spaces at the end of a line. It is for text without control characters: those were
//! escaped before.

use std::env;

use terminal_size::{Width, terminal_size};
use unicode_width::UnicodeWidthChar as _;

/// The width where nobody says another one: that of a terminal since there are terminals.
const COLUMNS_DEFAULT: usize = 80;

/// Nothing can be read in less.
const COLUMNS_MIN: usize = 20;

/// So much of each line is left for text, however far it is indented.
const ROOM_MIN: usize = COLUMNS_MIN / 2;

/// How wide a line may be: as `COLUMNS` says, or as wide as the terminal.
pub(super) fn columns() -> usize {
    let said = env::var("COLUMNS").ok();
    let said = said.and_then(|columns| columns.trim().parse().ok());
    let shown = || terminal_size().map(|(Width(columns), _)| usize::from(columns));
    let columns = said.or_else(shown).filter(|columns| *columns > 0);
    columns.unwrap_or(COLUMNS_DEFAULT).max(COLUMNS_MIN)
}

/// A line, and what does not fit into it on further ones, indented.
pub(super) fn wrapped(line: &str, columns: usize, indent: usize) -> String {
    let indent = indent.min(columns.saturating_sub(ROOM_MIN));
    let (mut lines, mut rest, mut room) = (String::new(), line, columns);
    while let Some(end) = overflow(rest, room) {
        let (fits, more) = rest.split_at(end);
        lines.push_str(fits.trim_end());
        lines.push('\n');
        lines.push_str(&" ".repeat(indent));
        rest = more.trim_start();
        room = columns.saturating_sub(indent);
    }
    lines + rest
}

/// Where to break text that does not fit: at a space or behind a comma, if there is one in the second half of the line.
fn overflow(text: &str, room: usize) -> Option<usize> {
    let (mut used, mut breakable) = (0, None);
    for (at, letter) in text.char_indices() {
        let width = letter.width().unwrap_or_default();
        // One letter is always taken, or there would be no end.
        if used + width > room && at > 0 {
            return Some(if letter == ' ' {
                at
            } else {
                breakable.unwrap_or(at)
            });
        }
        used += width;
        if matches!(letter, ' ' | ',') && used * 2 > room {
            breakable = Some(at + letter.len_utf8());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use unicode_width::UnicodeWidthStr as _;

    #[test]
    fn what_fits_stays_as_it_is() {
        for line in ["", "exactly twenty wide.", "  indented  twice"] {
            assert_eq!(wrapped(line, 20, 4), line);
        }
    }

    #[test]
    fn no_line_is_wider_and_nothing_is_lost() {
        let lines = [
            "a sentence of several words that goes on for longer than a line".to_owned(),
            "{\"customer_id\":\"anonymous\",\"total\":1000,\"lines\":[{\"product_id\":1}]}"
                .to_owned(),
            "x".repeat(300),
            "咖啡".repeat(60),
            "e\u{301}".repeat(90),
        ];
        for line in &lines {
            for columns in COLUMNS_MIN..120 {
                for indent in [0, 10, 70, 200] {
                    let text = wrapped(line, columns, indent);
                    assert!(
                        text.lines().all(|it| it.width() <= columns),
                        "{columns}\n{text}"
                    );
                    let letters = |text: &str| -> String { text.split_whitespace().collect() };
                    assert_eq!(letters(&text), letters(line));
                }
            }
        }
    }

    #[test]
    fn a_line_is_broken_between_words_and_goes_on_indented() {
        assert_eq!(
            wrapped("asked for 10.00 EUR  → payment_requested", 24, 3),
            "asked for 10.00 EUR  →\n   payment_requested"
        );
    }
}
