//! How an intent stands, in the port's words.
//!
//! Invariant: a decline is final. Stripe leaves a declined intent open for another card, so it counts as declined only
//! after it was called off.

use ordertrace_domain::{ProviderRef, Reason};

use super::{
    endpoint::Endpoint,
    http::Call,
    key,
    reading::{Failure, Refusal},
    wire::Intent,
    words,
};
use crate::provider::IntentStatus;

/// How an intent stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Standing {
    /// As the port has it.
    Is(IntentStatus),
    /// A card was refused, and another try is open.
    Open(Reason),
}

/// What an intent's status means; <https://docs.stripe.com/payments/paymentintents/lifecycle>.
fn standing(intent: &Intent) -> Result<Standing, Failure> {
    let error = intent.last_payment_error.as_ref().map(words::reason);
    let status = match (intent.status.as_str(), error) {
        ("succeeded", _) if intent.is_paid_in_full() => IntentStatus::Succeeded,
        ("succeeded", _) => return Err(Failure::unclear("it received another amount")),
        ("canceled", Some(reason)) => IntentStatus::Declined(reason),
        ("canceled", None) => IntentStatus::Cancelled,
        ("requires_payment_method", Some(reason)) => return Ok(Standing::Open(reason)),
        ("requires_confirmation" | "requires_payment_method", _) => IntentStatus::Unconfirmed,
        (other, _) => IntentStatus::Pending(Reason::lossy(&format!("the payment is {other}"))),
    };
    Ok(Standing::Is(status))
}

impl Call<'_> {
    /// Brings what was found to a status that holds.
    pub(super) async fn settle(
        &mut self,
        intent: &ProviderRef,
        found: &Intent,
    ) -> Result<IntentStatus, Failure> {
        match self.standing_of(intent, found)? {
            Standing::Is(status) => Ok(status),
            Standing::Open(reason) => self.decline(intent, reason).await,
        }
    }

    /// Closes an intent whose card was refused, so that nobody can charge it any more.
    pub(super) async fn decline(
        &mut self,
        intent: &ProviderRef,
        reason: Reason,
    ) -> Result<IntentStatus, Failure> {
        match self.call_off(intent).await? {
            Standing::Is(IntentStatus::Cancelled | IntentStatus::Declined(_)) => {
                Ok(IntentStatus::Declined(reason))
            }
            Standing::Is(IntentStatus::Succeeded) => Ok(IntentStatus::Succeeded),
            Standing::Is(IntentStatus::Unconfirmed | IntentStatus::Pending(_))
            | Standing::Open(_) => Err(Failure::unclear(
                "a card was refused, but the payment is still open",
            )),
        }
    }

    /// Calls an intent off, unless it has ended, and says how it stands.
    ///
    /// The key is a new one each time: an intent can be called off once only, and under an old key Stripe would repeat
    /// what it said when the intent stood otherwise.
    pub(super) async fn call_off(&mut self, intent: &ProviderRef) -> Result<Standing, Failure> {
        let answer = self
            .post(Endpoint::Cancel(intent), &[], &key::fresh())
            .await?;
        self.found(intent, answer).await
    }

    /// How an intent stands by an answer about it, be it a yes or a no that shows it; looks it up otherwise.
    async fn found(
        &self,
        intent: &ProviderRef,
        answer: Result<Intent, Refusal>,
    ) -> Result<Standing, Failure> {
        let found = self.shown(intent, answer).await?;
        self.standing_of(intent, &found)
    }

    /// The intent that an answer shows, or else the one that is found by its name.
    pub(super) async fn shown(
        &self,
        intent: &ProviderRef,
        answer: Result<Intent, Refusal>,
    ) -> Result<Intent, Failure> {
        match answer {
            Ok(found) => Ok(found),
            Err(refusal) => match refusal.error.payment_intent {
                Some(found) => Ok(*found),
                None => self.get(Endpoint::Intent(intent)).await,
            },
        }
    }

    fn standing_of(&self, asked: &ProviderRef, found: &Intent) -> Result<Standing, Failure> {
        if found.is(asked) {
            standing(found)
        } else {
            Err(Failure::unclear("it answered about another payment"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn stands(json: &str) -> Result<Standing, Failure> {
        let mut intent: serde_json::Value = serde_json::from_str(json).unwrap();
        intent["id"] = "pi_1".into();
        intent["amount"] = 500.into();
        intent["currency"] = "eur".into();
        standing(&serde_json::from_value(intent).unwrap())
    }

    #[rstest]
    #[case(r#"{"status": "requires_confirmation"}"#, IntentStatus::Unconfirmed)]
    #[case(r#"{"status": "requires_payment_method"}"#, IntentStatus::Unconfirmed)]
    #[case(r#"{"status": "canceled"}"#, IntentStatus::Cancelled)]
    #[case(
        r#"{"status": "succeeded", "amount_received": 500}"#,
        IntentStatus::Succeeded
    )]
    #[case(r#"{"status": "succeeded"}"#, IntentStatus::Succeeded)]
    #[case(
        r#"{"status": "canceled", "last_payment_error": {"code": "card_declined"}}"#,
        IntentStatus::Declined(Reason::lossy("card_declined"))
    )]
    fn a_clear_status_is_taken(#[case] json: &str, #[case] status: IntentStatus) {
        assert_eq!(stands(json), Ok(Standing::Is(status)));
    }

    #[rstest]
    #[case("processing")]
    #[case("requires_action")]
    #[case("requires_capture")]
    #[case("something_new")]
    fn what_is_under_way_or_new_is_pending_even_after_an_error(#[case] status: &str) {
        let json = format!(
            r#"{{"status": "{status}", "last_payment_error": {{"code": "card_declined"}}}}"#
        );
        assert!(matches!(
            stands(&json),
            Ok(Standing::Is(IntentStatus::Pending(_)))
        ));
    }

    #[test]
    fn a_refused_card_leaves_the_intent_open() {
        let json = r#"{"status": "requires_payment_method", "last_payment_error": {"code": "x"}}"#;
        assert_eq!(stands(json), Ok(Standing::Open(Reason::lossy("x"))));
    }

    #[test]
    fn another_amount_than_asked_for_is_no_success() {
        let read = stands(r#"{"status": "succeeded", "amount_received": 499}"#);
        assert!(matches!(read, Err(Failure::Unclear(_))));
    }
}
