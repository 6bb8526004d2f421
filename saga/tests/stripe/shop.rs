//! One order at localstripe, and what localstripe itself says became of it.
//!
//! Invariant: every order here has an amount of its own, by which its charges are found among all others, also those
//! whose intent the adapter never heard of.

use std::{
    net::SocketAddr,
    sync::atomic::{AtomicI64, Ordering},
    time::{Duration, UNIX_EPOCH},
};

use ordertrace_domain::{Amount, Attempt, Currency, OrderId, PaymentToken, ProviderRef};
use ordertrace_saga::provider::{
    Charge, Created, IntentStatus, PaymentProvider, RefundOrder, StripeConfig, StripeProvider,
};
use reqwest::{Client, Url};
use serde_json::Value;
use uuid::Uuid;

use crate::{localstripe, proxy::Proxy};

/// It takes any key that begins like this.
const SECRET: &str = "sk_test_ordertrace";

/// A card that is charged.
pub(crate) const GOOD_CARD: &str = "pm_card_visa";

/// The one well-known card that localstripe declines when it is charged; `pm_card_visa_chargeDeclined` it charges.
pub(crate) const BAD_CARD: &str = "pm_card_chargeCustomerFail";

/// Far more than all tests together make; localstripe sets no limit of its own.
const ALL: &str = "limit=100000";

pub(crate) struct Shop {
    pub(crate) order: OrderId,
    pub(crate) amount: Amount,
    /// Just before the order came to be, in seconds since 1970.
    before: u64,
    base_url: Url,
    http: Client,
}

impl Shop {
    /// A new order.
    pub(crate) fn open() -> Self {
        static AMOUNT: AtomicI64 = AtomicI64::new(1_000);
        let minor = AMOUNT.fetch_add(1, Ordering::Relaxed);
        Self {
            order: OrderId::from_uuid(Uuid::now_v7()),
            amount: Amount::from_minor(minor).unwrap(),
            before: UNIX_EPOCH.elapsed().unwrap().as_secs() - 1,
            base_url: localstripe::base_url(),
            http: in_clear(),
        }
    }

    /// Where localstripe is.
    pub(crate) fn upstream(&self) -> SocketAddr {
        self.base_url.socket_addrs(|| None).unwrap()[0]
    }

    /// The adapter, without anything in between.
    pub(crate) fn provider(&self) -> StripeProvider {
        StripeProvider::new(config(self.upstream())).unwrap()
    }

    pub(crate) fn charge(&self, token: &str) -> Charge {
        Charge {
            attempt: Attempt::FIRST,
            amount: self.amount,
            currency: Currency::parse("EUR").unwrap(),
            token: PaymentToken::parse(token).unwrap(),
        }
    }

    pub(crate) fn refund_of(&self, intent: &ProviderRef, attempt: u16) -> RefundOrder {
        RefundOrder {
            intent: intent.clone(),
            attempt: Attempt::new(attempt),
            amount: self.amount,
            currency: Currency::parse("EUR").unwrap(),
        }
    }

    /// An unconfirmed intent.
    pub(crate) async fn intent(&self, token: &str) -> ProviderRef {
        let charge = self.charge(token);
        match self.provider().create(self.order, &charge).await {
            Ok(Created::Intent(intent)) => intent,
            other => panic!("no intent but {other:?}"),
        }
    }

    /// An intent that was charged.
    pub(crate) async fn charged(&self) -> ProviderRef {
        let intent = self.intent(GOOD_CARD).await;
        let confirmed = self.provider().confirm(&intent).await;
        assert_eq!(confirmed, Ok(IntentStatus::Succeeded));
        intent
    }

    /// What was charged for this order, one by one, less what was given back of each.
    pub(crate) async fn charges(&self) -> Vec<i64> {
        // localstripe goes through all it has for each charge that it lists, so it is not asked for those of before.
        let since = self.before;
        let all = self
            .get(&format!("charges?created[gt]={since}&{ALL}"))
            .await;
        let all = all["data"].as_array().unwrap();
        all.iter()
            .filter(|charge| charge["amount"] == self.amount.minor())
            .filter(|charge| charge["status"] == "succeeded")
            .map(|charge| self.amount.minor() - charge["amount_refunded"].as_i64().unwrap())
            .collect()
    }

    /// How many refunds an intent has.
    pub(crate) async fn refunds_of(&self, intent: &ProviderRef) -> usize {
        let refunds = self
            .get(&format!("refunds?payment_intent={intent}&{ALL}"))
            .await;
        refunds["data"].as_array().unwrap().len()
    }

    /// How an intent stands.
    pub(crate) async fn status_of(&self, intent: &ProviderRef) -> String {
        let found = self.get(&format!("payment_intents/{intent}")).await;
        found["status"].as_str().unwrap().to_owned()
    }

    /// How all intents over this order's amount stand.
    pub(crate) async fn intents(&self) -> Vec<String> {
        let all = self.get(&format!("payment_intents?{ALL}")).await;
        let all = all["data"].as_array().unwrap();
        all.iter()
            .filter(|intent| intent["amount"] == self.amount.minor())
            .map(|intent| intent["status"].as_str().unwrap().to_owned())
            .collect()
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let url = format!("{}v1/{path}", self.base_url);
        let answer = self.http.get(url).bearer_auth(SECRET).send().await.unwrap();
        serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
    }

    /// Does something behind the adapter's back; `Err` is localstripe's refusal.
    pub(crate) async fn post(&self, path: &str, form: &[(&str, &str)]) -> Result<Value, Value> {
        let url = format!("{}v1/{path}", self.base_url);
        let request = self.http.post(url).bearer_auth(SECRET).form(form);
        let answer = request.send().await.unwrap();
        let is_yes = answer.status().is_success();
        let body = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
        if is_yes { Ok(body) } else { Err(body) }
    }

    /// A card of the given number, by localstripe's name for it.
    pub(crate) async fn card(&self, number: &str) -> String {
        let form = [
            ("type", "card"),
            ("card[number]", number),
            ("card[exp_month]", "12"),
            ("card[exp_year]", "2030"),
            ("card[cvc]", "123"),
        ];
        let made = self.post("payment_methods", &form).await.unwrap();
        made["id"].as_str().unwrap().to_owned()
    }
}

/// A client that reads no root certificates, which takes longer than most of the tests.
fn in_clear() -> Client {
    let builder = Client::builder().no_proxy().tls_certs_only([]);
    builder.build().unwrap()
}

/// How the adapter reaches a localstripe, or a proxy before it.
pub(crate) fn config(address: SocketAddr) -> StripeConfig {
    with_secret(address, SECRET)
}

pub(crate) fn with_secret(address: SocketAddr, secret: &str) -> StripeConfig {
    let base_url = format!("http://{address}").parse().unwrap();
    StripeConfig::new(base_url, secret.to_owned().into())
}

/// An adapter that gives up soon, for tests in which nobody answers.
pub(crate) fn hasty(address: SocketAddr) -> StripeProvider {
    let request_timeout = Duration::from_secs(1);
    StripeProvider::new(StripeConfig {
        request_timeout,
        ..config(address)
    })
    .unwrap()
}

/// An adapter with the usual patience.
pub(crate) fn patient(address: SocketAddr) -> StripeProvider {
    StripeProvider::new(config(address)).unwrap()
}

/// A new order, a proxy before localstripe, and the adapter behind it.
pub(crate) async fn behind_a_proxy() -> (Shop, Proxy, StripeProvider) {
    let shop = Shop::open();
    let proxy = Proxy::before(shop.upstream()).await;
    let provider = patient(proxy.address());
    (shop, proxy, provider)
}
