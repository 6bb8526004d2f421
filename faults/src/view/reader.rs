//! A query with a position: what it is answered, and whether that is true.

use std::{sync::Arc, time::Duration};

use ordertrace_domain::{OrderId, Sequence, Version};
use tokio::time::timeout;

use super::Disk;
use crate::{
    oracle::Check,
    world::{Mutation, World},
};

/// How long a query waits for its position, before it is answered with 503.
const WAIT_MAX: Duration = Duration::from_secs(2);

/// An answer to a query.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Served {
    /// How far the view had come.
    pub(crate) position: Sequence,
    /// The order's version in it.
    pub(crate) version: Version,
}

/// Somebody who asks a view.
pub(crate) struct Reader {
    disk: Arc<Disk>,
}

impl Reader {
    pub(crate) fn of(disk: &Arc<Disk>) -> Self {
        Self {
            disk: Arc::clone(disk),
        }
    }

    /// Asks for an order as it was at a position, or later. `known` is the version it had there.
    pub(crate) async fn read(
        &self,
        world: &World,
        order: OrderId,
        after: Sequence,
        known: Version,
    ) -> Option<Served> {
        let served = self.answer(world, order, after).await;
        let name = &self.disk.name;
        let Some(served) = served else {
            world.sight("query: 503");
            world.note(format_args!("{name}: {order} after {after}: 503"));
            return None;
        };
        world.sight("query: served");
        world.note(format_args!(
            "{name}: {order} after {after}: version {} at {}",
            served.version, served.position
        ));
        if served.position < after || served.version < known {
            world.broken(Check::P5, format_args!("order {order}: {name} was asked for {after}, where it had version {known}, and showed version {} at {}", served.version, served.position));
        }
        Some(served)
    }

    async fn answer(&self, world: &World, order: OrderId, after: Sequence) -> Option<Served> {
        let (position, row) = if world.is_mutated(Mutation::ReadsDoNotWait) {
            self.disk.look_now(order)?
        } else {
            let look = timeout(WAIT_MAX, self.disk.look(order, after));
            look.await.ok()??
        };
        Some(Served {
            position,
            version: row.map_or(Version::NONE, |row| row.order.version),
        })
    }
}
