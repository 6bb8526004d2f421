//! `ordertrace ops provision`: makes the streams and consumers, for roles that may not.

use anyhow::Context as _;
use serde_json::json;

use super::{print::Printer, reach};
use crate::cli::ProvisionArgs;

/// Makes what is missing; what is there is compared, and never changed.
pub(super) async fn run(printer: &Printer, args: ProvisionArgs) -> anyhow::Result<()> {
    let connection = reach::running(&args.nats, &args.data).await?;
    let provisioned = args.nats.topology().ensure(&connection).await;
    let provisioned = provisioned.context("the streams are not as they should be")?;
    connection.drain().await;
    let incarnation = provisioned.incarnation.to_string();
    let differing = provisioned.tolerated.iter().map(ToString::to_string);
    let differing: Vec<String> = differing.collect();
    printer.done(
        &sentence(&provisioned.made, &differing),
        &json!({"made": provisioned.made, "differing": differing, "incarnation": incarnation}),
    )
}

/// A difference that keeps no role from starting is for a person to look at: nothing that is there is changed here.
fn sentence(made: &[String], differing: &[String]) -> String {
    match (made, differing) {
        ([], []) => "everything is there already, as it should be".to_owned(),
        ([], _) => format!(
            "everything is there already, but not as declared:\n  {}",
            differing.join("\n  ")
        ),
        (_, []) => format!("made:\n  {}", made.join("\n  ")),
        _ => format!(
            "made:\n  {}\nnot as declared:\n  {}",
            made.join("\n  "),
            differing.join("\n  ")
        ),
    }
}
