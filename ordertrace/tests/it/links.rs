//! Links in the documentation: each leads to a file that is there, and to a heading that it has.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

/// What is not ours to look after, or no page.
const LEFT_OUT: [&str; 3] = [".git", "target", "node_modules"];

fn root() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    root.unwrap().to_owned()
}

/// Every page by its path from the root, with its text.
fn pages() -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    walk(&root(), &mut found);
    assert!(found.len() > 20, "the pages were not found");
    found
}

fn walk(folder: &Path, found: &mut BTreeMap<PathBuf, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let path = entry.path();
        if entry.file_type().unwrap().is_dir() {
            let name = entry.file_name();
            if !LEFT_OUT.iter().any(|left_out| name == *left_out) {
                walk(&path, found);
            }
        } else if path.extension().is_some_and(|extension| extension == "md") {
            let text = fs::read_to_string(&path).unwrap();
            let path = path.strip_prefix(root()).unwrap().to_owned();
            found.insert(path, text);
        }
    }
}

/// The lines of a page that are no code.
fn prose(text: &str) -> impl Iterator<Item = &str> {
    let mut is_code = false;
    text.lines().filter(move |line| {
        let is_fence = line.trim_start().starts_with("```");
        is_code ^= is_fence;
        !is_code && !is_fence
    })
}

/// A line without the code in it.
fn without_code(line: &str) -> String {
    line.split('`').step_by(2).collect()
}

/// The anchors of a page's headings, as GitHub makes them.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let headings = prose(text).filter(|line| line.starts_with('#'));
    for heading in headings {
        let title = heading.trim_start_matches('#').trim();
        let anchor = anchor(title);
        let again = (1..).map(|number| format!("{anchor}-{number}"));
        let mut names = std::iter::once(anchor.clone()).chain(again);
        let name = names.find(|name| !found.contains(name));
        found.extend(name);
    }
    found
}

/// Lower case, without punctuation and what a link in it leads to, and with hyphens for spaces.
fn anchor(title: &str) -> String {
    let mut text = title.to_owned();
    while let Some((before, rest)) = text.split_once("](") {
        let (_, after) = rest.split_once(')').unwrap_or((rest, ""));
        text = format!("{before}{after}");
    }
    let kept = text
        .chars()
        .filter(|letter| letter.is_alphanumeric() || "-_ ".contains(*letter));
    kept.flat_map(char::to_lowercase)
        .map(|letter| if letter == ' ' { '-' } else { letter })
        .collect()
}

/// Where the links of a page lead that lead to a file of ours, as they are written.
fn targets(text: &str) -> Vec<String> {
    let lines: Vec<String> = prose(text).map(without_code).collect();
    // A link may be broken into two lines.
    let text = lines.join("\n");
    let after = text.split("](").skip(1);
    let targets = after.filter_map(|rest| rest.split_once(')').map(|(target, _)| target));
    let is_ours = |target: &&str| !target.contains("://") && !target.starts_with("mailto:");
    targets.filter(is_ours).map(str::to_owned).collect()
}

/// The path that a link of a page leads to, from the root.
fn resolved(page: &Path, link: &str) -> PathBuf {
    if link.is_empty() {
        return page.to_owned();
    }
    let mut path = page.parent().unwrap().to_owned();
    for part in Path::new(link).components() {
        match part {
            Component::ParentDir => assert!(path.pop(), "{link} leads out of the repository"),
            Component::CurDir => {}
            part => path.push(part),
        }
    }
    path
}

#[test]
fn every_link_leads_somewhere() {
    let pages = pages();
    let mut dead = Vec::new();
    let mut links = 0;
    for (page, text) in &pages {
        for target in targets(text) {
            links += 1;
            let (file, anchor) = target.split_once('#').unwrap_or((&target, ""));
            let path = resolved(page, file);
            let is_there = root().join(&path).exists();
            let has_heading = anchor.is_empty()
                || pages
                    .get(&path)
                    .is_some_and(|text| anchors(text).contains(anchor));
            if !is_there || !has_heading {
                dead.push(format!("{}: {target}", page.display()));
            }
        }
    }
    assert!(links > 100, "only {links} links were found");
    assert_eq!(dead, Vec::<String>::new());
}

#[test]
fn headings_have_the_anchors_that_they_have_on_the_web() {
    let page = "# A page\n## What `ops` does, and why\n## The [log](x.md)'s end\n## Again\n## Again\n```\n# no heading\n```\n";
    let expected = [
        "a-page",
        "what-ops-does-and-why",
        "the-logs-end",
        "again",
        "again-1",
    ];
    assert_eq!(anchors(page), expected.map(str::to_owned).into());
}

#[test]
fn links_are_found_where_they_are_prose() {
    let page = "See [one](a.md#b) and ![two](c.png), not `[three](d.md)`.\n```\n[four](e.md)\n```\n[five](https://example.org)\n";
    assert_eq!(targets(page), ["a.md#b", "c.png"]);
}
