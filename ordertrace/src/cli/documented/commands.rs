//! Every command in the documentation is one that the program takes.

use std::{
    fs,
    path::{Path, PathBuf},
};

use clap::{
    CommandFactory as _,
    error::{ContextKind, ContextValue, ErrorKind},
};

use super::{Called, Cli, commands, variable};

/// What begins a command.
const PROGRAM: &str = "ordertrace ";

/// What ends it, for a shell.
const ENDS: [&str; 7] = ["#", "|", "&", "&&", ";", ">", "2>/dev/null"];

/// Stands for something that is left out, so that what is there is no whole command.
const LEFT_OUT: &str = "…";

/// Tells of earlier versions as well, and what could be typed then.
const OF_THE_PAST: &str = "CHANGELOG.md";

/// Stands for any role.
const ROLE: &str = "<role>";

/// A command in a page.
struct Told {
    line: String,
    /// In a block of its own, to be typed; in the midst of a sentence it may be the name of a group of commands.
    is_to_be_typed: bool,
}

fn pages() -> Vec<(PathBuf, String)> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut found = Vec::new();
    for folder in ["", "docs", "docs/adr", "deploy"] {
        for entry in fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let is_page = path.extension().is_some_and(|extension| extension == "md");
            if is_page && !path.ends_with(OF_THE_PAST) {
                let text = fs::read_to_string(&path).unwrap();
                found.push((Path::new(folder).join(path.file_name().unwrap()), text));
            }
        }
    }
    found
}

fn commands_of(page: &str) -> Vec<Told> {
    let mut found = Vec::new();
    let mut is_block = false;
    let whole = page.replace("\\\n", " ");
    for line in whole.lines() {
        if line.trim_start().starts_with("```") {
            is_block = !is_block;
        } else if is_block {
            found.extend(typed(line));
        } else {
            let spans = line.split('`').skip(1).step_by(2);
            found.extend(
                spans
                    .filter(|span| span.starts_with(PROGRAM))
                    .map(|span| Told {
                        line: span.to_owned(),
                        is_to_be_typed: false,
                    }),
            );
        }
    }
    found
}

/// The command in a line for a shell, behind the prompt, variables and whatever it is a part of.
fn typed(line: &str) -> Option<Told> {
    let line = line.trim_start().trim_start_matches("$ ");
    let words: Vec<&str> = line.split_whitespace().collect();
    let at = words.iter().position(|word| *word == PROGRAM.trim())?;
    let is_first = words[..at].iter().all(|word| word.contains('='));
    is_first.then(|| Told {
        line: words[at..].join(" "),
        is_to_be_typed: true,
    })
}

/// Its words, as a shell would give them.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (part, quoted) in line.split('"').zip([false, true].into_iter().cycle()) {
        if quoted {
            words.push(part.to_owned());
            continue;
        }
        for word in part.split_whitespace() {
            if ENDS.contains(&word) {
                return words;
            }
            words.push(if word == ROLE { "dev" } else { word }.to_owned());
        }
    }
    words
}

/// Whether the page sets what is missing by a variable.
fn is_set(error: &clap::Error, page: &str) -> bool {
    let Some(ContextValue::Strings(missing)) = error.get(ContextKind::InvalidArg) else {
        return false;
    };
    missing.iter().all(|missing| {
        let flag = missing.split_whitespace().next().unwrap_or_default();
        commands().iter().flat_map(Called::settings).any(|arg| {
            let is_it = arg.get_long() == flag.strip_prefix("--");
            is_it && variable(arg).is_some_and(|name| page.contains(&format!("{name}=")))
        })
    })
}

/// What is wrong with a command, if anything is.
fn wrong(told: &Told, page: &str) -> Option<String> {
    let words = words(&told.line);
    if told.line.contains(LEFT_OUT) {
        return None;
    }
    let error = Cli::command().try_get_matches_from(words).err()?;
    let is_help = matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
    );
    let is_a_part = matches!(
        error.kind(),
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
            | ErrorKind::MissingSubcommand
            | ErrorKind::MissingRequiredArgument
    );
    let is_fine = is_help || (is_a_part && !told.is_to_be_typed) || is_set(&error, page);
    (!is_fine).then(|| format!("{}: {error}", told.line))
}

#[test]
fn whoever_types_a_command_of_the_documentation_is_understood() {
    let mut found = 0;
    let mut mistakes = Vec::new();
    for (page, text) in pages() {
        for told in commands_of(&text) {
            found += 1;
            let mistake = wrong(&told, &text);
            mistakes.extend(mistake.map(|what| format!("{}: {what}", page.display())));
        }
    }
    assert!(found > 50, "only {found} commands were found");
    assert!(mistakes.is_empty(), "{}", mistakes.join("\n"));
}

#[test]
fn a_command_that_there_is_not_is_found_wherever_it_stands() {
    let page = "Run `ordertrace ops stuk list`, or `ordertrace ops`.\n```sh\nA=b ordertrace ops dlq | cat\n$ ordertrace dev # all\n```\n";
    let told = commands_of(page);
    let mistakes: Vec<bool> = told
        .iter()
        .map(|told| wrong(told, page).is_some())
        .collect();
    assert_eq!(mistakes, [true, false, true, false]);
}
