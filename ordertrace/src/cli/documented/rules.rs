//! What holds of every setting.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use clap::Arg;

use super::{Called, VARIES, commands, default, help, secret, variable, variables};

/// Names of ours that look like variables and are none: streams, and the account of NATS users.
const NO_VARIABLES: [&str; 5] = [
    "ORDERTRACE_EVENTS",
    "ORDERTRACE_TIMERS",
    "ORDERTRACE_DLQ",
    "ORDERTRACE_CHECKPOINTS",
    "ORDERTRACE",
];

fn shown(command: &Called, arg: &Arg) -> String {
    format!("{} --{}", command.name, arg.get_id())
}

#[test]
fn whatever_a_role_can_be_told_has_a_variable() {
    for command in commands().iter().filter(|it| it.is_role()) {
        let without = command.args.iter().find(|arg| variable(arg).is_none());
        assert_eq!(without.map(|arg| shown(command, arg)), None);
    }
}

/// A group of which half can be set by variables would surprise whoever sets the other half.
#[test]
fn under_one_heading_all_have_a_variable_or_none_has() {
    for command in commands() {
        let settings: BTreeSet<&str> = command.settings().map(|arg| command.heading(arg)).collect();
        let named = command
            .args
            .iter()
            .filter(|arg| arg.get_help_heading().is_some());
        let mut bare = named.filter(|arg| variable(arg).is_none());
        let half = bare.find(|arg| settings.contains(command.heading(arg)));
        assert_eq!(half.map(|arg| shown(&command, arg)), None);
    }
}

#[test]
fn every_setting_has_help_and_a_flag() {
    for command in commands() {
        for arg in command.settings() {
            assert!(arg.get_long().is_some(), "{}", shown(&command, arg));
            assert!(!help(arg).is_empty(), "{}", shown(&command, arg));
        }
    }
}

#[test]
fn a_variable_means_one_thing() {
    let mut known: BTreeMap<String, BTreeSet<[String; 4]>> = BTreeMap::new();
    for command in commands() {
        for arg in command.settings() {
            let flag = arg.get_long().unwrap().to_owned();
            let default = default(arg).unwrap_or_default();
            // What a role has of its own and what a command has are one meaning, if the words are.
            let heading = arg.get_help_heading().unwrap_or_default().to_owned();
            let meaning = [flag, default, heading, help(arg)];
            let variable = variable(arg).unwrap().to_owned();
            known.entry(variable).or_default().insert(meaning);
        }
    }
    let varying = known.iter().filter(|(_, meanings)| meanings.len() > 1);
    let varying: BTreeSet<&str> = varying.map(|(variable, _)| variable.as_str()).collect();
    let allowed = VARIES.map(|(variable, _)| variable).into_iter().collect();
    assert_eq!(varying, allowed, "{known:#?}");
}

#[test]
fn a_flag_sets_what_one_variable_sets() {
    let mut known: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for command in commands() {
        for arg in command.settings() {
            let flag = arg.get_long().unwrap().to_owned();
            let variable = variable(arg).unwrap().to_owned();
            known.entry(flag).or_default().insert(variable);
        }
    }
    known.retain(|_, variables| variables.len() > 1);
    assert_eq!(known, BTreeMap::new());
}

#[test]
fn of_whatever_sounds_like_a_secret_it_is_said_whether_it_is_one() {
    let variables = variables(&commands());
    let told: BTreeSet<&str> = secret::FILES.into_iter().chain(secret::PUBLIC).collect();
    let sounding = variables
        .iter()
        .map(String::as_str)
        .filter(|variable| secret::SOUNDS.iter().any(|sound| variable.contains(sound)));
    assert_eq!(sounding.collect::<BTreeSet<_>>(), told);
}

/// A variable that is read past the command line would be in no help.
#[test]
fn no_variable_is_read_that_is_not_documented() {
    let known = variables(&commands());
    let mut found = BTreeSet::new();
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    for folder in fs::read_dir(root).unwrap() {
        named_in(&folder.unwrap().path().join("src"), &mut found);
    }
    assert!(
        found.contains("NATS_SERVER_BIN"),
        "the sources were not found"
    );
    let told = |name: &String| {
        known.contains(name)
            || secret::bare().any(|bare| bare == name)
            || NO_VARIABLES.contains(&name.as_str())
    };
    found.retain(|name| !told(name));
    assert_eq!(found, BTreeSet::new());
}

/// Every word in quotes that looks like a variable of ours.
fn named_in(folder: &Path, found: &mut BTreeSet<String>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.is_dir() && !path.ends_with("cli/documented") {
            named_in(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            found.extend(
                text.split('"')
                    .filter(|word| is_variable(word))
                    .map(str::to_owned),
            );
        }
    }
}

fn is_variable(word: &str) -> bool {
    let mut bytes = word.bytes();
    let begins = ["ORDERTRACE", "NATS_", "OTEL_"];
    begins.iter().any(|begin| word.starts_with(begin))
        && bytes.all(|byte| byte.is_ascii_uppercase() || byte == b'_')
}
