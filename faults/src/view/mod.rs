//! A view: rows and a position, committed together, and the process that keeps them.
//!
//! What a message changes is decided by `ordertrace_projections::apply`, the real one. The store is in memory, with what
//! the store on disk promises: rows and position in one commit, and the last commits may be gone after a crash.
//!
//! Invariant: it is compared with the oracle's books after each commit and at each start.

mod disk;
mod reader;

use std::sync::Arc;

use futures::StreamExt;
use ordertrace_domain::{EventFeed, FeedItem, Sequence};
use tokio::time::sleep;

use crate::{
    log::{Link, Server},
    world::{Fault, Process, World},
};

pub(crate) use disk::Disk;
pub(crate) use reader::Reader;

/// How many messages become one commit at most.
const CHUNK_MAX: u64 = 8;

/// Keeps a view alive for as long as the simulation lasts: when its process crashes, another takes over what is left.
pub(crate) async fn keep(world: Arc<World>, server: Arc<Server>, disk: Arc<Disk>) {
    loop {
        let process = Process::new(&world, &disk.name, Fault::ViewCrash);
        disk.open(&process, &server);
        process.within(project(&process, &server, &disk)).await;
        disk.crash(&world);
        Process::down(&world).await;
    }
}

async fn project(process: &Process, server: &Arc<Server>, disk: &Disk) {
    let link = Link::new(process, server);
    let feed = link.follow(disk.position());
    let chunk = 1 + process.world.pick(usize::try_from(CHUNK_MAX).unwrap_or(1));
    let mut chunks = feed.ready_chunks(chunk);
    while let Some(chunk) = chunks.next().await {
        let items: Vec<FeedItem> = chunk.into_iter().filter_map(Result::ok).collect();
        process.step().await;
        sleep(process.world.between_ms(0, 5)).await;
        disk.commit(process, server, &items).await;
        process.step().await;
    }
}

/// Where the last of these stands.
fn last_of(items: &[FeedItem]) -> Option<Sequence> {
    items.last().map(FeedItem::sequence)
}
