//! The durable queue of each shard's events and timers.
//!
//! A shard has two durable consumers, one of its events and one of its timers; their messages are merged as they come.
//! Each consumer serves one client at a time, the pinned one: others ask in vain, and take over within a second when it
//! falls silent. Events and timers of a shard may so be with two processes for a while; orders stay right all the same,
//! for every append carries an expectation.
//!
//! Invariant: work stays on the queue until its receipt is given, or was in hand for longer than a named bound. A lost
//! connection or consumer is never given up. It deliberately never refuses a message (a Nak breaks the order of an
//! order's events): whoever has it in hand tries again or parks it.

mod backlog;
mod lease;
mod pump;
mod receipt;
mod skip;
mod unknown;

use futures::StreamExt;
use futures::stream::{self, BoxStream};
use ordertrace_domain::{FeedError, Shard, Work, WorkQueue};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::connection::Connection;
use crate::identity::StreamIdentity;
use crate::parking::JetStreamParking;
use crate::subject::{EVENTS_STREAM, TIMERS_STREAM};
use crate::topology::{ACK_PENDING_MAX, saga_events_name, saga_timers_name};
use lease::Leases;
use pump::{Pump, Source};
use unknown::UnknownTimers;

/// All that both consumers may have handed out, so that a worker that is slow to take it never keeps a pump from showing
/// the server that it is alive.
const BUFFER: usize = 2 * ACK_PENDING_MAX as usize;

/// [`WorkQueue`] over JetStream.
#[derive(Debug, Clone)]
pub struct JetStreamWork {
    connection: Connection,
    identity: StreamIdentity,
}

impl JetStreamWork {
    /// The queues of the stream that the identity names; the topology must be there.
    pub fn new(connection: &Connection, identity: StreamIdentity) -> Self {
        Self {
            connection: connection.clone(),
            identity,
        }
    }

    fn start(self, shard: Shard) -> Pumps {
        let (sender, work) = mpsc::channel(BUFFER);
        let leases = Leases::new(&self.connection);
        let mut tasks = JoinSet::new();
        tasks.spawn(leases.clone().keep());
        for (source, stream, durable) in [
            (Source::Events, EVENTS_STREAM, saga_events_name(shard)),
            (Source::Timers, TIMERS_STREAM, saga_timers_name(shard)),
        ] {
            let parking = JetStreamParking::new(&self.connection);
            let pump = Pump {
                source,
                stream,
                unknown: UnknownTimers::new(&durable, parking),
                durable,
                link: self.connection.link(),
                connection: self.connection.clone(),
                identity: self.identity.clone(),
                leases: leases.clone(),
                sender: sender.clone(),
            };
            tasks.spawn(pump.run());
        }
        Pumps {
            work,
            _tasks: tasks,
        }
    }
}

impl WorkQueue for JetStreamWork {
    fn work(&self, shard: Shard) -> BoxStream<'static, Result<Work, FeedError>> {
        let queue = self.clone();
        // Nothing is asked for before somebody looks at the stream.
        let pumps = stream::once(async move { queue.start(shard) });
        pumps
            .flat_map(|pumps| {
                stream::unfold(Some(pumps), |pumps| async {
                    let mut pumps = pumps?;
                    match pumps.work.recv().await? {
                        Ok(work) => Some((Ok(work), Some(pumps))),
                        Err(error) => Some((Err(error), None)),
                    }
                })
            })
            .boxed()
    }
}

/// The tasks behind one stream of work; they end with it.
struct Pumps {
    work: mpsc::Receiver<Result<Work, FeedError>>,
    _tasks: JoinSet<()>,
}
