//! A rolling upgrade in which the log gets a schema that the older processes don't know: what they go on doing, what they say,
//! and that nothing is left of it when all are upgraded. `docs/operations.md` tells the same story to operators.

mod older;
mod raw;

use std::sync::Arc;

use ordertrace_domain::OrderId;
use serde_json::{Value, json};

use crate::harness::{
    Answer, Api, Dev, NatsProxy, PATIENCE, Program, Provider, Role, Site,
    assert_views_equal_the_log, cash_order, signal, wait_until,
};
use older::Older;

/// A shop of which every role is a version behind what is going to be in its log.
struct OlderShop {
    gate: Arc<Older>,
    commands: Role,
    views: Role,
    saga: Program,
    provider: Provider,
    _way: NatsProxy,
    site: Site,
}

impl OlderShop {
    async fn open() -> Self {
        let site = Site::start().await;
        let gate = Arc::new(Older::default());
        let way = NatsProxy::start(site.nats.client_url(), gate.clone(), false).await;
        let url = way.url();
        let (provider, commands, views) = tokio::join!(
            site.provider(),
            site.role_by(&url, "command-api", "commands"),
            site.role_by(&url, "projections", "views")
        );
        let saga = site.saga(&url, &provider.url(), &[]);
        Self {
            gate,
            commands,
            views,
            saga,
            provider,
            _way: way,
            site,
        }
    }

    fn api(&self) -> Api {
        Api::behind_a_gateway([&self.commands.api], [&self.views.api])
    }

    /// Each role says of the order that it can't read it, and does nothing with it.
    async fn assert_stopped_at(&mut self, order: &str) {
        wait_until("the order is on the list", PATIENCE, async || {
            (stuck(&self.views.api).await == [quarantined(order)]).then_some(())
        })
        .await;
        let shown = self.views.api.get(format!("/orderTraces/{order}")).await;
        let shown = shown.expect(200).json();
        assert_eq!(shown["state"], "payment_requested", "{shown}");
        assert_eq!(shown["quarantined"]["reason"], "unreadable", "{shown}");
        wait_until("the alert has something to go by", PATIENCE, async || {
            let metrics = self.views.api.get("/metrics").await.text;
            let is_told = metrics.contains("ordertrace_projection_quarantined_orders 1\n");
            is_told.then_some(())
        })
        .await;
        let start = format!("/deliveries/{order}/start");
        assert_unreadable(self.commands.api.post(&start, json!({})).await);
        let says_so = self.saga.said("that it is too old", |_, log| {
            let is_told = log.contains("this process is too old for an event of the log");
            is_told.then_some(())
        });
        says_so.await;
    }

    /// Another order goes its way, and no role says that it is not well.
    async fn assert_serves_others(&self) {
        let api = self.api();
        let other = api.place(cash_order()).await;
        api.trace_at(&other, "payment_requested").await;
        approve(&api, &other).await;
        api.trace_at(&other, "delivery_started").await;
        for role in [&self.commands.api, &self.views.api] {
            role.get("/readyz").await.expect(200);
        }
    }
}

async fn approve(api: &Api, order: &str) {
    let path = format!("/payments/{order}/approve");
    api.post(path, json!({})).await.expect(200);
}

/// An order on the list of stuck ones.
fn quarantined(order: &str) -> (Value, Value) {
    (json!(order), json!("quarantined"))
}

/// The stuck orders and why.
async fn stuck(views: &Api) -> Vec<(Value, Value)> {
    let answer = views.get("/ops/stuck").await.expect(200).json();
    let orders = answer["_embedded"]["stuckOrders"].as_array().unwrap();
    let orders = orders.iter();
    orders
        .map(|order| (order["orderId"].clone(), order["reason"].clone()))
        .collect()
}

#[track_caller]
fn assert_unreadable(answer: Answer) {
    let answer = answer.expect(500).json();
    assert_eq!(answer["type"], "urn:ordertrace:problem:order-unreadable");
}

async fn stop(mut program: Program) {
    signal("TERM", program.pid());
    assert!(program.ended().await.success());
}

/// Puts a saga of this version in the place of the older one, and waits until it has done what was left for it. Nothing was
/// parked meanwhile.
async fn upgrade_saga(site: &Site, provider: &Provider, older: Program, order: &str) -> Program {
    let mut newer = site.saga(site.nats.client_url(), &provider.url(), &[]);
    let addr = newer.said("where it listens", |_, log| {
        let rest = log.split_once("http.addr=")?.1;
        Some(rest.split_whitespace().next()?.to_owned())
    });
    let api = Api::at(&addr.await);
    stop(older).await;
    let reader = site.log().await;
    let goes_on = reader.read_until(PATIENCE, |log| {
        log.order(order).event_names().last() == Some(&"DeliveryStarted")
    });
    goes_on.await;
    let parked = api.get("/ops/dlq").await.expect(200).json();
    assert_eq!(parked["_embedded"]["deadLetters"], json!([]), "{parked}");
    newer
}

/// Puts views of this version in the place of the older ones, on the same folder. Their revision has not risen, for it is one
/// program: so nothing is built anew by itself, and an operator has it done.
async fn upgrade_views(site: &Site, older: Role, order: &str) -> Role {
    stop(older.program).await;
    let newer = site.role("projections", "views").await;
    assert_eq!(stuck(&newer.api).await, [quarantined(order)], "as it was");
    let url = format!("http://{}", newer.addr);
    let mut rebuild = Program::run(["ops", "--url", &url, "rebuild", "--yes"]).await;
    assert_eq!(rebuild.code(), Some(0), "{}", rebuild.stderr());
    newer
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_newer_schema_stops_its_orders_in_older_processes_and_goes_on_in_upgraded_ones() {
    let mut shop = OlderShop::open().await;
    let order = shop.api().place(cash_order()).await;
    shop.api().trace_at(&order, "payment_requested").await;

    // One role is upgraded before those that read what it writes.
    shop.gate.is_too_old_for(OrderId::parse(&order).unwrap());
    let newer_commands = shop.site.role("command-api", "newer-commands").await;
    approve(&newer_commands.api, &order).await;
    shop.assert_stopped_at(&order).await;
    shop.assert_serves_others().await;

    // The others follow, and nothing is left of it.
    let OlderShop {
        commands,
        views,
        saga,
        provider,
        site,
        ..
    } = shop;
    let _newer_saga = upgrade_saga(&site, &provider, saga, &order).await;
    let newer_views = upgrade_views(&site, views, &order).await;
    stop(commands.program).await;
    assert_eq!(stuck(&newer_views.api).await, []);
    let log = site.log().await.read().await;
    assert_views_equal_the_log(&newer_views.api, &log).await;
    let newer = Api::behind_a_gateway([&newer_commands.api], [&newer_views.api]);
    let complete = format!("/deliveries/{order}/complete");
    newer.post(complete, json!({})).await.expect(200);
    newer.trace_at(&order, "completed").await;
}

/// The same from the other side, and of the audit, which no proxy can deceive: a real message of the next schema.
#[tokio::test]
async fn an_event_of_the_next_schema_is_shown_and_proven_and_stops_no_other_order() {
    let data = tempfile::tempdir().unwrap();
    let mut dev = Dev::start(data.path(), &[]).await;
    let order = dev.api.place(cash_order()).await;
    dev.api.trace_at(&order, "payment_requested").await;
    raw::append_of_the_next_schema(&dev, &order).await;

    wait_until("the order is on the list", PATIENCE, async || {
        (stuck(&dev.api).await == [quarantined(&order)]).then_some(())
    })
    .await;
    assert_unreadable(dev.api.delete(format!("/orders/{order}")).await);
    dev.program
        .said("that it is too old", |_, log| {
            let is_told = log.contains("PaymentApproved has schema 2, this program knows up to 1");
            is_told.then_some(())
        })
        .await;
    let other = dev.api.place(cash_order()).await;
    dev.api.trace_at(&other, "payment_requested").await;
    dev.api.get("/readyz").await.expect(200);

    let folder = data.path().to_str().unwrap();
    let mut verified = Program::run(["audit", "verify", "--data-dir", folder]).await;
    assert_eq!(verified.code(), Some(0), "{}", verified.stdout());
    let mut replayed =
        Program::run(["audit", "replay", "--data-dir", folder, "-o", "ndjson"]).await;
    assert_eq!(replayed.code(), Some(0), "{}", replayed.stderr());
    let unreadable = "\"unreadable\":\"PaymentApproved has schema 2, this program knows up to 1\"";
    assert!(
        replayed.stdout().contains(unreadable),
        "{}",
        replayed.stdout()
    );
}
