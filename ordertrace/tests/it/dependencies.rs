//! Which crate may depend on which. What is forbidden here is what keeps the parts apart: a view that could write, a
//! decider that could look at a clock, a second place that speaks to the log.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;

use crate::repository::sources;

/// The crates of the workspace, each with those of its own that it may depend on.
const MAY_DEPEND_ON: [(&str, &[&str]); 13] = [
    ("ordertrace-domain", &[]),
    ("ordertrace-http", &["ordertrace-domain"]),
    ("ordertrace-auth", &["ordertrace-domain", "ordertrace-http"]),
    ("ordertrace-nats", &["ordertrace-domain"]),
    ("ordertrace-audit", &["ordertrace-domain"]),
    (
        "ordertrace-auditor",
        &["ordertrace-domain", "ordertrace-http", "ordertrace-audit"],
    ),
    ("ordertrace-saga", &["ordertrace-domain", "ordertrace-http"]),
    (
        "ordertrace-command-api",
        &["ordertrace-domain", "ordertrace-http"],
    ),
    (
        "ordertrace-projections",
        &["ordertrace-domain", "ordertrace-http"],
    ),
    (
        "ordertrace-web",
        &["ordertrace-domain", "ordertrace-http", "ordertrace-auth"],
    ),
    (
        "ordertrace",
        &[
            "ordertrace-domain",
            "ordertrace-http",
            "ordertrace-auth",
            "ordertrace-nats",
            "ordertrace-audit",
            "ordertrace-auditor",
            "ordertrace-saga",
            "ordertrace-command-api",
            "ordertrace-projections",
            "ordertrace-web",
        ],
    ),
    // It simulates what these stand on, and is shipped with none of them.
    (
        "ordertrace-faults",
        &[
            "ordertrace-domain",
            "ordertrace-saga",
            "ordertrace-projections",
        ],
    ),
    // In a normal build on none of them; see `is_shipped`.
    (
        "ordertrace-fuzz",
        &[
            "ordertrace-domain",
            "ordertrace-http",
            "ordertrace-auth",
            "ordertrace-nats",
            "ordertrace-audit",
            "ordertrace-auditor",
            "ordertrace-command-api",
            "ordertrace-projections",
        ],
    ),
];

/// What belongs to one crate alone, also in its tests.
const AT_HOME: [(&str, &str); 2] = [
    ("async-nats", "ordertrace-nats"),
    ("sled", "ordertrace-projections"),
];

/// What the pure core does without.
const NOT_IN_THE_CORE: [&str; 10] = [
    "async-nats",
    "axum",
    "hyper",
    "rand",
    "reqwest",
    "sled",
    "tokio",
    "tower",
    "tower-http",
    "tracing",
];

struct Package {
    name: String,
    folder: String,
    dependencies: Vec<Value>,
    features: Value,
}

fn packages() -> Vec<Package> {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--no-deps",
            "--offline",
            "--format-version",
            "1",
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    packages
        .map(|package| Package {
            name: text(&package["name"]),
            folder: text(&package["manifest_path"]),
            dependencies: package["dependencies"].as_array().unwrap().clone(),
            features: package["features"].clone(),
        })
        .collect()
}

fn package(name: &str) -> Package {
    let found = packages().into_iter().find(|package| package.name == name);
    found.unwrap_or_else(|| panic!("no crate {name}"))
}

/// A dependency of what is shipped: neither for tests or fuzzers only, nor behind a feature that is off.
fn is_shipped(dependency: &Value) -> bool {
    let is_for_fuzzers = dependency["target"] == "cfg(fuzzing)";
    dependency["kind"] != "dev" && dependency["optional"] == false && !is_for_fuzzers
}

#[test]
fn every_crate_of_the_workspace_has_its_rule() {
    let found: BTreeSet<String> = packages().into_iter().map(|package| package.name).collect();
    let known = MAY_DEPEND_ON
        .iter()
        .map(|(name, _)| (*name).to_owned())
        .collect();
    assert_eq!(found, known);
}

#[test]
fn the_crates_depend_on_each_other_only_as_they_may() {
    for (name, allowed) in MAY_DEPEND_ON {
        for dependency in package(name).dependencies {
            let on = dependency["name"].as_str().unwrap();
            // A crate names itself only to switch on its own test kit.
            let is_ours = on.starts_with("ordertrace") && on != name;
            assert!(!is_ours || allowed.contains(&on), "{name} depends on {on}");
        }
    }
}

#[test]
fn the_clients_of_the_log_and_of_the_store_are_named_in_one_crate_each() {
    for package in packages() {
        for dependency in &package.dependencies {
            let on = dependency["name"].as_str().unwrap();
            let home = AT_HOME.iter().find(|(guest, _)| *guest == on);
            let is_at_home = home.is_none_or(|(_, home)| *home == package.name);
            assert!(is_at_home, "{} depends on {on}", package.name);
        }
    }
    for (guest, home) in AT_HOME {
        let named = guest.replace('-', "_");
        let home = package(home).folder.replace("Cargo.toml", "");
        for (path, text) in sources() {
            // As a path of Rust: the word alone may stand in a comment.
            let is_used = text
                .lines()
                .any(|line| line.contains(&format!("{named}::")));
            let is_test_of_this = path.ends_with(file!());
            assert!(
                !is_used || path.starts_with(&home) || is_test_of_this,
                "{}",
                path.display()
            );
        }
    }
}

#[test]
fn the_core_is_pure() {
    let domain = package("ordertrace-domain");
    for dependency in domain.dependencies.iter().filter(|it| is_shipped(it)) {
        let on = dependency["name"].as_str().unwrap();
        assert!(!NOT_IN_THE_CORE.contains(&on), "the domain depends on {on}");
    }
    let impure = [
        "Utc::now",
        "SystemTime",
        "Instant::now",
        "now_v7",
        "new_v4",
        "std::fs",
        "std::net",
        "std::env",
    ];
    let folder = domain.folder.replace("Cargo.toml", "src/");
    for (path, text) in sources() {
        if path.starts_with(&folder) && !path.starts_with(format!("{folder}testing")) {
            let found = impure.iter().find(|word| text.contains(**word));
            assert_eq!(found, None, "{}", path.display());
        }
    }
}

#[test]
fn the_test_kit_is_not_shipped() {
    assert_eq!(
        package("ordertrace-domain").features["default"],
        Value::Null
    );
    for package in packages() {
        for dependency in package.dependencies.iter().filter(|it| is_shipped(it)) {
            let features = dependency["features"].as_array().unwrap();
            let has_kit =
                dependency["name"] == "ordertrace-domain" && features.contains(&"testing".into());
            assert!(!has_kit, "{}", package.name);
        }
    }
}
