//! A scan of the log that keeps nothing: the most that an export could reach.

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use futures::StreamExt;
use ordertrace_domain::{Records, Sequence, Span};

/// How long it takes to read so many events, from the first on.
pub(in crate::bench) async fn of(records: &impl Records, events: u64) -> anyhow::Result<Duration> {
    let span = Span {
        after: Sequence::START,
        upto: Some(Sequence::new(events)),
    };
    let began = Instant::now();
    let mut records = records.scan(span, None);
    let mut count = 0;
    while let Some(record) = records.next().await {
        record.context("the scan broke off")?;
        count += 1;
    }
    ensure!(count == events, "the scan has {count} of {events} events");
    Ok(began.elapsed())
}
