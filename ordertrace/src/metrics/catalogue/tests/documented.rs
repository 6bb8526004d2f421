//! The documentation.

use std::{env, fmt::Write as _, fs};

use super::{CATALOGUE, Kind, Metric, read, root};

const PAGE: &str = "docs/observability.md";

/// The table stands between these lines.
const BEGIN: &str = "<!-- metrics: written by the test `the_table_of_metrics_is_the_catalogue` -->";
const END: &str = "<!-- end of metrics -->";

/// Set it to write the table anew.
const UPDATE: &str = "UPDATE_DOCS";

fn table() -> String {
    let mut text = "| metric | kind | labels | roles | what |\n|---|---|---|---|---|\n".to_owned();
    for Metric {
        name,
        kind,
        help,
        labels,
        roles,
    } in CATALOGUE
    {
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        let labels: Vec<String> = labels.iter().map(|label| format!("`{label}`")).collect();
        let labels = labels.join(", ");
        writeln!(text, "| `{name}` | {kind} | {labels} | {roles} | {help} |").unwrap();
    }
    text
}

/// What a page says of a histogram may be of one of its parts.
const PARTS: [&str; 3] = ["_bucket", "_sum", "_count"];

#[test]
fn no_page_tells_of_a_metric_that_there_is_not() {
    let mut found = 0;
    for page in ["docs/operations.md", PAGE, "docs/saga.md", "docs/views.md"] {
        let text = read(page);
        let words = text.split(|letter: char| !letter.is_ascii_lowercase() && letter != '_');
        // Crates have one underscore in their names, metrics have more.
        let is_name =
            |word: &&str| word.starts_with("ordertrace_") && word.matches('_').count() > 1;
        for word in words.filter(is_name) {
            let whole = PARTS.iter().find_map(|part| word.strip_suffix(part));
            let is_known = |name: &str| CATALOGUE.iter().any(|metric| metric.name == name);
            assert!(
                is_known(word) || whole.is_some_and(is_known),
                "{page}: {word}"
            );
            found += 1;
        }
    }
    assert!(found > CATALOGUE.len() / 2, "the metrics were not found");
}

#[test]
fn the_table_of_metrics_is_the_catalogue() {
    let page = read(PAGE);
    let (before, rest) = page.split_once(BEGIN).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    let wanted = format!("{before}{BEGIN}\n\n{}\n{END}{after}", table());
    if env::var_os(UPDATE).is_some() {
        fs::write(root().join(PAGE), &wanted).unwrap();
    }
    assert_eq!(page, wanted, "{UPDATE}=1 writes it anew");
}
