//! A story on the standard output: for people, or in JSON.

use std::fmt::{self, Write as _};
use std::io::{self, Write as _};

use ordertrace_audit::{Readable, escaped, write_json};
use ordertrace_domain::{Actor, ActorKind, Record};
use serde::Serialize;

use super::story::{Step, Story};
use super::words::ordered;
use crate::audit::{
    LogReader,
    wrap::{columns, wrapped},
};

/// Further lines of a step stand under its time.
const INDENT: usize = 5;

/// With less room than this, what happened has lines of its own, under who did it and when.
const STEP_COLUMNS_MIN: usize = 120;

/// For people: a line a step, or two where the terminal is narrow.
pub(super) fn text(story: &Story, records: &[Record], log: &LogReader) -> anyhow::Result<()> {
    let columns = columns();
    let text = told(story, records, log, columns)?;
    let lines = text.lines().map(|line| wrapped(line, columns, INDENT));
    let lines: Vec<String> = lines.collect();
    write(format!("{}\n", lines.join("\n")).as_bytes())
}

fn told(
    story: &Story,
    records: &[Record],
    log: &LogReader,
    columns: usize,
) -> Result<String, fmt::Error> {
    let mut text = String::new();
    writeln!(text, "Order {}", story.order_id)?;
    if let Some(order) = story.state.order() {
        let placed = &order.placed;
        writeln!(
            text,
            "{}; ordered by {}",
            escaped(&ordered(placed)),
            escaped(placed.customer_id.as_str())
        )?;
    }
    text.push('\n');
    for (record, (_, step)) in records.iter().zip(&story.steps) {
        text.push_str(&line(record, step, columns));
    }
    text.push('\n');
    writeln!(text, "{}", standing(story, records, log))?;
    writeln!(text, "{}", chain(story))?;
    Ok(text)
}

fn line(record: &Record, step: &Step, columns: usize) -> String {
    let (version, who) = match &step.reading {
        Ok(recorded) => {
            let envelope = &recorded.event.envelope;
            (envelope.version.to_string(), actor(&envelope.actor))
        }
        Err(_) => ("?".to_owned(), "?".to_owned()),
    };
    let what = match &step.told {
        Ok(told) => told.clone(),
        Err(fault) => format!("NOT the order's next event: {fault}"),
    };
    let state = step.state.map_or_else(
        || "nothing yet".to_owned(),
        |(state, status)| format!("{state} ({status})"),
    );
    let time = record.recorded_at.to_timestamp().to_utc();
    let (time, who, what) = (
        time.format("%Y-%m-%d %H:%M:%S%.3f"),
        escaped(&who),
        escaped(&what),
    );
    let at = record.sequence;
    if columns < STEP_COLUMNS_MIN {
        format!("{version:>3}  {time} UTC  at {at}  {who}\n     {what}  → {state}\n")
    } else {
        format!("{version:>3}  {time} UTC  at {at:<8}  {who:<20}  {what}  → {state}\n")
    }
}

/// Who, as people call them.
fn actor(actor: &Actor) -> String {
    match actor.kind {
        ActorKind::Anonymous => "anonymous".to_owned(),
        ActorKind::System => format!("the {}", actor.id),
        ActorKind::Customer | ActorKind::Courier | ActorKind::Operator => {
            format!("{} {}", actor.kind.name(), actor.id)
        }
    }
}

fn standing(story: &Story, records: &[Record], log: &LogReader) -> String {
    let Some((state, status)) = story.words() else {
        return "It was never placed.".to_owned();
    };
    let position = records.last().map(|last| log.position(last.sequence));
    format!(
        "It stands at version {}, position {}: {state} ({status}).",
        story.state.version(),
        position.map_or_else(String::new, |position| position.to_string())
    )
}

fn chain(story: &Story) -> String {
    match story.first_fault() {
        Some((sequence, _)) => format!(
            "The chain is broken at position {sequence}. What does not follow was left out of account."
        ),
        None => format!(
            "The chain is whole: each of its {} events is linked to the bytes of the one before it. That none is missing at \
             the end, and that this is the log, is not shown here: `ordertrace audit prove` does that.",
            story.steps.len()
        ),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StoryJson<'a> {
    order_id: String,
    version: u64,
    position: Option<String>,
    state: Option<&'static str>,
    status: Option<&'static str>,
    chain: ChainJson<'a>,
    steps: Vec<StepJson<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ChainJson<'a> {
    is_whole: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    broken_at: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<&'a str>,
}

#[derive(Serialize)]
struct StepJson<'a> {
    event: Readable<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    told: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<&'a str>,
    state: Option<&'static str>,
    status: Option<&'static str>,
}

/// For programs: one object.
pub(super) fn json(story: &Story, records: &[Record], log: &LogReader) -> anyhow::Result<()> {
    let words = story.words();
    let fault = story.first_fault();
    let shown = StoryJson {
        order_id: story.order_id.to_string(),
        version: story.state.version().get(),
        position: records
            .last()
            .map(|last| log.position(last.sequence).to_string()),
        state: words.map(|(state, _)| state),
        status: words.map(|(_, status)| status),
        chain: ChainJson {
            is_whole: fault.is_none(),
            broken_at: fault.map(|(sequence, _)| sequence.get()),
            fault: fault.map(|(_, fault)| fault),
        },
        steps: records
            .iter()
            .zip(&story.steps)
            .map(|(record, (_, step))| step_json(record, step, log))
            .collect(),
    };
    let mut text = Vec::new();
    write_json(&shown, &mut text);
    text.push(b'\n');
    write(&text)
}

fn step_json<'a>(record: &'a Record, step: &'a Step, log: &LogReader) -> StepJson<'a> {
    StepJson {
        event: Readable::of(record, &step.reading, log.incarnation()),
        told: step.told.as_deref().ok(),
        fault: step.told.as_ref().err().map(String::as_str),
        state: step.state.map(|(state, _)| state),
        status: step.state.map(|(_, status)| status),
    }
}

/// Whoever has read enough closes the pipe: that is no failure.
fn write(text: &[u8]) -> anyhow::Result<()> {
    match io::stdout().write_all(text) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        Ok(()) | Err(_) => Ok(()),
    }
}
