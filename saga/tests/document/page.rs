//! The page with its generated parts, each between two comments.

use std::{env, fs, path::PathBuf};

/// Set it to write the generated parts anew.
const UPDATE: &str = "UPDATE_DOCS";

/// Holds a generated part of the page to what it should be.
pub(crate) fn assert_generated(name: &str, expected: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/saga.md");
    let page = fs::read_to_string(&path).unwrap_or_else(|error| panic!("docs/saga.md: {error}"));
    let (begin, end) = (
        format!("<!-- generated: {name} -->\n"),
        "<!-- end -->".to_owned(),
    );
    let Some((before, rest)) = page.split_once(&begin) else {
        panic!("docs/saga.md has no part {name:?}");
    };
    let Some((found, after)) = rest.split_once(&end) else {
        panic!("the part {name:?} of docs/saga.md has no end");
    };
    if env::var_os(UPDATE).is_some() {
        let page = format!("{before}{begin}{expected}{end}{after}");
        fs::write(&path, page).unwrap_or_else(|error| panic!("docs/saga.md: {error}"));
        return;
    }
    assert_eq!(
        found, expected,
        "docs/saga.md says something else; {UPDATE}=1 (with --test-threads=1) takes it over"
    );
}
