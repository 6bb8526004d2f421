//! Ordertrace: one binary, one role or all of them a process.
//!
//! This crate is the composition root: it reads the command line, connects the parts and stops them. What an order is,
//! how the log is written, how a view is built is in the crates beside it.

#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod allocator;
mod audit;
mod bench;
mod cli;
mod clock;
mod metrics;
mod openapi;
mod ops;
mod roles;
mod server;
mod shutdown;
mod telemetry;

use std::process::ExitCode;

use cli::{Cli, Role};
use ordertrace_nats::ConnectError;

/// The servers can't be reached; a mistake in the call is 2, as clap has it, and everything else 1.
const EXIT_UNREACHABLE: u8 = 4;

/// What was compared differs.
const EXIT_DIFFERENT: u8 = 3;

/// Ctrl-C, as shells have it.
const EXIT_INTERRUPTED: u8 = 130;

fn main() -> ExitCode {
    let cli = cli::parse();
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            if let Some(usage) = error.downcast_ref::<clap::Error>() {
                usage.exit();
            }
            eprintln!("error: {error:#}");
            exit_code(&error)
        }
    }
}

fn exit_code(error: &anyhow::Error) -> ExitCode {
    if let Some(failure) = error.downcast_ref::<audit::Failure>() {
        failure.exit_code().into()
    } else if is_unreachable(error) {
        EXIT_UNREACHABLE.into()
    } else if error.is::<ops::Differ>()
        || error.is::<ops::Mismatch>()
        || error.is::<audit::Refuted>()
    {
        EXIT_DIFFERENT.into()
    } else if error.is::<ops::GoesOn>() || error.is::<ops::Interrupted>() {
        EXIT_INTERRUPTED.into()
    } else {
        ExitCode::FAILURE
    }
}

fn is_unreachable(error: &anyhow::Error) -> bool {
    let nats = error.downcast_ref::<ConnectError>();
    matches!(nats, Some(ConnectError::Unreachable { .. })) || error.is::<ops::Unreachable>()
}

fn run(cli: Cli) -> anyhow::Result<()> {
    // One crypto provider for every part of the process that speaks TLS.
    let installed = rustls::crypto::aws_lc_rs::default_provider().install_default();
    anyhow::ensure!(installed.is_ok(), "another crypto provider was installed");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let result = match cli.role.unwrap_or(Role::Dev(cli.dev)) {
            Role::Dev(args) => roles::dev::run(args).await,
            Role::CommandApi(args) => roles::command_api::run(args).await,
            Role::Saga(args) => roles::saga::run(args).await,
            Role::Projections(args) => roles::projections::run(args).await,
            Role::Page(args) => roles::page::run(args).await,
            Role::PaymentSimulator(args) => roles::payment_simulator::run(args).await,
            Role::Audit(args) => audit::run(args).await,
            Role::Ops(args) => ops::run(args).await,
            Role::Bench(args) => bench::run(args).await,
        };
        telemetry::flush().await;
        result
    })
}
