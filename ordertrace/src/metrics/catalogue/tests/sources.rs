//! The code that counts.

use std::{collections::BTreeSet, fs, path::Path};

use super::{CATALOGUE, root};

/// What a library counts for us: `metrics-process` has its names to itself.
const OF_A_LIBRARY: &str = "process_";

/// Every word in quotes that looks like a metric of ours, in whatever is shipped and counts something.
fn counted() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for folder in fs::read_dir(root()).unwrap() {
        walk(&folder.unwrap().path().join("src"), &mut found);
    }
    found
}

fn walk(folder: &Path, found: &mut BTreeSet<String>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.ends_with("metrics/catalogue") {
            continue;
        } else if path.is_dir() {
            walk(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            found.extend(quoted(&text).filter(|word| is_name(word)));
        }
    }
}

fn quoted(text: &str) -> impl Iterator<Item = String> {
    text.split('"').map(str::to_owned)
}

/// With two underscores at least: the crates have one in their names.
fn is_name(word: &str) -> bool {
    let is_plain = word
        .bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    word.starts_with("ordertrace_") && is_plain
}

#[test]
fn whatever_is_counted_is_in_the_catalogue_and_the_other_way_round() {
    let ours = CATALOGUE.iter().map(|metric| metric.name);
    let known: BTreeSet<String> = ours
        .filter(|name| !name.starts_with(OF_A_LIBRARY))
        .map(str::to_owned)
        .collect();
    assert_eq!(counted(), known);
}

#[test]
fn no_name_is_made_up_where_it_is_counted() {
    // A name in a macro's own parentheses would be one that no constant has, and two places could disagree on it.
    let mut found = Vec::new();
    for folder in fs::read_dir(root()).unwrap() {
        literal_names(&folder.unwrap().path().join("src"), &mut found);
    }
    assert_eq!(found, Vec::<String>::new());
}

fn literal_names(folder: &Path, found: &mut Vec<String>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            literal_names(&path, found);
            continue;
        }
        let text = fs::read_to_string(&path).unwrap_or_default();
        let macros = ["counter", "gauge", "histogram"];
        let begins = macros.map(|name| format!("{name}!{}\"", '('));
        if begins.iter().any(|begin| text.contains(begin)) {
            found.push(path.display().to_string());
        }
    }
}
