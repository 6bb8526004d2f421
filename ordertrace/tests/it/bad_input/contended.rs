//! An order that somebody else keeps changing: each time that a command is about to be stored, another event was.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use async_trait::async_trait;
use ordertrace_domain::{
    Actor, CommandId, Draft, Envelope, EventId, EventLog as _, Freshness, OrderId,
    testing::fixtures::{commands, events},
};
use ordertrace_nats::JetStreamLog;
use tokio::sync::OnceCell;

use super::{
    assert_refused,
    raw::{self, Sent},
    rows::row,
};
use crate::harness::{Gate, LogReader, NatsProxy, Role, Site, Verdict, cash_order, now};

/// How often a command is decided anew, as `ordertrace-domain` has it.
const DECISIONS_MAX: u32 = 16;

/// Writes an event of its own before each of somebody else's, for so many times.
#[derive(Default)]
struct Rival {
    log: OnceCell<(JetStreamLog, OrderId)>,
    left: AtomicU32,
    overtaken: AtomicU32,
}

impl Rival {
    /// Adds what changes nothing of what may be done with the order.
    async fn overtake(&self) {
        let (log, order) = self.log.get().unwrap();
        let history = log.load(*order, Freshness::Current).await.unwrap();
        let version = history.version().next();
        let command_id = CommandId::from_uuid(uuid::Uuid::now_v7());
        let draft = Draft::new(Envelope {
            event_id: EventId::derive(command_id, version),
            order_id: *order,
            version,
            occurred_at: now(),
            command_id,
            command_hash: commands::request_payment().hash(),
            causation_id: None,
            correlation_id: command_id.into(),
            traceparent: None,
            actor: Actor::anonymous(),
            prev_hash: history.head_hash(),
            event: events::payment_outcome_unknown(1),
        });
        log.append(&history, vec![draft]).await.unwrap();
        self.overtaken.fetch_add(1, Ordering::Relaxed);
    }
}

#[async_trait]
impl Gate for Rival {
    async fn meet(&self, step: &str) -> Verdict {
        let is_asked_for = step.starts_with("append ")
            && self
                .left
                .try_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                    left.checked_sub(1)
                })
                .is_ok();
        if is_asked_for {
            self.overtake().await;
        }
        Verdict::Pass
    }
}

/// A command-api that a rival of its can overtake, and an order in it.
async fn scene() -> (Site, Role, NatsProxy, Arc<Rival>, String) {
    let site = Site::start().await;
    let rival = Arc::new(Rival::default());
    let gate = Arc::clone(&rival);
    let proxy = NatsProxy::start(site.nats.client_url(), gate, false).await;
    let commands = site.role_by(&proxy.url(), "command-api", "commands").await;
    let order = commands.api.place(cash_order()).await;
    let reader: LogReader = site.log().await;
    let incarnation = reader.read().await.head.incarnation;
    let identity = reader.connection.watch(incarnation);
    let log = JetStreamLog::open(&reader.connection, identity);
    let id = OrderId::parse(&order).unwrap();
    assert!(rival.log.set((log, id)).is_ok());
    (site, commands, proxy, rival, order)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_that_is_overtaken_is_decided_anew_and_given_up_after_so_many_times() {
    let (site, commands, _proxy, rival, order) = scene().await;
    let cancel = Sent::headers("DELETE", &format!("/orders/{order}"), "");
    rival.left.store(DECISIONS_MAX, Ordering::Relaxed);
    let refused = row("a contended order", cancel, 409, "version-conflict");
    let answer = raw::exchange(&commands.addr, &refused.sent).await;
    assert_refused(&refused, answer);
    assert_eq!(rival.overtaken.load(Ordering::Relaxed), DECISIONS_MAX);
    let log = site.log().await.read().await;
    let events = u64::from(DECISIONS_MAX) + 1;
    assert_eq!(log.head.sequence.get(), events, "only the rival's");

    rival.left.store(DECISIONS_MAX - 1, Ordering::Relaxed);
    let answer = raw::exchange(&commands.addr, &refused.sent).await;
    assert_eq!(answer.unwrap().status, 202, "the last decision counts");
}
