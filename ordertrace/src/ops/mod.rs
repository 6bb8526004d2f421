//! `ordertrace ops`: what an operator sees and does, over the API of a running system.
//!
//! Invariant: nothing is changed without `--yes`. This is a client: it decides nothing, and knows no more than the API
//! says. Answers go to the standard output, everything else to the standard error stream.

mod client;
mod dlq;
mod print;
mod provider;
mod stuck;

pub(crate) use client::Unreachable;

use crate::cli::{OpsArgs, OpsCommand};
use client::Client;
use print::Printer;

/// What a failure among several means for the rest.
fn untouched(id: &str) -> String {
    format!("{id} was left as it is, and so were those after it")
}

/// Does what is asked for.
pub(crate) async fn run(args: OpsArgs) -> anyhow::Result<()> {
    let client = Client::new(&args.url)?;
    let printer = Printer::new(args.output);
    match args.command {
        OpsCommand::Dlq(command) => dlq::run(&client, &printer, command).await,
        OpsCommand::Stuck(command) => stuck::run(&client, &printer, command).await,
        OpsCommand::Provider => provider::run(&client, &printer).await,
    }
}
