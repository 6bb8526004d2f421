//! `ordertrace ops`: what an operator sees and does, over the API of a running system.
//!
//! Invariant: nothing that anybody sees is changed without `--yes`. This is a client: it decides nothing, and knows no more than the API
//! says; but `backup` and `restore` go to NATS itself, for they have to work when no role runs, and `apikey` to a file. Answers go to the standard
//! output, everything else to the standard error stream.

mod client;
mod dlq;
mod print;
mod provider;
mod rebuild;
mod rebuild_progress;
mod stuck;
mod views;

mod apikey;
mod backup;
mod doctor;
mod nats_config;
mod provision;
mod reach;
mod restore;

pub(crate) use client::Unreachable;
pub(crate) use rebuild::{Differ, GoesOn};
pub(crate) use restore::Mismatch;

use crate::cli::{OpsArgs, OpsCommand};
use client::Client;
use print::Printer;

/// Ctrl-C, and what that leaves.
#[derive(Debug, thiserror::Error)]
#[error("interrupted: {0}")]
pub(crate) struct Interrupted(&'static str);

/// What a failure among several means for the rest.
fn untouched(id: &str) -> String {
    format!("{id} was left as it is, and so were those after it")
}

/// Does what is asked for.
pub(crate) async fn run(args: OpsArgs) -> anyhow::Result<()> {
    let client = Client::new(&args.api)?;
    let printer = Printer::new(args.output);
    match args.command {
        OpsCommand::Dlq(command) => dlq::run(&client, &printer, command).await,
        OpsCommand::Stuck(command) => stuck::run(&client, &printer, command).await,
        OpsCommand::Provider => provider::run(&client, &printer).await,
        OpsCommand::Views => views::run(&client, &printer).await,
        OpsCommand::Rebuild(args) => rebuild::run(&client, &printer, args).await,
        OpsCommand::Backup(args) => backup::run(&printer, args).await,
        OpsCommand::Restore(args) => restore::run(&printer, args).await,
        OpsCommand::Apikey(command) => apikey::run(&printer, command),
        OpsCommand::Provision(args) => provision::run(&printer, args).await,
        OpsCommand::NatsConfig(args) => nats_config::run(&printer, &args),
        OpsCommand::Doctor(args) => doctor::run(&printer, args).await,
    }
}
