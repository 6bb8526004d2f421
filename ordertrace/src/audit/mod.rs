//! `ordertrace audit`: the log as an auditor reads it, past all views.
//!
//! Invariant: nothing here writes to the log, or makes or changes anything beside it. Events go to the standard output or
//! into a file, everything else to the standard error stream. What is printed for people is shown, not proven.

mod api;
mod connect;
mod export;
mod failure;
mod file;
mod key;
mod progress;
mod prove;
mod replay;
mod resume;
mod selection;
mod sheet;
mod show;
mod table;
mod tail;
mod verify;
mod wrap;

pub(crate) use connect::{LogReader, connect, running_dev};
pub(crate) use failure::Failure;
pub(crate) use key::public_keys;
pub(crate) use verify::{Refuted, say_who_signed, trust, verify_restored};

use crate::cli::{AuditArgs, AuditCommand, LogArgs, LogFormat, TraceArgs};
use crate::{roles, telemetry};

/// What is worth a line beside the events: trouble with the log.
const LOG_FILTER: &str = "warn,async_nats=error";

/// Does what is asked for.
pub(crate) async fn run(args: AuditArgs) -> anyhow::Result<()> {
    match args.command {
        AuditCommand::Replay(args) => quietly(replay::run(args)).await,
        AuditCommand::Tail(args) => quietly(tail::run(args)).await,
        AuditCommand::Export(args) => quietly(export::run(args)).await,
        AuditCommand::Show(args) => quietly(show::run(args)).await,
        AuditCommand::Prove(args) => quietly(prove::run(args)).await,
        AuditCommand::Verify(args) => quietly(verify::run(args)).await,
        AuditCommand::Serve(args) => roles::audit::run(args).await,
        AuditCommand::Keygen(args) => roles::keys::generate(&args),
        AuditCommand::Witness(args) => roles::witness::run(args).await,
    }
}

/// A command that reads and ends has no log of its own to speak of.
async fn quietly(command: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
    let logs = LogArgs {
        log: LOG_FILTER.to_owned(),
        log_format: LogFormat::Pretty,
        traces: TraceArgs::default(),
    };
    telemetry::init(&logs, "audit")?;
    command.await
}
