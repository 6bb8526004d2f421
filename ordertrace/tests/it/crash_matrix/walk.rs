//! Walks one order along its path, killing and replacing the saga on the way.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::sync::mpsc;
use tokio::time::{Instant, Interval, interval, timeout_at};

use super::killer::{Killer, Wish};
use super::path::{Ask, Path};
use crate::harness::{
    Api, Follower, HttpProxy, LogReader, Money, NatsProxy, Program, Provider, Role, Site, ToldOrder,
};

/// The longest pause between two things that happen: the deadline of a path, and room for a machine that is busy.
const PAUSE_MAX: Duration = Duration::from_secs(45);

/// How often the queue is looked at when the order has ended.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// More processes than any path needs.
const KILLS_MAX: usize = 150;

/// A walk, with all that lives during it.
pub(super) struct Walk {
    path: Path,
    killer: Arc<Killer>,
    wishes: mpsc::UnboundedReceiver<Wish>,
    nats_proxy: NatsProxy,
    provider_proxy: HttpProxy,
    log: LogReader,
    follower: Follower,
    /// When to see whether everything is done.
    looks: Interval,
    provider: Provider,
    commands: Role,
    site: Site,
}

/// What a walk has come to.
pub(super) struct Walked {
    pub(super) order: ToldOrder,
    pub(super) steps: Vec<String>,
    pub(super) kills: usize,
    pub(super) money: Money,
}

impl Walk {
    pub(super) async fn prepare(path: Path) -> Self {
        let site = Site::start().await;
        let (provider, commands) =
            tokio::join!(site.provider(), site.role("command-api", "commands"));
        let (killer, wishes) = Killer::new(path);
        let killer = Arc::new(killer);
        let nats_proxy = NatsProxy::start(site.nats.client_url(), killer.clone(), true).await;
        let provider_proxy = HttpProxy::start(&provider.addr, killer.clone()).await;
        let log = site.log().await;
        let follower = log.follow();
        Self {
            path,
            killer,
            wishes,
            nats_proxy,
            provider_proxy,
            log,
            follower,
            looks: interval(LOOK_AGAIN),
            provider,
            commands,
            site,
        }
    }

    /// Goes on until the order has ended, everything about it is acknowledged, and the saga has died around every step.
    pub(super) async fn go(mut self) -> Walked {
        let order = self.commands.api.place(self.path.order()).await;
        let mut saga = self.start_saga();
        let mut last_event = "";
        let mut has_ended = false;
        let mut last_change = Instant::now();
        while !(has_ended && self.is_done(last_event).await) {
            let pause = last_change + PAUSE_MAX;
            let next = timeout_at(pause, self.next(&order, has_ended)).await;
            if !matches!(next, Ok(Next::Look)) {
                last_change = Instant::now();
            }
            match next {
                Ok(Next::Event { name, is_last }) => {
                    (last_event, has_ended) = (name, is_last);
                    self.people_at(name, &order).await;
                }
                Ok(Next::Wish(Wish::Kill)) => saga = self.replace(saga),
                Ok(Next::Look) => {}
                Ok(Next::Wish(Wish::Act)) => {
                    let (step, _) = self.path.detour.unwrap();
                    self.people_at(step, &order).await;
                    self.killer.has_acted();
                }
                Err(_) => panic!(
                    "nothing more happens after {last_event}: {:#?}",
                    self.killer.steps()
                ),
            }
        }
        saga.kill9();
        self.finish(&order).await
    }

    /// Whether the saga has died around every step and has nothing more to do.
    async fn is_done(&self, last_event: &str) -> bool {
        let last = format!("ack {last_event}");
        self.killer.is_done(&last) && self.log.is_all_settled().await
    }

    async fn next(&mut self, order: &str, is_to_look: bool) -> Next {
        tokio::select! {
            biased;
            wish = self.wishes.recv() => Next::Wish(wish.unwrap()),
            told = self.follower.next() => {
                assert_eq!(told.id.to_string(), order);
                Next::Event {
                    name: told.event_names().last().unwrap(),
                    is_last: told.order.phase.has_ended(),
                }
            }
            _ = self.looks.tick(), if is_to_look => Next::Look,
        }
    }

    fn replace(&self, mut saga: Program) -> Program {
        saga.kill9();
        self.killer.has_died();
        let is_endless = self.killer.kills() > KILLS_MAX;
        assert!(!is_endless, "{:#?}", self.killer.steps());
        self.start_saga()
    }

    fn start_saga(&self) -> Program {
        let (nats, provider) = (self.nats_proxy.url(), self.provider_proxy.url());
        self.site.saga(&nats, &provider, self.path.terms)
    }

    async fn people_at(&self, at: &str, order: &str) {
        if let Some(ask) = self.path.asks(at) {
            people(&self.commands.api, ask, order).await;
        }
    }

    async fn finish(self, id: &str) -> Walked {
        let log = self.log.read().await;
        assert_eq!(log.orders.len(), 1);
        let order = log.orders.into_values().next().unwrap();
        Walked {
            order,
            steps: self.killer.steps(),
            kills: self.killer.kills(),
            money: self.provider.money(id).await,
        }
    }
}

enum Next {
    Wish(Wish),
    Event {
        name: &'static str,
        is_last: bool,
    },
    /// The order has ended; it is time to see whether everything is done.
    Look,
}

async fn people(api: &Api, ask: Ask, order: &str) {
    let nothing = json!({});
    let answer = match ask {
        Ask::Pay => {
            let paid = json!({"paymentStatus": "END"});
            api.put(format!("/payments/{order}"), paid).await
        }
        Ask::Deliver => {
            let path = format!("/deliveries/{order}/complete");
            api.post(path, nothing).await
        }
        Ask::FailToDeliver => {
            let path = format!("/deliveries/{order}/fail");
            api.post(path, nothing).await
        }
        Ask::Cancel => api.delete(format!("/orders/{order}")).await,
    };
    let is_taken = (200..300).contains(&answer.status);
    assert!(is_taken, "{ask:?}: {}", answer.text);
}
