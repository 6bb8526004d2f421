//! What is checked when all is over.

use std::time::Duration;

use futures::{StreamExt as _, stream};
use ordertrace_domain::{Payment, PaymentMethod};

use super::town::Town;
use crate::harness::{
    Checked, Heard, History, Log, Money, Operation, ToldOrder, assert_views_equal_the_log,
};

/// How long orders may take to come as far as they can by themselves: the waits for a provider grow to 15 s.
const SETTLE_MAX: Duration = Duration::from_secs(120);

/// Repeats at a time.
const REPEATS: usize = 16;

impl Town {
    /// Waits until no order is on its way, and checks that the history of the clients, the log, the views and the provider's
    /// ledger tell the same.
    pub(super) async fn check(&self, history: &History) -> Checked {
        let reader = self.reader().await;
        let log = reader.read_until(SETTLE_MAX, Log::is_settled).await;
        let checked = history.assert_linearizable(&log);
        self.assert_charged_once(&log).await;
        self.of("projections").ready().await;
        assert_views_equal_the_log(&self.of("projections"), &log).await;
        self.repeat(history, &log).await;
        let after = reader.read().await;
        assert_eq!(after.head, log.head, "repeats changed the log");
        checked
    }

    /// Sends everything again that left an event, with its key, and checks that it is answered as it was.
    async fn repeat(&self, history: &History, log: &Log) {
        let (api, process) = (self.api(), history.process());
        let effects = history.effects(log);
        assert!(!effects.is_empty(), "nothing was done");
        stream::iter(&effects)
            .for_each_concurrent(REPEATS, |first| {
                let api = api.clone();
                async move {
                    let again: Operation = history.ask(&api, process, &first.ask).await;
                    let is_done = matches!(again.heard, Heard::Done { .. });
                    assert!(
                        is_done && again.heard == first.heard,
                        "{first:?}: {again:?}"
                    );
                }
            })
            .await;
    }

    /// Checks that every card was charged at most once, and that what the provider keeps is what the order says.
    async fn assert_charged_once(&self, log: &Log) {
        let ledger = self.provider.ledger().await;
        for told in log.orders.values() {
            let money = ledger.get(&told.id.to_string()).copied();
            let money = money.unwrap_or_default();
            let total = told.order.placed.total.minor();
            assert!(
                is_charged_right(told, money, total),
                "{:?}: {money:?}",
                told.id
            );
        }
    }
}

fn is_charged_right(told: &ToldOrder, money: Money, total: i64) -> bool {
    let is_card = matches!(told.order.placed.payment_method, PaymentMethod::Card { .. });
    let is_paid = matches!(told.order.payment, Payment::Approved { .. });
    let kept = if is_card && is_paid { total } else { 0 };
    money.captured - money.refunded == kept
        && [0, total].contains(&money.captured)
        && money.confirmations <= 1
}
