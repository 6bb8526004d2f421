//! The ledger's records as Stripe shows them.

use serde_json::{Value, json};

use super::super::record::{Intent, Refund, Standing};

pub(super) fn intent(intent: &Intent) -> Value {
    let wish = &intent.wish;
    let is_declined = intent.was_declined;
    // A declined payment method is taken off the intent.
    let method = wish.payment_method.as_ref().filter(|_| !is_declined);
    json!({
        "id": intent.id,
        "object": "payment_intent",
        "amount": wish.amount,
        "amount_capturable": 0,
        "amount_received": intent.captured(),
        "canceled_at": (intent.standing == Standing::Canceled).then_some(wish.at),
        "cancellation_reason": null,
        "capture_method": "automatic",
        "client_secret": format!("{}_secret_simulated", intent.id),
        "confirmation_method": "automatic",
        "created": wish.at,
        "currency": wish.currency,
        "customer": null,
        "description": wish.description,
        "last_payment_error": is_declined.then(|| declined(intent)),
        "latest_charge": intent.charge(),
        "livemode": false,
        "metadata": wish.metadata,
        "next_action": null,
        "payment_method": method,
        "payment_method_types": ["card"],
        "status": intent.standing.word(),
    })
}

/// Why the card was declined.
pub(super) fn declined(intent: &Intent) -> Value {
    json!({
        "type": "card_error",
        "code": "card_declined",
        "decline_code": "generic_decline",
        "charge": intent.charge(),
        "message": "Your card was declined.",
        "payment_method": {"id": intent.wish.payment_method, "object": "payment_method", "type": "card"},
    })
}

pub(super) fn refund(refund: &Refund, currency: &str) -> Value {
    json!({
        "id": refund.id,
        "object": "refund",
        "amount": refund.amount,
        "balance_transaction": null,
        "charge": refund.intent.replacen("pi_", "ch_", 1),
        "created": refund.at,
        "currency": currency,
        "metadata": refund.metadata,
        "payment_intent": refund.intent,
        "reason": null,
        "receipt_number": null,
        "status": "succeeded",
    })
}

pub(super) fn list(url: &str, data: Vec<Value>, has_more: bool) -> Value {
    json!({"object": "list", "url": url, "has_more": has_more, "data": data})
}
