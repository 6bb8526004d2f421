//! The queue's port.

use std::{pin::pin, sync::Arc};

use async_trait::async_trait;
use futures::{
    StreamExt,
    future::OptionFuture,
    stream::{self, BoxStream},
};
use ordertrace_domain::{FeedError, LogError, Receipt, Shard, Work, WorkItem, WorkQueue};
use tokio::{
    select,
    time::{Instant, sleep, sleep_until},
};

use super::{
    link::Link,
    queue::{Handed, Source, Turn},
    server::Server,
};
use crate::world::{Fault, Mutation};

/// How long the way of a piece of work to the saga takes at most.
const HAND_OUT_MS_MAX: u64 = 15;

/// How much later work comes that is handed out twice.
const AGAIN_MS_MAX: u64 = 10_000;

/// Where one process asks for one shard's work.
struct Worker {
    link: Link,
    shard: usize,
}

impl WorkQueue for Link {
    fn work(&self, shard: Shard) -> BoxStream<'static, Result<Work, FeedError>> {
        let worker = Worker {
            link: self.clone(),
            shard: usize::from(shard.number()),
        };
        stream::unfold(worker, |worker| async {
            let work = worker.next_work().await;
            Some((Ok(work), worker))
        })
        .boxed()
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let server = &self.link.server;
        server.state().queues[self.shard].leave(self.link.process.life);
        server.turned[self.shard].notify_waiters();
    }
}

impl Worker {
    async fn next_work(&self) -> Work {
        let server = &self.link.server;
        loop {
            let mut turned = pin!(server.turned[self.shard].notified());
            turned.as_mut().enable();
            self.link.process.step().await;
            let later = match self.take() {
                Ok(handed) => return self.hand_out(handed).await,
                Err(later) => later,
            };
            let later = OptionFuture::from(later.map(sleep_until));
            select! {
                biased;
                () = turned => {}
                Some(()) = later => {}
            }
        }
    }

    fn take(&self) -> Result<Handed, Option<Instant>> {
        let server = &self.link.server;
        if let Some(gap) = server.gap() {
            return Err(Some(gap.until));
        }
        let world = &server.world;
        let skips = || world.strikes(Fault::Reordered);
        let turn = server.state().queues[self.shard].take(self.link.process.life, skips);
        match turn {
            Turn::Work(handed) => Ok(handed),
            Turn::Later(later) => Err(later),
        }
    }

    async fn hand_out(&self, handed: Handed) -> Work {
        let server = &self.link.server;
        let world = &server.world;
        let name = &self.link.process.name;
        world.note(format_args!(
            "queue: shard {} to {name}: {:?}",
            self.shard, handed.source
        ));
        let receipt = Box::new(SimReceipt {
            link: self.link.clone(),
            shard: self.shard,
            handed,
            is_acknowledged: false,
        });
        if world.is_mutated(Mutation::AcknowledgedBeforeWork) {
            server.state().queues[self.shard].acknowledge(handed.index);
        }
        if world.strikes(Fault::Redelivered) {
            let again = Instant::now() + world.between_ms(0, AGAIN_MS_MAX);
            server.state().queues[self.shard].again(handed, again);
        }
        sleep(world.between_ms(0, HAND_OUT_MS_MAX)).await;
        let item = match handed.source {
            Source::Timer(fired) => WorkItem::Timer(fired),
            Source::Message(sequence) => match server.message(sequence) {
                Some(recorded) => WorkItem::Event(recorded),
                // A queue's entry is made with its message, so there always is one.
                None => std::future::pending().await,
            },
        };
        Work { item, receipt }
    }
}

struct SimReceipt {
    link: Link,
    shard: usize,
    handed: Handed,
    is_acknowledged: bool,
}

#[async_trait]
impl Receipt for SimReceipt {
    async fn acknowledge(mut self: Box<Self>) -> Result<(), LogError> {
        let (shard, index) = (self.shard, self.handed.index);
        let act = move |server: &Arc<Server>| server.state().queues[shard].acknowledge(index);
        self.link.tell(act).await?;
        self.is_acknowledged = true;
        Ok(())
    }
}

impl Drop for SimReceipt {
    fn drop(&mut self) {
        if !self.is_acknowledged {
            let server = &self.link.server;
            server.state().queues[self.shard].let_go(self.handed);
            server.turned[self.shard].notify_waiters();
        }
    }
}

impl Server {
    /// A shard changes hands, while its work is in hand.
    pub(crate) fn move_pin(&self, shard: usize) -> bool {
        let was_held = self.state().queues[shard].unpin();
        self.turned[shard].notify_waiters();
        was_held
    }

    /// All work that a shard ever had is handed out again.
    pub(crate) fn redeliver_all(&self, shard: usize) -> bool {
        let any = self.state().queues[shard].redeliver_all();
        self.turned[shard].notify_waiters();
        any
    }
}
