//! Events as lines for people: one an event, or where the terminal is too narrow for that, two or more.
//!
//! Invariant: no line is wider than it may be. The other forms are those in which nothing is shortened.

use std::borrow::Cow;

use ordertrace_audit::{COLUMNS, Readable, escaped};

use super::wrap::wrapped;

/// The widths that hold what is usually in a column; what is longer moves the rest of its line.
const HEADER: [&str; 7] = [
    "  SEQUENCE",
    "RECORDED AT                   ",
    "ORDER                               ",
    "VERSION",
    "TYPE                      ",
    "ACTOR               ",
    "DATA",
];

/// The same where not all of it fits into a line: the time without its fraction, the order by its ends.
const NARROW_HEADER: &str =
    "SEQUENCE  RECORDED AT           ORDER          VER  TYPE\n          ACTOR  DATA";

/// Where the data stands in a line that has all of an event.
const DATA_AT: usize = 141;

/// With less room than this beside the other columns, the data has lines of its own.
const DATA_COLUMNS_MIN: usize = 40;

/// Where these lines begin: under the time.
const NARROW_INDENT: usize = 10;

/// As much of an order's id as tells it from others: its beginning, which is the time, and its end, which is chance.
const ID_SHOWN: (usize, usize) = (8, 4);

/// As much of what can't be read as a line of the table shows; the other forms have all of it.
const SHOWN_CHARS_MAX: usize = 200;

/// How events are laid out.
#[derive(Debug, Clone, Copy)]
pub(super) struct Table {
    columns: Option<usize>,
}

/// What a line shows of an event.
struct Line {
    sequence: String,
    recorded_at: String,
    order: String,
    version: String,
    kind: String,
    actor: String,
    data: String,
}

impl Table {
    /// In a file: a line an event, as long as it is.
    pub(super) const UNBOUNDED: Self = Self { columns: None };

    /// On a terminal.
    pub(super) const fn within(columns: usize) -> Self {
        Self {
            columns: Some(columns),
        }
    }

    const fn is_narrow(columns: usize) -> bool {
        columns < DATA_AT + DATA_COLUMNS_MIN
    }

    /// The names of the columns.
    pub(super) fn header(self) -> String {
        match self.columns {
            Some(columns) if Self::is_narrow(columns) => {
                let lines = NARROW_HEADER.lines();
                let lines = lines.map(|line| wrapped(line, columns, NARROW_INDENT));
                lines.collect::<Vec<_>>().join("\n")
            }
            Some(_) | None => HEADER.join("  "),
        }
    }

    /// An event.
    pub(super) fn line(self, row: &Readable<'_>) -> String {
        let line = Line::of(row);
        match self.columns {
            None => line.whole(),
            Some(columns) if Self::is_narrow(columns) => line.narrow(columns),
            Some(columns) => wrapped(&line.whole(), columns, DATA_AT),
        }
    }
}

impl Line {
    fn of(row: &Readable<'_>) -> Self {
        let cells = row.cells();
        let cell = |name| {
            let column = COLUMNS.iter().position(|column| *column == name);
            escaped(column.map_or("", |column| &cells[column]))
        };
        let actor = match (cell("actorKind"), cell("actorId")) {
            (kind, _) if kind.is_empty() => String::new(),
            (kind, id) => format!("{kind}:{id}"),
        };
        let data: Cow<'_, str> = match cell("unreadable") {
            why if why.is_empty() => cell("data"),
            why => cut(&format!(
                "can't be read: {why}; payload {}",
                cell("payload")
            ))
            .into(),
        };
        Self {
            sequence: cell("sequence").into_owned(),
            recorded_at: cell("recordedAt").into_owned(),
            order: cell("orderId").into_owned(),
            version: cell("version").into_owned(),
            kind: cell("type").into_owned(),
            actor,
            data: data.into_owned(),
        }
    }

    fn whole(&self) -> String {
        let Self {
            sequence,
            recorded_at,
            order,
            version,
            kind,
            actor,
            data,
        } = self;
        format!(
            "{sequence:>10}  {recorded_at:<30}  {order:<36}  {version:>7}  {kind:<26}  {actor:<20}  {data}"
        )
    }

    fn narrow(&self, columns: usize) -> String {
        let Self {
            sequence,
            version,
            kind,
            actor,
            data,
            ..
        } = self;
        let (time, order) = (seconds_of(&self.recorded_at), ends_of(&self.order));
        let event = format!("{sequence:>8}  {time:<20}  {order:<13}  {version:>3}  {kind}");
        let indent = " ".repeat(NARROW_INDENT);
        let gap = if actor.is_empty() { "" } else { "  " };
        let rest = format!("{indent}{actor}{gap}{data}");
        let lines = [event.trim_end(), &rest].map(|line| wrapped(line, columns, NARROW_INDENT));
        lines.join("\n")
    }
}

/// A time without the fraction of its second.
fn seconds_of(time: &str) -> String {
    let seconds = time.split_once('.').map(|(seconds, _)| seconds);
    seconds.map_or_else(|| time.to_owned(), |seconds| format!("{seconds}Z"))
}

/// An id by its ends.
fn ends_of(id: &str) -> String {
    let (first, last) = ID_SHOWN;
    let letters: Vec<char> = id.chars().collect();
    if letters.len() <= first + 1 + last {
        return id.to_owned();
    }
    let (begin, end) = (&letters[..first], &letters[letters.len() - last..]);
    begin.iter().chain(&['…']).chain(end).collect()
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ordertrace_domain::{Incarnation, Record, RecordedAt, Sequence};
    use unicode_width::UnicodeWidthStr as _;

    fn shown(table: Table) -> String {
        let record = Record {
            sequence: Sequence::new(7),
            recorded_at: RecordedAt::from_nanos(1_700_000_000_000_000_001),
            subject: "ordertrace.events.00.01890a5d-ac96-774b-bcce-b302099a8057".to_owned(),
            headers: Vec::new(),
            payload: vec![0xc1; 300].into(),
        };
        let reading = record.read();
        let row = Readable::of(&record, &reading, Incarnation::from_created_nanos(1));
        format!("{}\n{}\n", table.header(), table.line(&row))
    }

    #[test]
    fn the_data_stands_under_its_title() {
        assert_eq!(HEADER.join("  ").find("DATA"), Some(DATA_AT));
        let text = shown(Table::UNBOUNDED);
        assert_eq!(
            text.lines().nth(1).unwrap().find("can't be read"),
            Some(DATA_AT)
        );
    }

    #[test]
    fn no_line_is_wider_than_it_may_be() {
        for columns in 20..260 {
            let text = shown(Table::within(columns));
            assert!(
                text.lines().all(|line| line.width() <= columns),
                "{columns}\n{text}"
            );
        }
    }

    #[test]
    fn a_narrow_table_says_when_and_of_which_order_in_80_columns() {
        let text = shown(Table::within(80));
        assert!(text.contains("       7  2023-11-14T22:13:20Z\n"), "{text}");
        assert_eq!(
            ends_of("01890a5d-ac96-774b-bcce-b302099a8057"),
            "01890a5d…8057"
        );
        assert_eq!(ends_of("short"), "short");
        assert_eq!(seconds_of("2023-11-14T22:13:20Z"), "2023-11-14T22:13:20Z");
    }
}
