//! Stuck orders.

use anyhow::Context as _;
use serde_json::{Value, json};

use super::{client::Client, print::Printer, untouched};
use crate::cli::{ConfirmArgs, StuckCommand};

const COLUMNS: [(&str, &str); 6] = [
    ("ORDER", "/orderId"),
    ("REASON", "/reason"),
    ("STATE", "/state"),
    ("VERSION", "/version"),
    ("CHANGED", "/changedAt"),
    ("PROVIDER REF", "/providerRef"),
];

const ROWS: [(&str, &str); 9] = [
    ("order", "/orderId"),
    ("stuck", "/stuck"),
    ("reason", "/reason"),
    ("state", "/state"),
    ("version", "/version"),
    ("idle (s)", "/idleSeconds"),
    ("provider ref", "/payment/providerRef"),
    ("why", "/payment/why"),
    ("advice", "/advice"),
];

const EVENTS: [(&str, &str); 3] = [
    ("VERSION", "/version"),
    ("TIME", "/time"),
    ("EVENT", "/type"),
];

pub(super) async fn run(
    client: &Client,
    printer: &Printer,
    command: StuckCommand,
) -> anyhow::Result<()> {
    match command {
        StuckCommand::List { reason, limit } => {
            let query = reason.as_deref().map(|reason| ("reason", reason));
            let query = Vec::from_iter(query);
            let limit = limit.limit as usize;
            let path = ["ops", "stuck"];
            let orders = client.list(&path, &query, "stuckOrders", limit).await?;
            printer.list(orders, &COLUMNS, "No order is stuck.")
        }
        StuckCommand::Show { order } => {
            let found = client.get(&["ops", "stuck", &order]).await?;
            printer.one(&found, &ROWS)?;
            let timeline = found.get("timeline").and_then(Value::as_array);
            printer.rows(timeline.map_or(&[][..], Vec::as_slice), &EVENTS)
        }
        StuckCommand::Resume { orders, confirm } => resume(client, printer, &orders, confirm).await,
    }
}

/// The first that fails ends it: what came before was said.
async fn resume(
    client: &Client,
    printer: &Printer,
    orders: &[String],
    confirm: ConfirmArgs,
) -> anyhow::Result<()> {
    let body = json!({ "dryRun": !confirm.yes });
    for order in orders {
        let path = ["ops", "stuck", order, "resume"];
        let answer = client.post(&path, &body).await;
        let answer = answer.with_context(|| untouched(order))?;
        let sentence = if confirm.yes {
            format!("{order} is tried again")
        } else {
            let advice = answer.get("advice").and_then(Value::as_str);
            let advice = advice.unwrap_or_default();
            format!("{order} would be tried again; --yes does it. {advice}")
        };
        printer.done(&sentence, &answer)?;
    }
    Ok(())
}
