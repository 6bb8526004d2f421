//! The payment provider over HTTP: [Stripe's API](https://docs.stripe.com/api), or a service that speaks it.
//!
//! Invariant: nothing is said to be charged, declined or given back but on Stripe's clear word; and that nothing has
//! happened, only when the request did not leave or was turned away at the door. A charge is found again by its intent's
//! name, never by an idempotency key: Stripe forgets keys after a day, and under a key repeats failures it has stored.
//!
//! No client secret of an intent leaves us, so a customer can't take part in a payment: when the bank wants them to prove
//! who they are (3-D Secure), the intent stays at `requires_action`, which is [`IntentStatus::Pending`]. The saga looks at
//! it until the payment's deadline and then calls it off; nothing was charged, the payment has expired, and the order is
//! rejected. Means of payment that were set up for use without their owner (`off_session`) are asked for proof rarely.
//!
//! It deliberately listens to no webhooks, keeps no state but its connections, and repeats no POST: when to ask again is
//! the saga's to say.

mod alarm;
mod config;
mod endpoint;
mod http;
mod intent;
mod key;
mod reading;
mod refund;
mod units;
mod wire;
mod words;

use async_trait::async_trait;
use ordertrace_domain::{OrderId, ProviderRef, Reason};
use reqwest::StatusCode;

use super::{Charge, Created, IntentStatus, NoAnswer, PaymentProvider, RefundOrder, Refunded};
use endpoint::Endpoint;
use http::{Call, Http};
use intent::Standing;
use reading::{Failure, Refusal, answered_with};
use wire::Intent;

pub use config::{StripeConfig, StripeConfigError};

/// What a request for an intent says that comes from the order. A refusal that names anything else is a mistake of ours,
/// and nobody's card is declined for it.
const PARAMS_OF_THE_ORDER: [&str; 3] = ["payment_method", "amount", "currency"];

/// Stripe.
#[derive(Debug)]
pub struct StripeProvider {
    http: Http,
}

impl StripeProvider {
    /// Makes ready; it connects with the first request.
    ///
    /// # Errors
    /// [`StripeConfigError`]; whether Stripe takes the secret shows with the first request only.
    pub fn new(config: StripeConfig) -> Result<Self, StripeConfigError> {
        Http::new(config).map(|http| Self { http })
    }
}

#[async_trait]
impl PaymentProvider for StripeProvider {
    async fn create(&self, order: OrderId, charge: &Charge) -> Result<Created, NoAnswer> {
        Ok(create(&mut self.http.begin(), order, charge).await?)
    }

    async fn confirm(&self, intent: &ProviderRef) -> Result<IntentStatus, NoAnswer> {
        let mut call = self.http.begin();
        // A new key each time: Stripe charges an intent once, and under an old key would only repeat an old answer.
        let answer = call
            .post(Endpoint::Confirm(intent), &[], &key::fresh())
            .await?;
        if let Err(refusal) = &answer
            && refusal.status == StatusCode::PAYMENT_REQUIRED
        {
            return Ok(call.decline(intent, words::reason(&refusal.error)).await?);
        }
        let found = call.shown(intent, answer).await?;
        Ok(call.settle(intent, &found).await?)
    }

    async fn look_up(&self, intent: &ProviderRef) -> Result<IntentStatus, NoAnswer> {
        let mut call = self.http.begin();
        let found = call.get(Endpoint::Intent(intent)).await?;
        Ok(call.settle(intent, &found).await?)
    }

    async fn cancel(&self, intent: &ProviderRef) -> Result<IntentStatus, NoAnswer> {
        let mut call = self.http.begin();
        match call.call_off(intent).await? {
            Standing::Is(status) => Ok(status),
            Standing::Open(reason) => Ok(IntentStatus::Pending(reason)),
        }
    }

    async fn refund(&self, order: OrderId, refund: &RefundOrder) -> Result<Refunded, NoAnswer> {
        Ok(self.http.begin().refund_once(order, refund).await?)
    }
}

async fn create(call: &mut Call<'_>, order: OrderId, charge: &Charge) -> Result<Created, Failure> {
    let amount = match units::to_stripe(charge.amount, charge.currency) {
        Ok(amount) => amount.to_string(),
        Err(why) => return Ok(Created::Refused(Reason::lossy(&why.to_string()))),
    };
    let form = [
        ("amount", amount),
        ("currency", charge.currency.code().to_lowercase()),
        ("payment_method", charge.token.to_string()),
        ("payment_method_types[]", "card".to_owned()),
        ("capture_method", "automatic".to_owned()),
        ("confirm", "false".to_owned()),
        ("metadata[order_id]", order.to_string()),
        ("metadata[attempt]", charge.attempt.to_string()),
    ];
    let form = form.each_ref().map(|(name, value)| (*name, value.as_str()));
    for key in key::sequence(&format!("ordertrace-{order}-create-{}", charge.attempt)) {
        match call.post(Endpoint::Intents, &form, &key).await {
            // An intent charges nothing, so a lost one that nobody ever confirms does no harm.
            Err(Failure::KeySpent(_)) => {}
            answer => return made(answer?, charge),
        }
    }
    Err(Failure::unclear("it keeps a failure under every key"))
}

/// What became of a wish for an intent.
fn made(answer: Result<Intent, Refusal>, charge: &Charge) -> Result<Created, Failure> {
    let intent = match answer {
        Ok(intent) => intent,
        Err(refusal) if is_about_the_order(&refusal) => {
            return Ok(Created::Refused(words::reason(&refusal.error)));
        }
        Err(refusal) => return Err(Failure::Unclear(answered_with(refusal.status))),
    };
    if !intent.is_over(charge.amount, charge.currency) {
        return Err(Failure::unclear("it made an intent over another amount"));
    }
    ProviderRef::parse(intent.id)
        .map(Created::Intent)
        .map_err(|_| Failure::unknown("its answer names no intent"))
}

/// Whether an intent was refused for what the customer wants, and not for how we ask.
fn is_about_the_order(refusal: &Refusal) -> bool {
    let error = &refusal.error;
    let names_the_order = error
        .param
        .as_deref()
        .is_some_and(|param| PARAMS_OF_THE_ORDER.contains(&param));
    match refusal.status {
        StatusCode::PAYMENT_REQUIRED => true,
        // The means of payment is the only thing that a request for an intent names, so nothing else can be missing.
        StatusCode::NOT_FOUND => {
            error.is_of("invalid_request_error") && error.param.is_none() || names_the_order
        }
        _ => error.is_of("card_error") || names_the_order,
    }
}
