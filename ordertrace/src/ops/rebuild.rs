//! A rebuild of the read models: begun, watched to its end, and judged by what it came to.

use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use serde_json::{Value, json};

use super::{client::Client, print::Printer, rebuild_progress::Progress};
use crate::cli::RebuildArgs;

const PATH: [&str; 2] = ["ops", "rebuild"];

/// What to say when the server does not answer any more.
const LOST_SIGHT: &str =
    "the rebuild goes on unless the server has stopped; `ordertrace ops rebuild --watch` shows it";

/// How often to ask how it stands.
const ASK_EVERY: Duration = Duration::from_millis(200);

const ROWS: [(&str, &str); 13] = [
    ("state", "/state"),
    ("why", "/reason"),
    ("begun", "/startedAt"),
    ("ended", "/endedAt"),
    ("failure", "/failure"),
    ("compared at", "/comparison/position"),
    ("equal", "/comparison/isEqual"),
    ("differences", "/comparison/differencesFound"),
    ("orders, live", "/comparison/live/orders"),
    ("orders, rebuilt", "/comparison/rebuilt/orders"),
    ("revision, rebuilt", "/comparison/rebuilt/revision"),
    ("digest, live", "/comparison/live/digest"),
    ("digest, rebuilt", "/comparison/rebuilt/digest"),
];

const DIFFERENCES: [(&str, &str); 3] =
    [("KEY", "/key"), ("LIVE", "/live"), ("REBUILT", "/rebuilt")];

/// The rebuilt read models are not those that answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Differ {
    /// It was only to be compared.
    #[error("they differ")]
    AsCompared,
    /// Nobody has said that it does not matter.
    #[error(
        "they differ, so those that answered are kept; find out why, and --yes switches all the same"
    )]
    AndAreKept,
}

/// Whoever watched has gone.
#[derive(Debug, thiserror::Error)]
#[error("the rebuild goes on; `ordertrace ops rebuild --watch` shows it")]
pub(crate) struct GoesOn;

pub(super) async fn run(
    client: &Client,
    printer: &Printer,
    args: RebuildArgs,
) -> anyhow::Result<()> {
    let begun = if args.watch {
        client.get(&PATH).await?
    } else {
        let body = json!({"dryRun": args.dry_run, "switchDespiteDifferences": args.yes});
        client.post(&PATH, &body).await?
    };
    let mut progress = Progress::start();
    let ended = tokio::select! {
        ended = watched(client, begun, &mut progress) => ended,
        interrupted = tokio::signal::ctrl_c() => Err(interrupted.err().map_or(GoesOn.into(), Into::into)),
    };
    progress.finish();
    let ended = ended?;
    printer.one(&ended, &ROWS)?;
    let differences = ended.pointer("/comparison/differences");
    let differences = differences.and_then(Value::as_array);
    if let Some(differences) = differences.filter(|differences| !differences.is_empty()) {
        printer.rows(differences, &DIFFERENCES)?;
    }
    judge(&ended)
}

/// Waits for the end of a rebuild: as long as it takes, for its end is the server's to say.
async fn watched(client: &Client, begun: Value, progress: &mut Progress) -> anyhow::Result<Value> {
    let mut rebuild = begun;
    while matches!(rebuild["state"].as_str(), Some("reading" | "comparing")) {
        progress.show(&rebuild);
        tokio::time::sleep(ASK_EVERY).await;
        let now = client.get(&PATH).await.context(LOST_SIGHT)?;
        if now["startedAt"] != rebuild["startedAt"] {
            bail!(
                "another rebuild runs there now: this one has ended, or the server was started anew; `ordertrace ops rebuild --watch` shows the other one"
            );
        }
        rebuild = now;
    }
    Ok(rebuild)
}

fn judge(ended: &Value) -> anyhow::Result<()> {
    let is_equal = ended.pointer("/comparison/isEqual") == Some(&Value::Bool(true));
    match ended["state"].as_str() {
        Some("none" | "switched") => Ok(()),
        Some("compared") if is_equal => Ok(()),
        Some("compared") => Err(Differ::AsCompared.into()),
        Some("kept") => Err(Differ::AndAreKept.into()),
        Some("failed") => Err(anyhow!("the rebuild has failed, and nothing was changed")),
        other => Err(anyhow!("the server says that the rebuild is {other:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(state: &str, is_equal: bool) -> anyhow::Result<()> {
        judge(&json!({"state": state, "comparison": {"isEqual": is_equal}}))
    }

    #[test]
    fn what_was_switched_to_or_is_equal_is_a_success() {
        ended("switched", true).unwrap();
        ended("switched", false).unwrap();
        ended("compared", true).unwrap();
        judge(&json!({"state": "none"})).unwrap();
    }

    #[test]
    fn a_difference_is_told_from_a_failure() {
        for state in ["compared", "kept"] {
            assert!(ended(state, false).unwrap_err().is::<Differ>(), "{state}");
        }
        for state in ["failed", "unheard-of"] {
            assert!(!ended(state, false).unwrap_err().is::<Differ>(), "{state}");
        }
    }
}
