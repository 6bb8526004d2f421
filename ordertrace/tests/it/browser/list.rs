//! The list of orders while somebody looks at it: what is pushed off its page, goes into quarantine, or can't be loaded.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use async_trait::async_trait;
use ordertrace_domain::OrderId;
use ordertrace_nats::subject;
use tokio_util::sync::CancellationToken;

use super::chromium::{Scripts, Tab};
use super::stage::{Stage, until_live};
use crate::harness::{Gate, HttpProxy, LogReader, Verdict, cash_order};

/// A stream that says one thing, and ends.
const RESET: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: 25\r\n\r\n\
                     event: reset\ndata: none\n\n";

/// What a server says that is not ready yet.
const BUSY: &str = "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n";

/// How often the list can't be loaded: once could be taken for luck.
const REFUSALS: usize = 2;

#[tokio::test]
async fn what_new_orders_push_off_the_page_is_on_the_next_one() {
    let Some(stage) = Stage::set(&[]).await else {
        return;
    };
    let tab = stage.chromium.tab(Scripts::Run).await;
    let oldest = placed(&stage).await;
    let second = placed(&stage).await;
    tab.go(&stage.page("/ui/orders?limit=2")).await;
    until_live(&tab).await;
    until_rows(&tab, &[&second, &oldest]).await;
    assert_eq!(tab.count("#page-next").await, 0);

    let third = placed(&stage).await;
    until_rows(&tab, &[&third, &second]).await;
    tab.click("#page-next").await;
    until_rows(&tab, &[&oldest]).await;
    assert!(tab.path().await.contains("cursor="));
    tab.assert_content().await;
    tab.close().await;
}

#[tokio::test]
async fn an_order_that_goes_into_quarantine_says_so_where_it_is_looked_at() {
    let Some(stage) = Stage::set(&[]).await else {
        return;
    };
    let tab = stage.chromium.tab(Scripts::Run).await;
    let order = placed(&stage).await;
    tab.go(&stage.page("/ui/orders")).await;
    until_live(&tab).await;
    until_rows(&tab, &[&order]).await;

    let log = LogReader::of_server(&stage.dev.nats()).await;
    let subject = subject::events_of(OrderId::parse(&order).unwrap());
    let client = log.connection.client();
    client.request(subject, "{}".into()).await.unwrap();
    let chip = format!("#order-{order} .chip-trouble");
    tab.until("the row says so", async |tab| {
        tab.texts(&chip).await == ["In quarantine"]
    })
    .await;
    tab.assert_content().await;
    tab.close().await;
}

#[tokio::test]
async fn a_list_that_can_not_be_loaded_anew_is_asked_for_until_it_can() {
    let Some(stage) = Stage::set(&[]).await else {
        return;
    };
    let gate = Arc::new(Unready::default());
    let proxy = HttpProxy::start(&stage.dev.addr, gate.clone()).await;
    let tab = stage.chromium.tab(Scripts::Run).await;
    tab.go(&format!("{}/ui/orders", proxy.url())).await;
    until_live(&tab).await;
    tab.script("document.getElementById('board').dataset.stale = '';")
        .await;

    gate.shut();
    tab.until("the list is another one", async |tab| {
        tab.count("#board:not([data-stale])").await == 1
    })
    .await;
    assert_eq!(gate.refusals.load(Ordering::SeqCst), REFUSALS);
    until_live(&tab).await;
    tab.close().await;
}

/// Before a server that has nothing to go on from, and is not ready to begin anew either.
#[derive(Default)]
struct Unready {
    is_shut: AtomicBool,
    before: CancellationToken,
    has_reset: AtomicBool,
    refusals: AtomicUsize,
}

impl Unready {
    /// From now on; the connections that there are end.
    fn shut(&self) {
        self.is_shut.store(true, Ordering::SeqCst);
        self.before.cancel();
    }

    fn is_shut(&self) -> bool {
        self.is_shut.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl Gate for Unready {
    fn admit(&self) -> CancellationToken {
        if self.is_shut() {
            CancellationToken::new()
        } else {
            self.before.clone()
        }
    }

    async fn meet(&self, step: &str) -> Verdict {
        if !self.is_shut() {
            return Verdict::Pass;
        }
        match step {
            "GET /ui/orders/stream" if !self.has_reset.swap(true, Ordering::SeqCst) => {
                Verdict::Refuse(RESET)
            }
            "GET /ui/orders" if self.refusals.load(Ordering::SeqCst) < REFUSALS => {
                self.refusals.fetch_add(1, Ordering::SeqCst);
                Verdict::Refuse(BUSY)
            }
            _ => Verdict::Pass,
        }
    }
}

/// Places an order, and waits until the views have all that comes of it by itself.
async fn placed(stage: &Stage) -> String {
    let order = stage.dev.api.place(cash_order()).await;
    stage.dev.api.trace_at(&order, "payment_requested").await;
    order
}

/// Waits until the list has these orders, in this order.
async fn until_rows(tab: &Tab, orders: &[&str]) {
    let rows: Vec<_> = orders
        .iter()
        .map(|order| format!("order-{order}"))
        .collect();
    tab.until("the list has the right rows", async |tab| {
        tab.attributes("[data-rows] [data-row]", "id").await == rows
    })
    .await;
}
