//! `audit show`: what happened to an order, as a person would tell it, with what it had come to at each step.
//!
//! Invariant: the story is the fold of the stored events, checked one by one: an event that is not its order's next is told,
//! and moves nothing.

mod print;
mod story;
mod words;

use futures::TryStreamExt as _;
use ordertrace_audit::{Filter, FilterRequest, InvalidFilter};
use ordertrace_domain::{OrderId, Record, Records as _, Sequence, Span, Timestamp};

use super::{Failure, LogReader};
use crate::cli::{self, Output, ShowArgs};
use story::Story;

/// More records than an order may have events; so many on one subject were written by somebody else, and the rest is not read.
const RECORDS_MAX: usize = 10_000;

/// The moment as of which the order is shown.
enum Moment {
    Now,
    Time(Timestamp),
    Position(Filter),
}

pub(super) async fn run(args: ShowArgs) -> anyhow::Result<()> {
    let order = OrderId::parse(&args.order);
    let order = order.map_err(|invalid| cli::wrong(&format!("ORDER: {invalid}")))?;
    let moment = moment(args.at.as_deref())?;
    let log = LogReader::open(&args.source).await?;
    let records = read(&log, order, &moment).await?;
    if records.is_empty() {
        let when = args.at.as_deref().map(|at| format!(" as of {at}"));
        anyhow::bail!("there is no order {order}{}", when.unwrap_or_default());
    }
    let story = Story::of(order, &records);
    match args.output {
        Output::Table => print::text(&story, &records, &log)?,
        Output::Json => print::json(&story, &records, &log)?,
    }
    match story.first_fault() {
        None => Ok(()),
        Some((sequence, fault)) => Err(Failure::Mismatch(format!(
            "the chain of this order is broken: position {sequence}: {fault}"
        ))
        .into()),
    }
}

fn moment(at: Option<&str>) -> Result<Moment, clap::Error> {
    let Some(at) = at else {
        return Ok(Moment::Now);
    };
    if let Ok(time) = Timestamp::parse(at) {
        return Ok(Moment::Time(time));
    }
    let request = FilterRequest {
        to_position: Some(at.to_owned()),
        ..FilterRequest::default()
    };
    Filter::parse(&request)
        .map(Moment::Position)
        .map_err(|_: InvalidFilter| {
            cli::wrong("--at: neither a time as RFC 3339 writes it nor a position")
        })
}

/// What is stored of the order up to that moment.
async fn read(log: &LogReader, order: OrderId, moment: &Moment) -> anyhow::Result<Vec<Record>> {
    let last = log.records.extent().await.map_err(Failure::from)?.last;
    let upto = match moment {
        Moment::Now | Moment::Time(_) => last,
        Moment::Position(filter) => {
            filter
                .check_log(log.incarnation())
                .map_err(|other| cli::wrong(&format!("--at: {other}")))?;
            filter.to_position().map_or(last, |upto| upto.min(last))
        }
    };
    let span = Span {
        after: Sequence::START,
        upto: Some(upto),
    };
    let mut scan = log.records.scan(span, Some(order));
    let mut records = Vec::new();
    while let Some(record) = scan.try_next().await.map_err(Failure::from)? {
        let is_asked_for = match moment {
            Moment::Now | Moment::Position(_) => true,
            Moment::Time(time) => record.recorded_at.to_timestamp() <= *time,
        };
        if is_asked_for {
            records.push(record);
        }
        if records.len() > RECORDS_MAX {
            return Err(Failure::Mismatch(format!(
                "more than {RECORDS_MAX} messages are on the subject of this order: that is no history of ours"
            ))
            .into());
        }
    }
    Ok(records)
}
