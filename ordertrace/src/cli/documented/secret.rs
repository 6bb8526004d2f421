//! Which settings are secrets, or lead to one, and what has a variable only.
//!
//! A secret has no flag, for every user of a machine can read the words of a process; a file that holds one is named by
//! either.

use std::fmt::Write as _;

/// A variable that has no flag.
struct Bare {
    variable: &'static str,
    default: &'static str,
    what: &'static str,
    who: &'static str,
}

/// What is read by the program or its libraries without the command line. A test looks for others in the sources.
const BARE: [Bare; 5] = [
    Bare {
        variable: "ORDERTRACE_PAYMENT_PROVIDER_SECRET",
        default: "none",
        what: "The payment provider's secret key itself. **A secret:** prefer `--payment-provider-secret-file`",
        who: "`dev`, `saga`",
    },
    Bare {
        variable: "ORDERTRACE_AUDIT_KEY",
        default: "none",
        what: "The key that checkpoints are signed with itself. **A secret:** prefer `--audit-key-file`",
        who: "`audit serve`",
    },
    Bare {
        variable: "OTEL_EXPORTER_OTLP_HEADERS",
        default: "none",
        what: "Headers for the collector of traces, such as `authorization=…`. **A secret**",
        who: "every role",
    },
    Bare {
        variable: "OTEL_RESOURCE_ATTRIBUTES",
        default: "none",
        what: "What else is known of the place, in every span, such as `deployment.environment.name=production`",
        who: "every role",
    },
    Bare {
        variable: "NATS_SERVER_BIN",
        default: "one on the `PATH`, or one that is fetched",
        what: "The `nats-server` that is started for development",
        who: "`dev`",
    },
];

/// Settings that name a file with a secret in it.
pub(super) const FILES: [&str; 8] = [
    "ORDERTRACE_PAYMENT_PROVIDER_SECRET_FILE",
    "ORDERTRACE_AUDIT_KEY_FILE",
    "ORDERTRACE_WITNESS_KEY_FILE",
    "ORDERTRACE_SESSION_KEY_FILE",
    "ORDERTRACE_TOKEN_FILE",
    "NATS_NKEY_FILE",
    "NATS_CREDS_FILE",
    "NATS_TLS_KEY",
];

/// Settings that sound like secrets, and are none: public keys, and hashes of keys.
pub(super) const PUBLIC: [&str; 3] = [
    "ORDERTRACE_AUDIT_LOG_KEYS",
    "ORDERTRACE_WITNESS_LOG_KEYS",
    "ORDERTRACE_API_KEYS_FILE",
];

/// Words in the names of settings that sound like secrets.
pub(super) const SOUNDS: [&str; 6] = ["SECRET", "KEY", "TOKEN", "CREDS", "PASSWORD", "SEED"];

pub(super) fn bare() -> impl Iterator<Item = &'static str> {
    BARE.iter().map(|bare| bare.variable)
}

/// What is to be said of a setting that leads to a secret.
pub(super) fn remark(variable: &str) -> Option<&'static str> {
    FILES
        .contains(&variable)
        .then_some("**What is in the file is a secret**")
}

pub(super) fn table() -> String {
    let mut text =
        "## Variables without a flag\n\n| variable | default | what | who |\n|---|---|---|---|\n"
            .to_owned();
    for Bare {
        variable,
        default,
        what,
        who,
    } in BARE
    {
        writeln!(text, "| `{variable}` | {default} | {what} | {who} |").unwrap();
    }
    text
}
