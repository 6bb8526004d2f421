//! What goes by the catalogue: the code that counts, the documentation, the dashboard, the alerts.

mod alerts;
mod dashboard;
mod documented;
mod promql;
mod sources;

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{CATALOGUE, Kind, Metric};

fn root() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    folder.unwrap().to_owned()
}

fn read(path: &str) -> String {
    let text = fs::read_to_string(root().join(path));
    text.unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn names_say_what_they_are() {
    for Metric {
        name, kind, help, ..
    } in CATALOGUE
    {
        // The process's own have the names that Prometheus's libraries give them everywhere.
        let is_ours = name.starts_with("ordertrace_");
        assert!(is_ours || name.starts_with("process_"), "{name}");
        let is_total = name.ends_with("_total");
        assert!(!is_ours || is_total == (*kind == Kind::Counter), "{name}");
        assert!(!help.is_empty() && !help.ends_with('.'), "{name}");
        assert!(!help.contains('|'), "{name} would break the table");
    }
}

#[test]
fn each_is_there_once() {
    let mut names: Vec<_> = CATALOGUE.iter().map(|metric| metric.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), CATALOGUE.len());
}
