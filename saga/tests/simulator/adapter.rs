//! Our own adapter for Stripe against the simulator: what the port promises for each amount, and that one net charge comes
//! of it.

use std::time::Duration;

use ordertrace_domain::{
    Attempt, OrderId, PaymentToken, ProviderRef,
    testing::fixtures::{amount, euro, order_id},
};
use ordertrace_saga::{
    provider::{
        Charge, Created, IntentStatus, NoAnswer, PaymentProvider, RefundOrder, Refunded,
        StripeConfig, StripeProvider,
    },
    simulator::Simulator,
};

use crate::server::Server;

const REQUEST_TIMEOUT: Duration = Duration::from_secs(1);

/// How often a call is made again: more often than any amount makes it fail.
const TRIES_MAX: usize = 4;

struct Shop {
    server: Server,
    provider: StripeProvider,
    order: OrderId,
    amount: i64,
}

impl Shop {
    async fn selling_for(amount: i64) -> Self {
        let late = Simulator::in_memory().answering_late_by(2 * REQUEST_TIMEOUT);
        let server = Server::of(late).await;
        let mut config = StripeConfig::new(
            server.base.parse().unwrap(),
            "sk_test_simulated".to_owned().into(),
        );
        config.request_timeout = REQUEST_TIMEOUT;
        Self {
            server,
            provider: StripeProvider::new(config).expect("a client"),
            order: order_id(),
            amount,
        }
    }

    async fn create(&self) -> Result<Created, NoAnswer> {
        let charge = Charge {
            attempt: Attempt::FIRST,
            amount: amount(self.amount),
            currency: euro(),
            token: PaymentToken::parse("pm_card_visa").unwrap(),
        };
        self.provider.create(self.order, &charge).await
    }

    async fn intent(&self) -> ProviderRef {
        for _ in 0..TRIES_MAX {
            if let Ok(Created::Intent(intent)) = self.create().await {
                return intent;
            }
        }
        unreachable!("an intent is made in the end");
    }

    /// As the saga does: what is not clear is looked up, what is not confirmed is confirmed.
    async fn pay(&self, intent: &ProviderRef) -> IntentStatus {
        let mut answer = self.provider.confirm(intent).await;
        for _ in 0..TRIES_MAX {
            answer = match answer {
                Ok(IntentStatus::Unconfirmed) | Err(NoAnswer::NotAsked { .. }) => {
                    self.provider.confirm(intent).await
                }
                Err(NoAnswer::Unknown(_) | NoAnswer::Unclear(_)) => {
                    self.provider.look_up(intent).await
                }
                Ok(status) => return status,
            };
        }
        unreachable!("the payment ends: {answer:?}");
    }

    async fn refund(&self, intent: &ProviderRef) -> Refunded {
        for attempt in 1..=TRIES_MAX {
            let order = RefundOrder {
                intent: intent.clone(),
                attempt: Attempt::new(u16::try_from(attempt).unwrap()),
                amount: amount(self.amount),
                currency: euro(),
            };
            if let Ok(refunded) = self.provider.refund(self.order, &order).await {
                return refunded;
            }
        }
        unreachable!("the refund ends");
    }
}

#[rstest::rstest]
#[case::as_usual(1_000)]
#[case::slow(40_800)]
#[case::rate_limited(42_900)]
#[case::error(50_000)]
#[case::lost_request(50_300)]
#[case::lost_answer(50_400)]
#[tokio::test]
async fn whatever_goes_wrong_the_card_is_charged_once_and_given_back_once(#[case] amount: i64) {
    let shop = Shop::selling_for(amount).await;
    let intent = shop.intent().await;
    assert_eq!(shop.pay(&intent).await, IntentStatus::Succeeded);
    assert_eq!(shop.server.money().await, (amount, 0, 1));
    let refunded = shop.refund(&intent).await;
    assert!(matches!(refunded, Refunded::Done(_)), "{refunded:?}");
    assert_eq!(shop.refund(&intent).await, refunded);
    assert_eq!(shop.server.money().await, (amount, amount, 1));
}

#[tokio::test]
async fn a_declined_card_is_declined_for_good() {
    let shop = Shop::selling_for(40_200).await;
    let intent = shop.intent().await;
    let paid = shop.pay(&intent).await;
    assert!(matches!(paid, IntentStatus::Declined(_)), "{paid:?}");
    assert_eq!(shop.server.status_of(intent.as_str()).await, "canceled");
    assert_eq!(shop.server.money().await, (0, 0, 1));
}

#[tokio::test]
async fn an_unknown_payment_method_is_refused() {
    let shop = Shop::selling_for(40_400).await;
    let created = shop.create().await;
    assert!(matches!(created, Ok(Created::Refused(_))), "{created:?}");
}

#[tokio::test]
async fn a_rate_limit_is_told_with_the_time_to_wait() {
    let shop = Shop::selling_for(42_900).await;
    let put_off = shop.create().await;
    let Err(NoAnswer::NotAsked { retry_after, .. }) = put_off else {
        unreachable!("nothing was done: {put_off:?}");
    };
    assert_eq!(retry_after, Some(Duration::from_secs(1)));
}
