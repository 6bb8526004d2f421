//! The command line: what `--help` says, and what is no usage.

use std::path::PathBuf;

use crate::harness::Program;

/// Set it to write the snapshots anew, and look at the difference.
const UPDATE: &str = "UPDATE_SNAPSHOTS";

const ROLES: [&str; 9] = [
    "dev",
    "command-api",
    "saga",
    "projections",
    "page",
    "payment-simulator",
    "audit",
    "ops",
    "bench",
];

/// What an auditor can ask for; each has more settings than its group shows.
const AUDIT: [&str; 8] = [
    "replay", "tail", "export", "show", "prove", "verify", "serve", "keygen",
];

async fn assert_help_is(name: &str, args: &[&str]) {
    let mut program = Program::run(args).await;
    assert_eq!(program.code(), Some(0));
    assert_eq!(program.stderr(), "");
    let help = program.stdout();
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/snapshots");
    let path = folder.join(format!("{name}.txt"));
    if std::env::var_os(UPDATE).is_some() {
        std::fs::write(&path, &help).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        help, expected,
        "{name} says something else; {UPDATE}=1 takes it over"
    );
}

#[tokio::test]
async fn help_says_what_the_program_is_and_how_it_is_used() {
    assert_help_is("help", &["--help"]).await;
    assert_help_is("help-short", &["-h"]).await;
}

#[tokio::test]
async fn every_role_has_help_of_its_own() {
    for role in ROLES {
        assert_help_is(&format!("help-{role}"), &[role, "--help"]).await;
    }
    for command in AUDIT {
        let name = format!("help-audit-{command}");
        assert_help_is(&name, &["audit", command, "--help"]).await;
    }
    // What deploy/ runs of an operator's: its settings are compared with this.
    assert_help_is("help-ops-provision", &["ops", "provision", "--help"]).await;
}

#[tokio::test]
async fn no_line_of_help_is_wider_than_a_terminal() {
    let roles = ROLES.map(|role| vec![role, "--help"]);
    let audit = AUDIT.map(|command| vec!["audit", command, "--help"]);
    for words in roles.into_iter().chain(audit) {
        let help = Program::run(words).await.stdout();
        let widest = help.lines().map(|line| line.chars().count()).max();
        assert!(
            widest.is_some_and(|columns| columns <= 100),
            "{widest:?} columns:\n{help}"
        );
    }
}

#[tokio::test]
async fn the_version_is_that_of_the_package() {
    let mut program = Program::run(["--version"]).await;
    assert_eq!(program.code(), Some(0));
    assert_eq!(
        program.stdout(),
        format!("ordertrace {}\n", env!("CARGO_PKG_VERSION"))
    );
}

#[tokio::test]
async fn what_is_no_usage_exits_with_2_and_a_hint() {
    let wrong: [&[&str]; 12] = [
        &["--no-such-flag"],
        &["no-such-role"],
        &["dev", "--listen", "nowhere"],
        &["dev", "--currency", "EURO"],
        &["saga", "--payment-deadline", "soon"],
        &["saga", "--payment-deadline", "0s"],
        &["saga", "--payment-provider-timeout", "9s"],
        &["command-api", "--nats-replicas", "2"],
        &["ops", "dlq", "retry"],
        &["ops", "dlq", "discard", "saga.1"],
        &["ops", "rebuild", "--dry-run", "--yes"],
        &["ops", "rebuild", "--watch", "--yes"],
    ];
    for args in wrong {
        let mut program = Program::run(args.iter()).await;
        assert_eq!(program.code(), Some(2), "{args:?}");
        let told = program.stderr();
        assert!(
            told.starts_with("error: ") && told.contains("--help"),
            "{told}"
        );
        assert_eq!(program.stdout(), "");
    }
}

#[tokio::test]
async fn a_log_filter_that_is_none_is_told_before_anything_starts() {
    let mut program = Program::run(["dev", "--listen", "127.0.0.1:0", "--log", "=,="]).await;
    assert!(program.code().is_some_and(|code| code != 0));
    assert!(program.stderr().contains("--log"), "{}", program.stderr());
}
