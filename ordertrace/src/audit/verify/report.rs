//! What was verified, for people.

use std::fmt::Write as _;
use std::io::{self, Write as _};

use ordertrace_audit::{
    Cosigned, FilterText, Kept, Report, SignedCheckpoint, Signer, Subject, escaped,
};
use ordertrace_domain::Sequence;

use super::refuted::Refuted;

/// Prints it to the standard output. Whoever has read enough closes the pipe: that is no failure.
pub(in crate::audit) fn print(bytes: &[u8]) -> anyhow::Result<()> {
    match io::stdout().write_all(bytes) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// For people: what it is, who says so, what follows and what does not.
pub(super) fn text(name: &str, report: &Report) -> String {
    let mut text = String::new();
    let mut row = |title: &str, value: &str| {
        // A string takes whatever is written.
        let _ = writeln!(text, "{title:10}  {}", escaped(value));
    };
    row(verdict(report), &format!("{name}: {}", subject(report)));
    if report.subject != Subject::Checkpoint {
        row("events", &events(report));
    }
    row("log", &report.incarnation.to_string());
    if let Some(checkpoint) = &report.checkpoint {
        row("checkpoint", &named(checkpoint));
    }
    if let Some(newer) = newer(report) {
        row("newer", &newer);
    }
    row("signed by", &signed_by(report));
    for signer in report.signers.iter().skip(1) {
        row("renamed", &renamed(signer));
    }
    for cosigned in &report.cosigned {
        row("seen by", &seen_by(cosigned));
    }
    if report.kept == Kept::Consistent {
        row(
            "kept",
            match report.subject {
                Subject::Checkpoint => "it is over the same events as the checkpoint that was kept",
                _ => "it goes on from the checkpoint that was kept",
            },
        );
    }
    if let Some(digest) = report.digest {
        row(
            "digest",
            &format!("{digest}, of everything before it in the file"),
        );
    }
    if let Some(sha256) = report.sha256 {
        row("sha256", &sha256.to_string());
    }
    list(&mut text, "Shown", &report.shown());
    list(&mut text, "Not shown", &report.not_shown());
    text
}

/// The first word. Without a key everything agrees with itself, and nobody is shown to have said it.
fn verdict(report: &Report) -> &'static str {
    match &report.signed_by {
        _ if report.is_kept_unproven() => "NOT SHOWN",
        None => "consistent",
        Some(_) => "verified",
    }
}

fn list(text: &mut String, title: &str, sentences: &[&str]) {
    let _ = write!(text, "\n{title}:\n");
    for sentence in sentences {
        let _ = writeln!(text, "- {sentence}");
    }
}

fn subject(report: &Report) -> String {
    match &report.subject {
        Subject::Complete if report.checkpoint.is_none() => {
            "a complete export, without a checkpoint".to_owned()
        }
        Subject::Complete => "a complete export, up to its checkpoint".to_owned(),
        Subject::Part { from, to, filter } => {
            let filter = filter.as_ref().map_or_else(String::new, filtered);
            format!("an export of the positions {from} to {to}{filter}")
        }
        Subject::Bundle(order) => format!("all events of order {order}"),
        Subject::Checkpoint => "a checkpoint, and no events".to_owned(),
        Subject::Log { checkpoints } => {
            format!(
                "as it is stored, and its {}",
                counted(*checkpoints, "checkpoint")
            )
        }
    }
}

/// How many there are, of something with a plural in s.
fn counted(count: u64, what: &str) -> String {
    match count {
        1 => format!("1 {what}"),
        _ => format!("{count} {what}s"),
    }
}

/// What it is filtered by, as the command line has it.
fn filtered(filter: &FilterText) -> String {
    let FilterText {
        order,
        r#type,
        actor,
        customer,
        recorded_from,
        recorded_to,
    } = filter;
    let said = [
        ("order", order),
        ("type", r#type),
        ("actor", actor),
        ("customer", customer),
        ("from", recorded_from),
        ("to", recorded_to),
    ];
    let said = said
        .iter()
        .filter_map(|(name, value)| Some((name, value.as_ref()?)));
    let said: Vec<String> = said
        .map(|(name, value)| format!("{name} {value}"))
        .collect();
    format!(", filtered by {}", said.join(", "))
}

fn events(report: &Report) -> String {
    let Report { events, orders, .. } = report;
    match (report.first, report.last) {
        (Some(first), Some(last)) => {
            let orders = counted(*orders, "order");
            match first == last {
                true => format!("{events}, position {first}, of {orders}"),
                false => format!("{events}, positions {first} to {last}, of {orders}"),
            }
        }
        (None, _) | (_, None) => "none".to_owned(),
    }
}

fn named(checkpoint: &SignedCheckpoint) -> String {
    let checkpoint = checkpoint.checkpoint();
    format!("{} of {}", checkpoint.size, checkpoint.origin)
}

fn newer(report: &Report) -> Option<String> {
    match not_covered(report) {
        0 => None,
        count => Some(match &report.newest {
            None => format!(
                "{} after the checkpoint: nobody has signed for that yet",
                counted(count, "event")
            ),
            Some(newest) => format!(
                "{} after the checkpoint: the log has signed up to {}, and not all witnesses that were asked for have seen \
                 that",
                counted(count, "event"),
                newest.checkpoint().size
            ),
        }),
    }
}

/// Where the checkpoints go on under another name.
fn renamed(signer: &Signer) -> String {
    let Signer {
        origin,
        number,
        size,
    } = signer;
    format!("{origin} from checkpoint {number} on, at {size}")
}

/// How many events a log has after its last checkpoint.
pub(super) fn not_covered(report: &Report) -> u64 {
    match (&report.subject, &report.checkpoint) {
        (Subject::Log { .. }, Some(checkpoint)) => {
            let last = report.last.unwrap_or(Sequence::START);
            last.get()
                .saturating_sub(checkpoint.checkpoint().size.get())
        }
        _ => 0,
    }
}

fn signed_by(report: &Report) -> String {
    match (&report.signed_by, &report.checkpoint) {
        (Some(name), _) => name.clone(),
        (None, Some(_)) => "not checked: no key was given, so this is integrity only".to_owned(),
        (None, None) => "nobody: there is no checkpoint".to_owned(),
    }
}

fn seen_by(cosigned: &Cosigned) -> String {
    format!("{} at {}", cosigned.witness, cosigned.at)
}

/// For people: everything that is wrong, the first bad position first.
pub(super) fn refuted_text(name: &str, refuted: &Refuted) -> String {
    let mut text = format!("REFUTED     {name} is not what it says to be\n");
    if let Some(position) = refuted.first_position() {
        let _ = writeln!(text, "first bad   position {position}");
    }
    text.push('\n');
    for told in &refuted.findings {
        let _ = writeln!(text, "- {told} [{}]", told.code);
    }
    if refuted.omitted > 0 {
        let _ = writeln!(text, "- and {}", counted(refuted.omitted, "more finding"));
    }
    text
}
