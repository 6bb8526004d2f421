//! What a view has on disk.

use std::{
    collections::BTreeMap,
    pin::pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use ordertrace_domain::{FeedItem, OrderId, OrderState, Sequence};
use ordertrace_projections::{Change, Record, Row, apply};
use tokio::sync::Notify;

use super::last_of;
use crate::{
    log::Server,
    oracle::Check,
    world::{Fault, Mutation, Process, World, lock},
};

#[derive(Clone, Default)]
struct Pages {
    rows: BTreeMap<OrderId, Record>,
    position: Sequence,
}

/// How far a view has come, and the order in it; nothing if nobody answers.
type Look = Option<(Sequence, Option<Row>)>;

/// The folder of one view.
pub(crate) struct Disk {
    pub(crate) name: Arc<str>,
    written: Mutex<Pages>,
    /// What a crash of the machine would leave.
    flushed: Mutex<Pages>,
    grown: Notify,
    process: Mutex<Option<Process>>,
    is_to_be_wiped: AtomicBool,
}

/// Every so many commits the store is flushed.
const FLUSH_EVERY: u64 = 5;

impl Disk {
    pub(crate) fn new(name: &str) -> Self {
        Self {
            name: name.into(),
            written: Mutex::default(),
            flushed: Mutex::default(),
            grown: Notify::new(),
            process: Mutex::default(),
            is_to_be_wiped: AtomicBool::new(false),
        }
    }

    pub(crate) fn position(&self) -> Sequence {
        lock(&self.written).position
    }

    /// What a process that is up shows of an order, once it has come so far.
    pub(super) async fn look(&self, order: OrderId, after: Sequence) -> Look {
        loop {
            let mut grown = pin!(self.grown.notified());
            grown.as_mut().enable();
            let look = self.look_now(order);
            if look.as_ref().is_none_or(|(position, _)| *position >= after) {
                return look;
            }
            grown.await;
        }
    }

    /// What it shows now, however far it has come; nothing while no process is up.
    pub(super) fn look_now(&self, order: OrderId) -> Look {
        lock(&self.process).as_ref()?;
        let pages = lock(&self.written);
        let row = pages.rows.get(&order).and_then(Record::row).cloned();
        Some((pages.position, row))
    }

    /// A process begins with what is there.
    pub(super) fn open(&self, process: &Process, server: &Server) {
        let position = self.position();
        let world = &process.world;
        world.note(format_args!("{} opens at {position}", self.name));
        if position == Sequence::START && server.head() > Sequence::START {
            world.sight("view: rebuilt from nothing");
        }
        *lock(&self.process) = Some(process.clone());
        self.check(world, server);
        self.grown.notify_waiters();
    }

    /// A process has ended; the machine may have, too.
    pub(super) fn crash(&self, world: &World) {
        *lock(&self.process) = None;
        if self.is_to_be_wiped.swap(false, Ordering::Relaxed) {
            self.wipe();
        }
        let flushed = lock(&self.flushed).clone();
        let mut written = lock(&self.written);
        if flushed.position < written.position && world.strikes(Fault::ViewTailLost) {
            *written = flushed;
        }
    }

    /// Somebody removes the folder; whoever works on it ends.
    pub(crate) fn remove(&self) -> bool {
        self.is_to_be_wiped.store(true, Ordering::Relaxed);
        self.kill()
    }

    /// The process dies, wherever it is. Says whether one was up.
    pub(crate) fn kill(&self) -> bool {
        let process = lock(&self.process).clone();
        if let Some(process) = &process {
            process.die();
        }
        process.is_some()
    }

    fn wipe(&self) {
        *lock(&self.written) = Pages::default();
        *lock(&self.flushed) = Pages::default();
    }

    /// Applies messages: the rows and the position in one commit.
    pub(super) async fn commit(&self, process: &Process, server: &Server, items: &[FeedItem]) {
        let (world, Some(position)) = (&process.world, last_of(items)) else {
            return;
        };
        let changed = self.changed(world, items);
        if world.is_mutated(Mutation::PositionOutsideBatch) {
            lock(&self.written).position = position;
            process.step().await;
        }
        {
            let mut written = lock(&self.written);
            written.rows.extend(changed);
            written.position = position;
        }
        world.note(format_args!("{} commits up to {position}", self.name));
        self.check(world, server);
        if world.below(FLUSH_EVERY) == 0 {
            *lock(&self.flushed) = lock(&self.written).clone();
        }
        self.grown.notify_waiters();
    }

    fn changed(&self, world: &World, items: &[FeedItem]) -> BTreeMap<OrderId, Record> {
        let written = lock(&self.written);
        let mut changed = BTreeMap::new();
        for item in items {
            let FeedItem::Event(recorded) = item else {
                continue;
            };
            let order = recorded.event.envelope.order_id;
            let record = changed.get(&order).or_else(|| written.rows.get(&order));
            match apply(record, item) {
                Change::Nothing => {}
                Change::Advanced { row, .. } => {
                    changed.insert(order, Record::Sound(row));
                }
                Change::Quarantined { cause, .. } => {
                    world.broken(
                        Check::P4,
                        format_args!("order {order}: {} quarantines it: {cause}", self.name),
                    );
                }
                Change::Stray => {
                    world.broken(
                        Check::P4,
                        format_args!("{}: a message that is nobody's", self.name),
                    );
                }
            }
        }
        changed
    }

    /// Compares every row with what the log comes to up to the position.
    pub(crate) fn check(&self, world: &World, server: &Server) {
        let pages = lock(&self.written);
        let truth = lock(&server.truth);
        for (order, course) in &truth.orders {
            let expected = course.as_of(pages.position);
            let row = pages.rows.get(order).and_then(Record::row);
            let shown = row.map_or(OrderState::Absent, |row| {
                OrderState::Placed(Box::new(row.order.clone()))
            });
            if shown != *expected {
                world.broken(Check::P4, format_args!("order {order}: {} shows version {} at {}, the log up to there comes to version {}", self.name, shown.version(), pages.position, expected.version()));
            }
        }
    }
}
