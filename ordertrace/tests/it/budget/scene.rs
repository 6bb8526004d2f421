//! All roles, each a process of its own, and the steps that people take with orders.

use std::sync::Arc;

use serde_json::json;
use tokio::sync::OnceCell;

use super::{Messages, Spent};
use crate::harness::{Api, HttpProxy, OpenGate, Program, Provider, Role, Site, cash_order};

/// The roles of a shop. The saga comes when the first orders are there.
pub(super) struct Scene {
    saga: OnceCell<Program>,
    commands: Role,
    views: Role,
    /// Commands and queries, as behind a gateway.
    api: Api,
    to_the_provider: HttpProxy,
    _provider: Provider,
    pub(super) site: Site,
}

/// Orders that people take from step to step, one after the other.
pub(super) struct Steps<'a> {
    scene: &'a Scene,
    orders: Vec<String>,
}

impl Scene {
    pub(super) async fn open() -> Self {
        let site = Site::start().await;
        let (provider, commands, views) = tokio::join!(
            site.provider(),
            site.role("command-api", "commands"),
            site.role("projections", "views")
        );
        Self {
            saga: OnceCell::new(),
            to_the_provider: HttpProxy::start(&provider.addr, Arc::new(OpenGate)).await,
            api: Api::behind_a_gateway([&commands.api], [&views.api]),
            commands,
            views,
            _provider: provider,
            site,
        }
    }

    /// Does something, and says which messages command-api had for it.
    pub(super) async fn of_commands<T>(&self, work: impl Future<Output = T>) -> (T, Spent) {
        let before = self.messages().await;
        let done = work.await;
        (done, self.messages().await.since(&before, "command-api"))
    }

    pub(super) async fn messages(&self) -> Messages {
        Messages::now(self.site.nats.monitor_url()).await
    }

    pub(super) fn requests_to_the_provider(&self) -> u64 {
        self.to_the_provider.requests() as u64
    }

    /// Places so many orders in cash.
    pub(super) async fn place(&self, orders: u64) -> Vec<String> {
        let mut placed = Vec::new();
        for _ in 0..orders {
            placed.push(self.commands.api.place(cash_order()).await);
        }
        placed
    }

    /// An order from its first event to its last.
    pub(super) async fn in_cash(&self) {
        let order = self.api.place(cash_order()).await;
        self.api.trace_at(&order, "payment_requested").await;
        self.pay(&order).await;
        self.arrives(&order).await;
    }

    /// The same, charged by the provider.
    pub(super) async fn by_card(&self) {
        let order = self.api.place_by_card(1_000).await;
        self.arrives(&order).await;
    }

    async fn arrives(&self, order: &str) {
        self.api.trace_at(order, "delivery_started").await;
        self.deliver(order).await;
        self.api.trace_at(order, "completed").await;
    }

    async fn pay(&self, order: &str) {
        let path = format!("/payments/{order}/approve");
        self.api.post(path, json!({})).await.expect(200);
    }

    async fn deliver(&self, order: &str) {
        let path = format!("/deliveries/{order}/complete");
        self.api.post(path, json!({})).await.expect(200);
    }
}

impl<'a> Steps<'a> {
    /// Has the saga go on with these orders.
    pub(super) async fn of(scene: &'a Scene, orders: Vec<String>) -> Self {
        let (nats, provider) = (scene.site.nats.client_url(), scene.to_the_provider.url());
        let saga = async || scene.site.saga(nats, &provider, &[]);
        scene.saga.get_or_init(saga).await;
        let steps = Self { scene, orders };
        steps.all_at("payment_requested").await;
        steps
    }

    pub(super) async fn all_at(&self, state: &str) {
        for order in &self.orders {
            self.scene.api.trace_at(order, state).await;
        }
    }

    pub(super) async fn pay(&self) {
        for order in &self.orders {
            self.scene.pay(order).await;
        }
    }

    pub(super) async fn deliver(&self) {
        for order in &self.orders {
            self.scene.deliver(order).await;
        }
    }

    pub(super) async fn look_at_each(&self) {
        for order in &self.orders {
            let path = format!("/orderTraces/{order}");
            self.scene.views.api.get(path).await.expect(200);
        }
    }
}
