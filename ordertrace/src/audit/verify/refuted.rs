//! What was found to be wrong, as it is told.

use std::fmt;

use ordertrace_audit::{Refutation, Wrong};
use ordertrace_domain::{Extent, Sequence};

/// What was verified is not what it says to be: exit 3.
#[derive(Debug)]
pub(crate) struct Refuted {
    /// Never empty; those about a position first, and of those the first position.
    pub(super) findings: Vec<Told>,
    /// How many more findings there are.
    pub(super) omitted: u64,
}

/// Something that is wrong.
#[derive(Debug)]
pub(super) struct Told {
    /// A name that does not change, for programs.
    pub(super) code: &'static str,
    /// Of the event that is wrong.
    pub(super) position: Option<Sequence>,
    /// Of the file, from 1.
    pub(super) line: Option<u64>,
    /// What was expected, and what was found.
    pub(super) message: String,
}

impl Refuted {
    /// The first position that is known to be wrong.
    pub(crate) fn first_position(&self) -> Option<Sequence> {
        self.findings.first().and_then(|told| told.position)
    }

    /// The same, and what else is wrong.
    pub(super) fn and(mut self, more: Option<Told>) -> Self {
        self.findings.extend(more);
        self.sorted()
    }

    fn sorted(mut self) -> Self {
        let place = |told: &Told| (told.position.is_none(), told.position);
        self.findings.sort_by_key(place);
        self
    }
}

impl From<Refutation> for Refuted {
    fn from(refutation: Refutation) -> Self {
        let findings = refutation.findings().iter().map(|finding| Told {
            code: finding.code(),
            position: finding.position.or(position_in(&finding.wrong)),
            line: line_in(&finding.wrong),
            message: message_of(&finding.wrong),
        });
        let refuted = Self {
            findings: findings.collect(),
            omitted: refutation.omitted(),
        };
        refuted.sorted()
    }
}

/// In words. The end of a line is none that could be shown as it is.
fn message_of(wrong: &Wrong) -> String {
    let Wrong::NotCanonical { line, at, off } = wrong else {
        return wrong.to_string();
    };
    let at = at.map_or_else(String::new, |position| format!(" (position {position})"));
    let Some(expected) = off.expected.strip_suffix('\n') else {
        return wrong.to_string();
    };
    // What is left of the line stands here, so that a carriage return is its end.
    if off.found.ends_with("\r\n") {
        return format!(
            "line {line}{at} ends with a carriage return and a line feed, expected a line feed alone: a program on its way \
             has changed the ends of the lines"
        );
    }
    let expected = match expected {
        "" => "the end of the line".to_owned(),
        expected => format!("{expected} and the end of the line"),
    };
    let (column, found) = (off.column, &off.found);
    format!(
        "line {line}{at} is not in the form in which it is written: at byte {column} of it stands {found:?}, expected \
         {expected}"
    )
}

/// In which line of the file it was noticed, where that is not the line of an event.
const fn line_in(wrong: &Wrong) -> Option<u64> {
    match wrong {
        Wrong::NotCanonical { line, .. } | Wrong::CutOff { line } => Some(*line),
        _ => None,
    }
}

/// A line that can't be read may still say whose it is.
const fn position_in(wrong: &Wrong) -> Option<Sequence> {
    match wrong {
        Wrong::NotCanonical { at, .. } => *at,
        _ => None,
    }
}

impl From<Told> for Refuted {
    fn from(told: Told) -> Self {
        Self {
            findings: vec![told],
            omitted: 0,
        }
    }
}

/// What is wrong with the number of messages that the server says it has, whatever can be read.
pub(super) fn miscount(extent: Extent) -> Option<Told> {
    let Extent {
        first,
        last,
        messages,
    } = extent;
    let is_dense = first == Sequence::START.next() && messages == last.get();
    (!is_dense).then(|| Told {
        code: "miscount",
        position: None,
        line: None,
        message: format!(
            "the server says that the log has {messages} messages, from position {first} to {last}: expected {last}, \
             from position 1"
        ),
    })
}

impl fmt::Display for Refuted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it is not what it says to be: ")?;
        let more = match self.findings.first() {
            Some(told) => {
                told.fmt(f)?;
                (self.findings.len() as u64 - 1).saturating_add(self.omitted)
            }
            None => self.omitted,
        };
        match more {
            0 => Ok(()),
            more => write!(f, "; and {more} more"),
        }
    }
}

impl std::error::Error for Refuted {}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(position) = self.position {
            write!(f, "position {position}: ")?;
        }
        f.write_str(&ordertrace_audit::escaped(&self.message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extent(first: u64, last: u64, messages: u64) -> Extent {
        Extent {
            first: Sequence::new(first),
            last: Sequence::new(last),
            messages,
        }
    }

    #[test]
    fn a_log_is_counted_from_its_first_position_on() {
        for whole in [extent(1, 0, 0), extent(1, 7, 7)] {
            assert!(miscount(whole).is_none(), "{whole:?}");
        }
        for short in [
            extent(1, 7, 6),
            extent(2, 7, 6),
            extent(8, 7, 0),
            extent(1, 7, 8),
        ] {
            let told = miscount(short).unwrap();
            assert_eq!((told.code, told.position), ("miscount", None));
        }
    }

    #[test]
    fn the_first_position_is_told_first_and_the_rest_is_counted() {
        let told = |position: Option<u64>, message: &str| Told {
            code: "gap",
            position: position.map(Sequence::new),
            line: None,
            message: message.to_owned(),
        };
        let mut refuted = Refuted::from(told(Some(7), "gone\u{1b}")).and(Some(told(None, "few")));
        refuted.omitted = 3;
        assert_eq!(refuted.first_position(), Some(Sequence::new(7)));
        let text = refuted.to_string();
        assert!(
            text.contains("position 7: gone\\u{1b}; and 4 more"),
            "{text}"
        );
    }
}
