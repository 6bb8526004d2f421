//! What happened, in words. Every event there is has its sentence.

use ordertrace_domain::{
    Amount, Attempt, CancellationCause, Currency, DeliveryCancellationCause, DeliveryEvent, Event,
    OrderEvent, OrderPlaced, OrderState, PaymentEvent, PaymentMethod, RejectionCause,
};

/// What an event says has happened to an order that had come to this.
pub(super) fn said(event: &Event, before: &OrderState) -> String {
    match event {
        Event::Order(event) => order(event),
        Event::Payment(event) => payment(event),
        Event::Delivery(event) => delivery(event, before),
    }
}

fn order(event: &OrderEvent) -> String {
    match event {
        OrderEvent::OrderPlaced(placed) => format!("ordered {}", ordered(placed)),
        OrderEvent::OrderCancellationRequested(event) => {
            let why = event.reason.as_ref();
            let why = why.map_or_else(String::new, |reason| format!(": “{reason}”"));
            match event.cause {
                CancellationCause::Requested => format!("asked for the order to be cancelled{why}"),
                cause => format!("called the order off, {}{why}", cancelled_for(cause)),
            }
        }
        OrderEvent::OrderCancelled(event) => {
            format!(
                "ended the order as cancelled, {}",
                cancelled_for(event.cause)
            )
        }
        OrderEvent::OrderRejected(event) => {
            let why = match event.cause {
                RejectionCause::PaymentDeclined => "the payment was declined",
                RejectionCause::PaymentExpired => "the payment was not made in time",
            };
            format!("ended the order as rejected, because {why}")
        }
        OrderEvent::OrderCompleted(_) => {
            "ended the order as completed: paid and delivered".to_owned()
        }
    }
}

/// What was ordered, by whom, and for how much.
pub(super) fn ordered(placed: &OrderPlaced) -> String {
    let lines: Vec<String> = placed
        .lines
        .as_slice()
        .iter()
        .map(|line| format!("{} × {}", line.quantity.get(), line.product_name))
        .collect();
    let method = match &placed.payment_method {
        PaymentMethod::Cash => "in cash",
        PaymentMethod::Card { .. } => "by card",
    };
    format!(
        "{} for {}, to be paid {method}",
        lines.join(", "),
        money(placed.total, placed.currency)
    )
}

const fn cancelled_for(cause: CancellationCause) -> &'static str {
    match cause {
        CancellationCause::Requested => "as was asked for",
        CancellationCause::PaymentOverdue => "because the payment was overdue",
        CancellationCause::Undeliverable => "because the goods could not be delivered",
        CancellationCause::Refunded => "because the money was given back",
    }
}

fn payment(event: &PaymentEvent) -> String {
    match event {
        PaymentEvent::PaymentRequested(event) => format!(
            "asked for {}{}",
            money(event.amount, event.currency),
            again(event.attempt)
        ),
        PaymentEvent::PaymentSubmitted(event) => {
            format!(
                "handed the payment to the provider as {}",
                event.provider_ref
            )
        }
        PaymentEvent::PaymentApproved(event) => match &event.provider_ref {
            Some(reference) => {
                format!("approved the payment, by the provider's word on {reference}")
            }
            None => "approved the payment".to_owned(),
        },
        PaymentEvent::PaymentDeclined(event) => format!("declined the payment: “{}”", event.reason),
        PaymentEvent::PaymentOutcomeUnknown(event) => format!(
            "could not learn how the payment ended (look {}): “{}”",
            event.check, event.reason
        ),
        PaymentEvent::PaymentExpired(_) => {
            "gave the payment up: its time had run out, and nothing was charged".to_owned()
        }
        PaymentEvent::PaymentVoided(_) => "called the payment off; nothing was charged".to_owned(),
        PaymentEvent::RefundRequested(event) => format!(
            "asked for {} to be given back{}",
            money(event.amount, event.currency),
            again(event.attempt)
        ),
        PaymentEvent::PaymentRefunded(event) => match &event.refund_ref {
            Some(reference) => format!("gave the money back, as {reference}"),
            None => "gave the money back".to_owned(),
        },
        PaymentEvent::RefundFailed(event) => format!(
            "could not give the money back{}: “{}”",
            again(event.attempt),
            event.reason
        ),
    }
}

fn delivery(event: &DeliveryEvent, before: &OrderState) -> String {
    match event {
        DeliveryEvent::DeliveryPrepared(event) => {
            format!(
                "made the goods ready, for {} attempts at most",
                event.attempts_max
            )
        }
        DeliveryEvent::DeliveryStarted(event) => {
            format!("sent the goods out{}", again(event.attempt))
        }
        DeliveryEvent::DeliveryCompleted(_) => match before.order() {
            Some(order) => format!("handed the goods over to {}", order.placed.customer_id),
            None => "handed the goods over".to_owned(),
        },
        DeliveryEvent::DeliveryFailed(event) => format!(
            "could not hand the goods over{}: “{}”",
            again(event.attempt),
            event.reason
        ),
        DeliveryEvent::DeliveryCancelled(event) => {
            let why = match event.cause {
                DeliveryCancellationCause::OrderCancelled => "the order is being cancelled",
                DeliveryCancellationCause::AttemptsExhausted => "no attempt was left",
                DeliveryCancellationCause::Overdue => "they had not arrived in time",
            };
            format!("called the goods back, because {why}")
        }
    }
}

/// Only from the second attempt on is it worth a word.
fn again(attempt: Attempt) -> String {
    if attempt > Attempt::FIRST {
        format!(" (attempt {attempt})")
    } else {
        String::new()
    }
}

/// An amount as people write it: `10.00 EUR`, `1000 KRW`.
fn money(amount: Amount, currency: Currency) -> String {
    let minor = amount.minor();
    let digits = usize::from(currency.exponent().unwrap_or_default());
    if digits == 0 {
        return format!("{minor} {currency}");
    }
    let padded = format!("{minor:0width$}", width = digits + 1);
    let (whole, fraction) = padded.split_at(padded.len() - digits);
    format!("{whole}.{fraction} {currency}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use ordertrace_domain::testing::fixtures::{amount, euro, events};
    use rstest::rstest;

    #[rstest]
    #[case(1_000, "EUR", "10.00 EUR")]
    #[case(5, "EUR", "0.05 EUR")]
    #[case(1_000, "KRW", "1000 KRW")]
    #[case(1_234, "TND", "1.234 TND")]
    fn money_is_written_in_the_currencys_own_units(
        #[case] minor: i64,
        #[case] currency: &str,
        #[case] shown: &str,
    ) {
        let currency = Currency::parse(currency).unwrap();
        assert_eq!(money(amount(minor), currency), shown);
    }

    #[test]
    fn every_event_has_a_sentence_of_its_own() {
        let mut sentences: Vec<String> = events::one_of_each()
            .iter()
            .map(|event| said(event, &OrderState::Absent))
            .collect();
        let count = sentences.len();
        sentences.sort();
        sentences.dedup();
        assert_eq!(sentences.len(), count, "{sentences:#?}");
    }

    #[test]
    fn amounts_reasons_and_attempts_are_told() {
        let absent = OrderState::Absent;
        let placed = said(&events::order_placed(PaymentMethod::Cash), &absent);
        let expected = format!(
            "ordered 2 × Coffee for {}, to be paid in cash",
            money(amount(1_000), euro())
        );
        assert_eq!(placed, expected);
        let declined = said(&events::payment_declined(), &absent);
        assert_eq!(declined, "declined the payment: “insufficient funds”");
        assert_eq!(
            said(&events::delivery_started(1), &absent),
            "sent the goods out"
        );
        assert_eq!(
            said(&events::delivery_started(2), &absent),
            "sent the goods out (attempt 2)"
        );
    }
}
