//! `docs/settings.md` lists every setting there is: its tables are made here, of the command line itself.
//!
//! A setting is what an environment variable sets. One variable means one thing: the same flag, default and words wherever it
//! is taken, but for the few in [`VARIES`].

mod commands;
mod rules;
mod secret;
mod table;

use std::{collections::BTreeSet, env, fs, path::PathBuf};

use clap::{Arg, Command, CommandFactory as _};

use super::Cli;

/// Set it to write the tables anew, and look at the difference.
const UPDATE: &str = "UPDATE_DOCS";

const BEGIN: &str =
    "<!-- settings: written by the test `every_setting_is_documented_as_it_is` -->\n";
const END: &str = "<!-- /settings -->\n";

/// Clap's own, which every command has.
const OF_CLAP: [&str; 2] = ["help", "version"];

/// The variables that mean something else in another command, and why they may.
const VARIES: [(&str, &str); 4] = [
    ("ORDERTRACE_LISTEN", "each role has a port of its own"),
    (
        "ORDERTRACE_URL",
        "what is asked for there is another role's",
    ),
    (
        "NATS_URL",
        "`dev` and what reads a log without a role find it elsewhere",
    ),
    (
        "ORDERTRACE_API_KEYS_FILE",
        "roles read the file that `ops apikey` writes",
    ),
];

/// The heading of what an operator's commands have of their own.
const OF_A_COMMAND: &str = "Of commands";

/// One command that does something, with its arguments.
struct Called {
    /// Its name: `audit serve`.
    name: String,
    args: Vec<Arg>,
}

impl Called {
    /// Whether it is a role: it listens, and goes on until it is told to stop.
    fn is_role(&self) -> bool {
        self.args
            .iter()
            .any(|arg| variable(arg) == Some("ORDERTRACE_LISTEN"))
    }

    /// Where the setting stands: in the help, what has no heading is the command's own.
    fn heading<'a>(&self, arg: &'a Arg) -> &'a str {
        let of_its_own = if self.is_role() {
            "Of one role"
        } else {
            OF_A_COMMAND
        };
        arg.get_help_heading().unwrap_or(of_its_own)
    }

    fn settings(&self) -> impl Iterator<Item = &Arg> {
        self.args.iter().filter(|arg| variable(arg).is_some())
    }
}

/// All commands, in the order in which the help lists them.
fn commands() -> Vec<Called> {
    let mut root = Cli::command();
    root.build();
    let mut found = Vec::new();
    for command in root.get_subcommands() {
        walk(command, "", &mut found);
    }
    assert!(found.iter().any(Called::is_role), "no role was found");
    found
}

fn walk(command: &Command, before: &str, found: &mut Vec<Called>) {
    if command.get_name() == "help" {
        return;
    }
    let name = format!("{before}{}", command.get_name());
    if command.has_subcommands() {
        let before = format!("{name} ");
        for inner in command.get_subcommands() {
            walk(inner, &before, found);
        }
        return;
    }
    let is_own = |arg: &&Arg| !arg.is_hide_set() && !OF_CLAP.contains(&arg.get_id().as_str());
    let args = command.get_arguments().filter(is_own).cloned().collect();
    found.push(Called { name, args });
}

fn variable(arg: &Arg) -> Option<&str> {
    arg.get_env().map(|name| name.to_str().unwrap())
}

/// What the help says of it, in one line.
fn help(arg: &Arg) -> String {
    let help = arg.get_long_help().or(arg.get_help());
    let help = help.map(ToString::to_string).unwrap_or_default();
    help.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What it is if nobody says anything, as clap has it.
fn default(arg: &Arg) -> Option<String> {
    let values = arg.get_default_values().iter();
    let values: Vec<_> = values.map(|value| value.to_str().unwrap()).collect();
    let takes_value = arg.get_action().takes_values();
    (takes_value && !values.is_empty()).then(|| values.join(","))
}

/// Every variable that some command takes.
fn variables(commands: &[Called]) -> BTreeSet<String> {
    let settings = commands.iter().flat_map(Called::settings);
    settings.filter_map(variable).map(str::to_owned).collect()
}

#[test]
fn every_setting_is_documented_as_it_is() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/settings.md");
    let document = fs::read_to_string(&path).unwrap();
    let (before, rest) = document.split_once(BEGIN).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    let wanted = [
        before,
        BEGIN,
        "\n",
        &table::tables(&commands()),
        "\n",
        END,
        after,
    ]
    .concat();
    if env::var_os(UPDATE).is_some() {
        fs::write(&path, &wanted).unwrap();
        return;
    }
    assert!(
        document == wanted,
        "{UPDATE}=1 writes docs/settings.md anew"
    );
}
