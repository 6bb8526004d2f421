//! Parked messages.

use anyhow::Context as _;
use serde_json::{Value, json};

use super::{client::Client, print::Printer, untouched};
use crate::cli::{ConfirmArgs, DlqCommand};

const COLUMNS: [(&str, &str); 6] = [
    ("ID", "/id"),
    ("STATUS", "/status"),
    ("PARKED", "/parkedAt"),
    ("ORDER", "/orderId"),
    ("TRIES", "/attempts"),
    ("REASON", "/reason"),
];

const ROWS: [(&str, &str); 12] = [
    ("id", "/id"),
    ("order", "/orderId"),
    ("consumer", "/consumer"),
    ("position", "/position"),
    ("timer", "/timerSequence"),
    ("reason", "/reason"),
    ("tries", "/attempts"),
    ("parked", "/parkedAt"),
    ("status", "/status"),
    ("settled", "/settledAt"),
    ("by", "/settledBy"),
    ("because", "/discardReason"),
];

pub(super) async fn run(
    client: &Client,
    printer: &Printer,
    command: DlqCommand,
) -> anyhow::Result<()> {
    match command {
        DlqCommand::List { status, limit } => {
            let query = [("status", status.name())];
            let limit = limit.limit as usize;
            let path = ["ops", "dlq"];
            let letters = client.list(&path, &query, "deadLetters", limit).await?;
            printer.list(letters, &COLUMNS, "No such message is parked.")
        }
        DlqCommand::Show { id } => printer.one(&client.get(&["ops", "dlq", &id]).await?, &ROWS),
        DlqCommand::Retry { ids, confirm } => {
            let action = Action {
                name: "retry",
                would: "would have its order tried again",
                did: "its order is tried again",
                body: json!({}),
            };
            action.on_all(client, printer, &ids, confirm).await
        }
        DlqCommand::Discard {
            ids,
            reason,
            confirm,
        } => {
            let action = Action {
                name: "discard",
                would: "would be discarded",
                did: "is discarded",
                body: json!({ "reason": reason }),
            };
            action.on_all(client, printer, &ids, confirm).await
        }
    }
}

struct Action {
    name: &'static str,
    would: &'static str,
    did: &'static str,
    body: Value,
}

impl Action {
    /// The first that fails ends it: what came before was said.
    async fn on_all(
        &self,
        client: &Client,
        printer: &Printer,
        ids: &[String],
        confirm: ConfirmArgs,
    ) -> anyhow::Result<()> {
        let mut body = self.body.clone();
        body["dryRun"] = json!(!confirm.yes);
        for id in ids {
            let answer = client.post(&["ops", "dlq", id, self.name], &body).await;
            let answer = answer.with_context(|| untouched(id))?;
            let sentence = if confirm.yes {
                format!("{id} {}", self.did)
            } else {
                format!("{id} {}; --yes does it", self.would)
            };
            printer.done(&sentence, &answer)?;
        }
        Ok(())
    }
}
