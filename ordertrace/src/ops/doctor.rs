//! `ordertrace ops doctor`: looks a deployment over and says what to mend.

use ordertrace_nats::doctor::{Finding, Observations, Severity, findings};

use super::print::{Printer, shown};
use super::reach;
use crate::cli::DoctorArgs;

/// There is something to mend; it was printed.
#[derive(Debug, thiserror::Error)]
#[error("{} to be mended", counted(*.0))]
struct Ailing(usize);

fn counted(count: usize) -> String {
    match count {
        1 => "one thing is".to_owned(),
        _ => format!("{count} things are"),
    }
}

/// Looks, and changes nothing.
pub(super) async fn run(printer: &Printer, args: DoctorArgs) -> anyhow::Result<()> {
    let role = args.role.into();
    let (connection, monitoring) = reach::looked_at(&args.nats, &args.data, role).await?;
    let seen = Observations::of(&connection, &monitoring, &args.nats.topology()).await?;
    connection.drain().await;
    let found = findings(&seen, role);
    printer.done(&told(&found), &serde_json::to_value(&found)?)?;
    match found.len() {
        0 => Ok(()),
        count => Err(Ailing(count).into()),
    }
}

/// The findings for people, one below the other: sentences do not fit into columns.
fn told(findings: &[Finding]) -> String {
    if findings.is_empty() {
        return "everything is as it should be".to_owned();
    }
    let each = findings.iter().map(|finding| {
        let severity = match finding.severity {
            Severity::Critical => "CRITICAL",
            Severity::Warning => "WARNING ",
        };
        let text = |text: &str| shown(&text.into());
        format!(
            "{severity}  {}\n          {}\n          Do: {}",
            text(&finding.object),
            text(&finding.found),
            text(&finding.remedy)
        )
    });
    each.collect::<Vec<_>>().join("\n\n")
}
