//! `ordertrace bench`: measurements of the whole program, and the data they are made on.
//!
//! Invariant: a figure is never given alone. Beside it stands what the same machine does in the same minute with nothing
//! of ours in between, and how many runs it is the median of.

mod append;
mod audit;
mod dice;
mod figure;
mod http;
mod lag;
mod load;
mod orders;
mod pages;
mod rebuild;
mod role;
mod scratch;
mod times;

use crate::cli::{BenchArgs, BenchCommand};

/// Does what is asked for.
pub(crate) async fn run(args: BenchArgs) -> anyhow::Result<()> {
    match args.command {
        BenchCommand::Append(args) => append::run(args).await,
        BenchCommand::Http(args) => http::run(args).await,
        BenchCommand::Lag(args) => lag::run(args).await,
        BenchCommand::Rebuild(args) => rebuild::run(args).await,
        BenchCommand::Load(args) => load::run(args).await,
        BenchCommand::Pages(args) => pages::run(args).await,
        BenchCommand::Audit(args) => audit::run(args).await,
    }
}
