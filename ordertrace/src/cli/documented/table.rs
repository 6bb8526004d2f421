//! The tables: one a heading of the help, a line a setting.

use std::fmt::Write as _;

use clap::{Arg, ArgAction};

use super::{Called, OF_A_COMMAND, default, help, secret, variable};

/// Stands in a help text where the default is no value that clap knows.
const DEFAULT_IN_WORDS: &str = "[default: ";

/// A line of a table, and which commands have it.
#[derive(PartialEq, Eq)]
struct Line {
    flag: String,
    variable: String,
    default: String,
    what: String,
}

pub(super) fn tables(commands: &[Called]) -> String {
    let mut text = String::new();
    for heading in headings(commands) {
        writeln!(text, "## {heading}\n").unwrap();
        writeln!(
            text,
            "| setting | default | what | who |\n|---|---|---|---|"
        )
        .unwrap();
        for (line, names) in lines(commands, &heading) {
            let who = who(commands, &names);
            let Line {
                flag,
                variable,
                default,
                what,
            } = line;
            writeln!(
                text,
                "| `--{flag}`<br>`{variable}` | {default} | {what} | {who} |"
            )
            .unwrap();
        }
        writeln!(text).unwrap();
    }
    text + &secret::table()
}

fn headings(commands: &[Called]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for command in commands {
        for arg in command.settings() {
            let heading = command.heading(arg);
            if !found.iter().any(|it| it == heading) {
                found.push(heading.to_owned());
            }
        }
    }
    // What an operator's commands have of their own stands last.
    found.sort_by_key(|heading| heading == OF_A_COMMAND);
    found
}

/// The settings under a heading, each with the commands that have it so.
fn lines(commands: &[Called], under: &str) -> Vec<(Line, Vec<String>)> {
    let mut found: Vec<(Line, Vec<String>)> = Vec::new();
    for command in commands {
        for arg in command
            .settings()
            .filter(|arg| command.heading(arg) == under)
        {
            let line = line(arg);
            let name = command.name.clone();
            match found.iter_mut().find(|(known, _)| *known == line) {
                Some((_, names)) => names.push(name),
                None => found.push((line, vec![name])),
            }
        }
    }
    // What varies stands together, wherever the command is.
    let first = |line: &Line| {
        found
            .iter()
            .position(|(it, _)| it.variable == line.variable)
    };
    let places: Vec<_> = found.iter().map(|(line, _)| first(line)).collect();
    let mut placed: Vec<_> = places.into_iter().zip(found).collect();
    placed.sort_by_key(|(place, _)| *place);
    placed.into_iter().map(|(_, line)| line).collect()
}

fn line(arg: &Arg) -> Line {
    let (mut what, in_words) = without_default(&help(arg));
    if arg.get_value_delimiter().is_some() && !what.contains("separated by commas") {
        what.push_str("; several are separated by commas in the variable");
    }
    let values = arg.get_possible_values();
    if !values.is_empty() && arg.get_action().takes_values() {
        let values: Vec<_> = values
            .iter()
            .map(|it| format!("`{}`", it.get_name()))
            .collect();
        write!(what, ": {}", values.join(" or ")).unwrap();
    }
    let variable = variable(arg).unwrap().to_owned();
    if let Some(remark) = secret::remark(&variable) {
        write!(what, ". {remark}").unwrap();
    }
    Line {
        flag: arg.get_long().unwrap().to_owned(),
        default: shown_default(arg, in_words),
        what: escaped(&what),
        variable,
    }
}

fn shown_default(arg: &Arg, in_words: Option<String>) -> String {
    if let Some(words) = in_words {
        return escaped(&words);
    }
    match default(arg) {
        Some(value) => format!("`{value}`"),
        None if arg.is_required_set() => "has to be set".to_owned(),
        None if matches!(arg.get_action(), ArgAction::SetTrue) => "no; `true` sets it".to_owned(),
        None => "none".to_owned(),
    }
}

/// The help without its words on the default, and those.
fn without_default(help: &str) -> (String, Option<String>) {
    let Some((before, rest)) = help.split_once(DEFAULT_IN_WORDS) else {
        return (help.to_owned(), None);
    };
    let (words, after) = rest.split_once(']').unwrap();
    (
        format!("{}{after}", before.trim_end()),
        Some(words.to_owned()),
    )
}

/// What Markdown would take for a cell's end or for HTML.
fn escaped(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "\\<")
}

/// At most so many roles are told as those that lack what all others have.
const LACKING_MAX: usize = 2;

/// At most so many commands of one group are told by their names, and more by the group's.
const NAMED_MAX: usize = 3;

/// Who has a setting: roles by their names, and what an operator calls in short.
fn who(commands: &[Called], names: &[String]) -> String {
    let mut words = roles(commands, names);
    for group in ["audit", "ops", "bench"] {
        let is_of = |command: &&Called| {
            let mut parts = command.name.split(' ');
            !command.is_role() && parts.next() == Some(group) && names.contains(&command.name)
        };
        let having: Vec<_> = commands.iter().filter(is_of).collect();
        if having.len() > NAMED_MAX {
            words.push(format!("`{group} …`"));
        } else {
            words.extend(having.iter().map(|it| format!("`{}`", it.name)));
        }
    }
    words.join(", ")
}

fn roles(commands: &[Called], names: &[String]) -> Vec<String> {
    let roles = commands.iter().filter(|command| command.is_role());
    let (having, lacking): (Vec<_>, Vec<_>) = roles.partition(|role| names.contains(&role.name));
    let named = |roles: &[&Called]| -> Vec<String> {
        roles
            .iter()
            .map(|role| format!("`{}`", role.name))
            .collect()
    };
    match lacking.len() {
        0 => vec!["every role".to_owned()],
        1..=LACKING_MAX if having.len() > lacking.len() => {
            vec![format!("every role but {}", named(&lacking).join(" and "))]
        }
        _ => named(&having),
    }
}
