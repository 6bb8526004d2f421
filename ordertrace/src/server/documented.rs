//! `docs/operations.md` lists the limits as they are: its tables are made here, of the settings and of the constants.

use std::{env, fs, path::PathBuf, time::Duration};

use clap::{Arg, Args as _, Command};

use super::{
    GRACE, guard::REQUEST_MAX, listener::BUFFER_BYTES_MAX, patience::WRITE_STALL_MAX,
    rate::CLIENTS_MAX,
};
use crate::{cli::ServerArgs, roles::STOP_MAX};

/// Set it to write the tables anew, and look at the difference.
const UPDATE: &str = "UPDATE_SNAPSHOTS";

const BEGIN: &str = "<!-- limits: made by a test -->\n";
const END: &str = "<!-- /limits -->\n";

/// What is answered beyond each setting.
const BEYOND: [(&str, &str); 15] = [
    ("http_head_timeout", "the connection is closed"),
    ("http_body_timeout", "408 `timeout`"),
    ("http_body_bytes", "413 `too-large`"),
    ("http_uri_bytes", "414 `uri-too-long`"),
    ("http_header_bytes", "431 `headers-too-large`"),
    (
        "http_header_fields",
        "431 without a body: nobody has read the request",
    ),
    (
        "http_connections",
        "the connection waits in the kernel's queue",
    ),
    (
        "http_requests",
        "503 `overloaded` after 250 ms, with `Retry-After`",
    ),
    ("http_rate", "429 `rate-limited` with `Retry-After`"),
    (
        "http_rate_anonymous",
        "429 `rate-limited` with `Retry-After`",
    ),
    (
        "http_rate_burst_secs",
        "429 `rate-limited` with `Retry-After`",
    ),
    ("http_streams", "503 `no-stream-free` with `Retry-After`"),
    (
        "http_streams_per_client",
        "429 `too-many-streams` with `Retry-After`",
    ),
    ("wedged_after", "`/livez` says 503"),
    ("drain_secs", "the port is closed"),
];

fn secs(duration: Duration) -> String {
    format!("{} s", duration.as_secs())
}

/// What has no setting, and why nobody needs one.
fn fixed() -> [(String, &'static str, &'static str); 5] {
    [
        (
            secs(REQUEST_MAX),
            "an answer; longer than whatever it waits for takes to give up",
            "503 `outcome-unknown`",
        ),
        (
            secs(WRITE_STALL_MAX),
            "how long a client may take nothing of its answer",
            "the connection is closed",
        ),
        (
            format!("{BUFFER_BYTES_MAX} bytes"),
            "what is read ahead of a connection",
            "414 or 431 without a body",
        ),
        (
            CLIENTS_MAX.to_string(),
            "clients whose rates are remembered",
            "the one that has not come for longest begins anew",
        ),
        (
            format!("{}, then {} in all", secs(GRACE), secs(STOP_MAX)),
            "answers under way at a stop, after the drain; then work in hand",
            "it is cut off: what was not acknowledged is done by the next process",
        ),
    ]
}

fn row(arg: &Arg) -> String {
    let id = arg.get_id().as_str();
    let flag = arg.get_long().unwrap();
    let variable = arg.get_env().unwrap().to_str().unwrap();
    let default = arg.get_default_values()[0].to_str().unwrap();
    let help = arg.get_long_help().or(arg.get_help()).unwrap();
    let beyond = BEYOND.iter().find(|(of, _)| *of == id);
    let (_, beyond) = beyond.unwrap_or_else(|| panic!("what is beyond {id}?"));
    format!("| `--{flag}`<br>`{variable}` | {default} | {help} | {beyond} |\n")
}

fn tables() -> String {
    let command = ServerArgs::augment_args(Command::new("role"));
    let rows: String = command.get_arguments().map(row).collect();
    let fixed = fixed();
    let fixed = fixed.iter();
    let fixed: String = fixed
        .map(|(much, of, beyond)| format!("| {much} | {of} | {beyond} |\n"))
        .collect();
    format!(
        "| setting | default | bounds | beyond it |\n|---|---|---|---|\n{rows}\n\
         These have no setting:\n\n| limit | bounds | beyond it |\n|---|---|---|\n{fixed}"
    )
}

#[test]
fn every_limit_is_documented_as_it_is() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/operations.md");
    let document = fs::read_to_string(&path).unwrap();
    let (before, rest) = document.split_once(BEGIN).unwrap();
    let (between, after) = rest.split_once(END).unwrap();
    if env::var_os(UPDATE).is_some() {
        fs::write(&path, [before, BEGIN, &tables(), END, after].concat()).unwrap();
        return;
    }
    assert_eq!(between, tables(), "{UPDATE}=1 writes it anew");
}
