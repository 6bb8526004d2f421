//! What is wrong with a call that only shows once its parts are put together; said as clap says it.
//!
//! Invariant: it ends as clap's own errors do, with the usage of the subcommand that was called, and with exit code 2.

use std::{env, ffi::OsString};

use clap::{CommandFactory as _, error::ErrorKind};

use super::Cli;

/// The error to give back for this process's call.
pub(crate) fn wrong(what: &str) -> clap::Error {
    wrong_in(env::args_os(), what)
}

/// The same for the call that these words are. What clap can't read at all is told with the usage of the whole program.
fn wrong_in(words: impl IntoIterator<Item = OsString>, what: &str) -> clap::Error {
    let mut command = Cli::command();
    // This gives every subcommand its whole name, which its usage begins with.
    command.build();
    let read = command.clone().try_get_matches_from(words);
    let mut called = &command;
    let mut matches = read.as_ref().ok();
    while let Some((name, inner)) = matches.and_then(|matches| matches.subcommand())
        && let Some(subcommand) = called.find_subcommand(name)
    {
        (called, matches) = (subcommand, Some(inner));
    }
    called.clone().error(ErrorKind::ValueValidation, what)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn told(line: &str) -> String {
        let words = line.split(' ').map(OsString::from);
        wrong_in(words, "--flag: it can't be so").to_string()
    }

    #[rstest]
    #[case("ordertrace", "Usage: ordertrace [OPTIONS]")]
    #[case("ordertrace --listen 127.0.0.1:0", "Usage: ordertrace [OPTIONS]")]
    #[case("ordertrace saga --nats-tls", "Usage: ordertrace saga [OPTIONS]")]
    #[case(
        "ordertrace audit verify x.json",
        "Usage: ordertrace audit verify [OPTIONS] [FILE]"
    )]
    #[case(
        "ordertrace ops dlq retry saga.1 --yes",
        "Usage: ordertrace ops dlq retry [OPTIONS] <IDS>..."
    )]
    #[case("ordertrace no-such-role", "Usage: ordertrace [OPTIONS]")]
    fn a_wrong_call_is_told_with_the_usage_of_what_was_called(
        #[case] line: &str,
        #[case] usage: &str,
    ) {
        let told = told(line);
        assert!(
            told.starts_with("error: --flag: it can't be so\n"),
            "{told}"
        );
        assert!(
            told.lines()
                .any(|line| line == usage || line.starts_with(&format!("{usage} "))),
            "{told}"
        );
        assert!(told.contains("--help"), "{told}");
    }

    #[test]
    fn a_wrong_call_exits_with_2() {
        let error = wrong_in([OsString::from("ordertrace")], "it can't be so");
        assert_eq!(error.exit_code(), 2);
    }
}
