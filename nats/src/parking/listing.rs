//! The list of parked messages, a part at a time.
//!
//! Records are read in their order, and one counts if it is its subject's last. One that is overtaken while it is looked
//! at comes later in the list, with its new record; so every message is there, as the leader had it when it was read.

use std::pin::pin;

use futures::stream::{self, Stream, TryStreamExt};
use ordertrace_domain::{Cause, DeadLetter, DeadLetterPage, Sequence};

use super::record;
use super::shelf::{Entry, Shelf};
use crate::subject::DLQ_ALL;

/// How many records are looked at for one part of the list. They cost the leader two reads each, some tenths of a
/// millisecond; where settled messages pile up, a part ends early and the list goes on behind it.
const RECORDS_MAX: usize = 1_000;

/// How many records are compared with their subjects' last ones at once: enough to hide the way to the server.
const CHECKS_AT_ONCE: usize = 16;

/// The messages whose latest record stands after `after`, at most `limit` of them.
pub(super) async fn list(
    shelf: &Shelf,
    after: Sequence,
    limit: usize,
) -> Result<DeadLetterPage, Cause> {
    let mut letters = Vec::new();
    let mut end = after;
    {
        let mut records = pin!(records(shelf, after));
        for _ in 0..RECORDS_MAX {
            if letters.len() >= limit {
                break;
            }
            let Some((entry, is_latest)) = records.try_next().await? else {
                let next = None;
                return Ok(DeadLetterPage { letters, next });
            };
            end = entry.sequence;
            letters.extend(is_latest.then(|| letter(&entry)).flatten());
        }
    }
    // Whatever record comes next, the latest one of its message stands there or later.
    let next = shelf.next(DLQ_ALL, end).await?.map(|_| end);
    Ok(DeadLetterPage { letters, next })
}

/// All records after this one in their order, and whether each is its subject's last.
fn records(
    shelf: &Shelf,
    after: Sequence,
) -> impl Stream<Item = Result<(Entry, bool), Cause>> + Send + '_ {
    let entries = stream::try_unfold(after, async |after| {
        let entry = shelf.next(DLQ_ALL, after).await?;
        Ok::<_, Cause>(entry.map(|entry| {
            let at = entry.sequence;
            (entry, at)
        }))
    });
    entries
        .map_ok(async |entry: Entry| {
            let last = shelf.last(&entry.subject).await?;
            let is_latest = last.is_some_and(|last| last.sequence == entry.sequence);
            Ok((entry, is_latest))
        })
        .try_buffered(CHECKS_AT_ONCE)
}

fn letter(entry: &Entry) -> Option<DeadLetter> {
    let letter = record::shown(entry);
    if letter.is_none() {
        tracing::warn!(
            message.subject = entry.subject,
            message.sequence = entry.sequence.get(),
            "a record among the parked messages is not ours and can't be shown"
        );
    }
    letter
}
