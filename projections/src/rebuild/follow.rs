//! Builds the successor from the log, until it is level with the view.
//!
//! Invariant: the view goes first. While it has something to take in, the successor rests as long as it works.

use std::{sync::Arc, time::Duration};

use futures::StreamExt as _;
use ordertrace_domain::{EventFeed, Position, Sequence};
use tokio::time::Instant;

use super::{Rebuilds, runner::Failure, runner::blocking};
use crate::{
    runner::chunks,
    store::{Level, Successor},
};

/// The longest rest. A chunk that takes longer is not the processor's fault, but the disk's.
const REST_MAX: Duration = Duration::from_millis(100);

/// Reads the log from its start into the successor, until that has joined the view.
pub(super) async fn bring_level(
    rebuilds: &Rebuilds,
    feed: &dyn EventFeed,
    successor: &Arc<Successor>,
) -> Result<(), Failure> {
    let started = Instant::now();
    let mut chunks = chunks(feed.follow(Sequence::START));
    loop {
        match blocking(successor, Successor::come_level).await? {
            Level::Reached => break,
            Level::Ahead(at) => view_has_come(rebuilds, at).await?,
            Level::Behind => {
                let chunk = chunks.next().await.ok_or(Failure::FeedEnded)?;
                let began = (Instant::now(), rebuilds.store.status().position);
                let items = chunk.items;
                blocking(successor, move |successor| successor.commit(&items)).await?;
                if let Some(error) = chunk.end {
                    return Err(error.into());
                }
                rest(rebuilds, began).await;
            }
        }
        let position = successor.position();
        rebuilds.update(|rebuild| rebuild.advance(position, started.elapsed()));
    }
    let position = successor.position();
    rebuilds.update(|rebuild| rebuild.advance(position, started.elapsed()));
    Ok(())
}

/// Waits until the view, which follows the same log, has come as far as the successor.
async fn view_has_come(rebuilds: &Rebuilds, at: Sequence) -> Result<(), Failure> {
    let mut status = rebuilds.store.watch_status();
    let status = status
        .wait_for(|status| status.halted.is_some() || status.position.sequence >= at)
        .await
        .map_err(|_| Failure::Interrupted)?;
    status
        .halted
        .clone()
        .map_or(Ok(()), |halt| Err(halt.into()))
}

/// Leaves the processor to the view, if that was at work meanwhile.
async fn rest(rebuilds: &Rebuilds, (began, view_was_at): (Instant, Position)) {
    if rebuilds.store.status().position != view_was_at {
        tokio::time::sleep(began.elapsed().min(REST_MAX)).await;
    }
}
