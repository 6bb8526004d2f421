//! `ordertrace ops provision`: makes the streams and consumers, for roles that may not.

use anyhow::Context as _;
use ordertrace_nats::{Topology, TopologyOptions};
use serde_json::json;

use super::{print::Printer, reach};
use crate::cli::ProvisionArgs;

/// Makes what is missing; what is there is compared, and never changed.
pub(super) async fn run(printer: &Printer, args: ProvisionArgs) -> anyhow::Result<()> {
    let connection = reach::running(&args.nats, &args.data).await?;
    let topology = Topology::new(TopologyOptions {
        replicas: args.nats.nats_replicas.into(),
        events_bytes_max: None,
    });
    let provisioned = topology.ensure(&connection).await;
    let provisioned = provisioned.context("the streams are not as they should be")?;
    connection.drain().await;
    let sentence = match provisioned.made.as_slice() {
        [] => "everything is there already, as it should be".to_owned(),
        made => format!("made:\n  {}", made.join("\n  ")),
    };
    let incarnation = provisioned.incarnation.to_string();
    printer.done(
        &sentence,
        &json!({"made": provisioned.made, "incarnation": incarnation}),
    )
}
