//! Events in one of the forms in which they are printed.
//!
//! Invariant: no character of an event acts on a terminal, in no form; the same bytes go into a pipe or a file.

use std::borrow::Cow;
use std::io::{self, Write};

use ordertrace_audit::{COLUMNS, Readable, escaped, write_json};

use super::table::Table;
use crate::cli::EventFormat;

/// Where the rows go.
pub(super) trait Rows {
    /// The next one.
    fn row(&mut self, row: &Readable<'_>) -> io::Result<()>;

    /// Nothing more comes at this moment.
    fn pause(&mut self) -> io::Result<()>;
}

/// A sheet of events.
pub(super) struct Sheet<W: Write> {
    out: Out<W>,
    buffer: Vec<u8>,
    rows: u64,
}

enum Out<W: Write> {
    Table(Table, W),
    Json(W),
    Ndjson(W),
    // It is much larger than the others.
    Csv(Box<csv::Writer<W>>),
}

impl<W: Write> Sheet<W> {
    /// Begins a sheet, with its header if it has one. How a table is laid out is of no matter to the other forms.
    pub(super) fn begin(format: EventFormat, table: Table, mut out: W) -> io::Result<Self> {
        let out = match format {
            EventFormat::Table => {
                writeln!(out, "{}", table.header())?;
                Out::Table(table, out)
            }
            EventFormat::Json => Out::Json(out),
            EventFormat::Ndjson => Out::Ndjson(out),
            EventFormat::Csv => {
                let mut csv = csv::Writer::from_writer(out);
                csv.write_record(COLUMNS).map_err(io_error)?;
                Out::Csv(Box::new(csv))
            }
        };
        Ok(Self {
            out,
            buffer: Vec::new(),
            rows: 0,
        })
    }

    /// Ends the sheet, so that it is whole, and gives back where it went.
    pub(super) fn end(self) -> io::Result<W> {
        let mut out = match self.out {
            Out::Table(_, out) | Out::Ndjson(out) => out,
            Out::Json(mut out) => {
                out.write_all(if self.rows == 0 { b"[]\n" } else { b"\n]\n" })?;
                out
            }
            Out::Csv(csv) => csv.into_inner().map_err(|error| error.into_error())?,
        };
        out.flush()?;
        Ok(out)
    }
}

impl<W: Write> Rows for Sheet<W> {
    fn row(&mut self, row: &Readable<'_>) -> io::Result<()> {
        self.buffer.clear();
        match &mut self.out {
            Out::Table(table, out) => writeln!(out, "{}", table.line(row))?,
            Out::Json(out) => {
                write_json(row, &mut self.buffer);
                out.write_all(if self.rows == 0 { b"[\n" } else { b",\n" })?;
                out.write_all(&self.buffer)?;
            }
            Out::Ndjson(out) => {
                row.write_line(&mut self.buffer);
                out.write_all(&self.buffer)?;
            }
            Out::Csv(csv) => {
                let cells = row.cells().map(|cell| no_formula(escaped_cell(cell)));
                csv.write_record(cells.iter().map(|cell| cell.as_bytes()))
                    .map_err(io_error)?;
            }
        }
        self.rows += 1;
        Ok(())
    }

    fn pause(&mut self) -> io::Result<()> {
        match &mut self.out {
            Out::Table(_, out) | Out::Json(out) | Out::Ndjson(out) => out.flush(),
            Out::Csv(csv) => csv.flush(),
        }
    }
}

fn io_error(error: csv::Error) -> io::Error {
    error.into()
}

fn escaped_cell(cell: Cow<'_, str>) -> Cow<'_, str> {
    match escaped(&cell) {
        Cow::Borrowed(_) => cell,
        Cow::Owned(shown) => shown.into(),
    }
}

/// Spreadsheets run what begins like this; behind an apostrophe it is text.
fn no_formula(cell: Cow<'_, str>) -> Cow<'_, str> {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{cell}").into()
    } else {
        cell
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ordertrace_domain::{Incarnation, Record, RecordedAt, Sequence};
    use rstest::rstest;

    /// A record with a subject that acts on a terminal, and is a formula.
    fn hostile() -> Record {
        Record {
            sequence: Sequence::new(7),
            recorded_at: RecordedAt::from_nanos(1_700_000_000_000_000_001),
            subject: "=cmd|'/c calc'!A1\u{1b}[31m".to_owned(),
            headers: Vec::new(),
            payload: b"\x1b[2J"[..].into(),
        }
    }

    fn sheet(format: EventFormat, rows: usize) -> String {
        let mut sheet = Sheet::begin(format, Table::UNBOUNDED, Vec::new()).unwrap();
        let (record, incarnation) = (hostile(), Incarnation::from_created_nanos(0x18c0));
        let reading = record.read();
        for _ in 0..rows {
            sheet
                .row(&Readable::of(&record, &reading, incarnation))
                .unwrap();
        }
        String::from_utf8(sheet.end().unwrap()).unwrap()
    }

    #[rstest]
    #[case(EventFormat::Table)]
    #[case(EventFormat::Json)]
    #[case(EventFormat::Ndjson)]
    #[case(EventFormat::Csv)]
    fn nothing_that_an_event_says_acts_on_a_terminal(#[case] format: EventFormat) {
        let text = sheet(format, 2);
        let acts = |c: char| c.is_control() && c != '\n';
        assert!(!text.contains(acts), "{text:?}");
        assert!(text.contains("18c0-7") || format == EventFormat::Table);
        assert!(text.contains("not an envelope"), "{text}");
    }

    #[test]
    fn an_array_is_json_however_many_events_are_in_it() {
        for rows in 0..3 {
            let array: serde_json::Value =
                serde_json::from_str(&sheet(EventFormat::Json, rows)).unwrap();
            assert_eq!(array.as_array().unwrap().len(), rows);
        }
    }

    #[test]
    fn a_cell_is_no_formula() {
        let text = sheet(EventFormat::Csv, 1);
        let mut csv = csv::Reader::from_reader(text.as_bytes());
        let column = COLUMNS.iter().position(|column| *column == "subject");
        let row = csv.records().next().unwrap().unwrap();
        assert_eq!(&row[column.unwrap()], "'=cmd|'/c calc'!A1\\u{1b}[31m");
        let header: Vec<&str> = csv.headers().unwrap().iter().collect();
        assert_eq!(header, COLUMNS);
    }

    #[test]
    fn a_sheet_without_events_still_has_its_header() {
        assert_eq!(sheet(EventFormat::Ndjson, 0), "");
        assert_eq!(sheet(EventFormat::Table, 0).lines().count(), 1);
        assert_eq!(sheet(EventFormat::Csv, 0).lines().count(), 1);
    }
}
