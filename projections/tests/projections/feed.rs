//! A log whose incarnation, ids, times and bytes are the same in every process, with the odd message in it that does not
//! belong there.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use futures::{StreamExt, stream::BoxStream};
use ordertrace_domain::{
    Actor, ActorId, ActorKind, CommandId, Draft, Envelope, Event, EventFeed, EventId, FeedError,
    FeedItem, Hash, Incarnation, LogError, OrderId, Position, Sequence, Version,
    testing::{ManualClock, MemoryLog, fixtures},
};
use uuid::Uuid;

/// The log that all tests speak of, unless they say otherwise.
pub(crate) const LOG: Incarnation = Incarnation::from_created_nanos(0x18c0_a3f2_b1e4_0000);

/// Whatever cannot be read on this order's subject comes without an order, as from a subject that names none.
const STRAY: u64 = u64::MAX;

/// A log in memory under a fixed incarnation, and how far each of its orders has come.
#[derive(Clone)]
pub(crate) struct Feed {
    pub(crate) log: MemoryLog,
    pub(crate) incarnation: Incarnation,
    clock: Arc<ManualClock>,
}

/// The order with this number.
pub(crate) fn order_id(number: u64) -> OrderId {
    OrderId::from_uuid(Uuid::new_v5(&Uuid::NAMESPACE_OID, &number.to_be_bytes()))
}

/// Where the next event of an order stands.
#[derive(Clone, Copy)]
pub(crate) struct Tip {
    pub(crate) version: Version,
    pub(crate) hash: Hash,
}

impl Tip {
    /// Of an order without events.
    pub(crate) const NONE: Self = Self {
        version: Version::NONE,
        hash: Hash::ZERO,
    };
}

/// The event that follows on `tip`, ready to be stored.
pub(crate) fn draft(number: u64, tip: Tip, event: Event) -> Draft {
    let order_id = order_id(number);
    let version = tip.version.next();
    let command = format!("{order_id} {version}");
    let command_id = CommandId::from_uuid(Uuid::new_v5(&Uuid::NAMESPACE_OID, command.as_bytes()));
    Draft::new(Envelope {
        event_id: EventId::derive(command_id, version),
        order_id,
        version,
        occurred_at: ManualClock::START,
        command_id,
        command_hash: fixtures::commands::request_payment().hash(),
        causation_id: None,
        correlation_id: command_id.into(),
        traceparent: None,
        actor: Actor {
            kind: ActorKind::Operator,
            id: ActorId::parse("operator").unwrap(),
        },
        prev_hash: tip.hash,
        event,
    })
}

impl Feed {
    pub(crate) fn new() -> Self {
        let clock = Arc::new(ManualClock::new());
        Self {
            log: MemoryLog::with_clock(clock.clone()),
            incarnation: LOG,
            clock,
        }
    }

    /// A feed of these orders, 0, 1, 2 …, one after the other.
    pub(crate) fn of(histories: impl IntoIterator<Item = Vec<Event>>) -> Self {
        let feed = Self::new();
        for (number, history) in (0..).zip(histories) {
            feed.write_all(number, Tip::NONE, history);
        }
        feed
    }

    /// The same messages in the log of another incarnation.
    pub(crate) fn under(self, incarnation: Incarnation) -> Self {
        Self {
            incarnation,
            ..self
        }
    }

    /// Adds an order's next events.
    pub(crate) fn write_all(
        &self,
        number: u64,
        tip: Tip,
        events: impl IntoIterator<Item = Event>,
    ) -> Tip {
        events.into_iter().fold(tip, |tip, event| {
            let draft = draft(number, tip, event);
            self.write(number, &draft.payload);
            Tip {
                version: draft.envelope.version,
                hash: draft.hash,
            }
        })
    }

    /// Adds a message on an order's subject, a second after the one before.
    pub(crate) fn write(&self, number: u64, payload: &[u8]) -> Sequence {
        self.clock.advance(Duration::from_secs(1));
        self.log.write_foreign(order_id(number), payload)
    }

    /// Adds a message that can't be read nor given to an order.
    pub(crate) fn write_stray(&self) -> Sequence {
        self.write(STRAY, b"\xc1")
    }

    /// Where the log ends now.
    pub(crate) fn head_now(&self) -> Position {
        let head = futures::executor::block_on(self.head()).unwrap();
        Position {
            incarnation: self.incarnation,
            sequence: head,
        }
    }

    /// All messages so far.
    pub(crate) fn items(&self) -> Vec<FeedItem> {
        let count = usize::try_from(self.head_now().sequence.get()).unwrap();
        let items = self.follow(Sequence::START).take(count);
        let items = items.map(|item| item.unwrap()).collect();
        futures::executor::block_on(items)
    }
}

#[async_trait]
impl EventFeed for Feed {
    fn incarnation(&self) -> Incarnation {
        self.incarnation
    }

    async fn head(&self) -> Result<Sequence, LogError> {
        self.log.head().await
    }

    fn follow(&self, after: Sequence) -> BoxStream<'static, Result<FeedItem, FeedError>> {
        let items = self.log.follow(after).map(|item| {
            let mut item = item?;
            if let FeedItem::Unreadable(unreadable) = &mut item {
                unreadable.order_id = unreadable.order_id.filter(|id| *id != order_id(STRAY));
            }
            Ok(item)
        });
        items.boxed()
    }
}
