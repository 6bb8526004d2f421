//! The payment provider goes away under load: orders are placed and cash is delivered all the same, cards wait, and none is
//! declined for it.

use std::sync::Arc;
use std::time::Duration;

use ordertrace_domain::Timestamp;

use crate::harness::{Flow, HttpProxy, Kind, Log, OpenGate, Shop, ToldOrder, now};

/// 200 orders a minute, half of them by card.
const PACE: Duration = Duration::from_millis(300);
const KINDS: &[Kind] = &[Kind::Card, Kind::Paid];

/// Orders before the outage, and after it.
const AROUND: u64 = 10;

/// How long after the provider's return every card order may take to be approved.
const RECOVERY_MAX: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn orders_go_on_while_the_provider_is_down_and_cards_are_charged_when_it_is_back() {
    outage(Duration::from_secs(8)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes two minutes: see CONTRIBUTING.md"]
async fn orders_go_on_while_the_provider_is_down_for_a_minute() {
    outage(Duration::from_mins(1)).await;
}

async fn outage(length: Duration) {
    let shop = Shop::open().await;
    let proxy = HttpProxy::start(&shop.provider.addr, Arc::new(OpenGate)).await;
    let nats = shop.site.nats.client_url();
    let _saga = shop.site.saga(nats, &proxy.url(), &[]);

    let flow = Flow::start(&shop.api, KINDS, PACE);
    flow.more(AROUND).await;
    let down_at = now();
    proxy.close();
    let orders = length.as_millis().div_ceil(PACE.as_millis());
    flow.more(u64::try_from(orders).unwrap()).await;
    proxy.reopen().await;
    let back_at = now();
    flow.more(AROUND).await;

    let load = flow.finish().await;
    assert_eq!(load.refused().count(), 0, "{:?}", load.refused().next());
    assert_eq!(load.unanswered(), 0);
    let log = shop.settled(&load).await;
    let outage = Outage { down_at, back_at };
    let cash = outage.assert_cash_went_on(&log);
    let cards = outage.assert_cards_waited(&log);
    println!(
        "{} orders, all placed; down for {:?}: {cash} cash orders delivered meanwhile; {} cards waited, the last was \
         approved {:?} after the return",
        log.orders.len(),
        back_at.since(down_at),
        cards.waited,
        cards.recovery,
    );
    assert!(cards.recovery < RECOVERY_MAX);
}

struct Outage {
    down_at: Timestamp,
    back_at: Timestamp,
}

struct Cards {
    waited: usize,
    recovery: Duration,
}

impl Outage {
    /// Checks that the cash orders of its first half were on their way before its end, and says how many that were.
    fn assert_cash_went_on(&self, log: &Log) -> usize {
        let half = self.down_at.after(self.back_at.since(self.down_at) / 2);
        let cash = log.orders.values().filter(|told| {
            let (placed_at, _) = told.recorded();
            !is_card(told) && (self.down_at..half).contains(&placed_at)
        });
        let mut count = 0;
        for told in cash {
            let started_at = at(told, "DeliveryStarted").unwrap();
            assert!(
                started_at < self.back_at,
                "cash order {} waited for the card provider",
                told.id
            );
            count += 1;
        }
        assert!(count > 0, "no cash order came during the outage");
        count
    }

    /// Checks that the cards of the outage were approved after it, each of them, and says how long that took.
    fn assert_cards_waited(&self, log: &Log) -> Cards {
        let mut cards = Cards {
            waited: 0,
            recovery: Duration::ZERO,
        };
        for told in log.orders.values().filter(|told| is_card(told)) {
            let (placed_at, _) = told.recorded();
            let approved_at = at(told, "PaymentApproved");
            let approved_at = approved_at.unwrap_or_else(|| panic!("{:?}", told.event_names()));
            if (self.down_at..self.back_at).contains(&placed_at) {
                assert!(approved_at >= self.back_at, "there was no outage");
                cards.waited += 1;
            }
            if placed_at < self.back_at {
                cards.recovery = cards.recovery.max(approved_at.since(self.back_at));
            }
        }
        assert!(cards.waited > 0, "no card order came during the outage");
        cards
    }
}

fn is_card(told: &ToldOrder) -> bool {
    told.order.placed.payment_method.is_card()
}

/// When the order's first event of this name was recorded.
fn at(told: &ToldOrder, name: &str) -> Option<Timestamp> {
    let mut story = told.story();
    story.find(|(event, _)| *event == name).map(|(_, at)| at)
}
