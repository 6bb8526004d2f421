//! `docs/http.md` says who may do what, in the words that the table makes.

use super::{
    operations::{Operations, of_the_program},
    table::{Asker, Cell, Row, rows},
};

const DOCUMENT: &str = include_str!("../../../../docs/http.md");

const BEGIN: &str = "<!-- who may do what: drawn from the routes by a test -->\n";

/// The table of the document, a row for all calls that are the same to everybody.
fn drawn(operations: &Operations) -> String {
    let rows = rows();
    let mut kinds: Vec<[&str; 4]> = Vec::new();
    for kind in rows.iter().map(kind) {
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    let mut table =
        "| call | customer | courier | operator | auditor |\n|---|---|---|---|---|\n".to_owned();
    for wanted in kinds {
        let alike = rows.iter().filter(|row| kind(row) == wanted);
        let calls: Vec<_> = alike
            .map(|row| {
                let operation = &operations[row.operation];
                format!("`{} {}`", operation.method, operation.path)
            })
            .collect();
        let (calls, wanted) = (calls.join(", "), wanted.join(" | "));
        table += &format!("| {calls} | {wanted} |\n");
    }
    table
}

/// What a call is to each role.
fn kind(row: &Row) -> [&'static str; 4] {
    if row.is_public() {
        return ["also without a login"; 4];
    }
    let may = |asker, yes| match row.cell(asker) {
        Cell::Admitted => yes,
        _ => "–",
    };
    [
        may(Asker::Owner, "their own"),
        may(Asker::Courier, "yes"),
        may(Asker::Operator, "yes"),
        may(Asker::Auditor, "yes"),
    ]
}

#[test]
fn the_document_says_who_may_do_what() {
    let drawn = drawn(&of_the_program());
    let (_, after) = DOCUMENT.split_once(BEGIN).unwrap();
    let (table, _) = after.split_once("\n\n").unwrap();
    assert!(
        format!("{table}\n") == drawn,
        "docs/http.md lacks this table:\n{drawn}"
    );
}
