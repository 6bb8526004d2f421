//! Giving the money back.

use super::{Payment, PaymentEvent, PaymentRefunded, RefundFailed, RefundRequested, one};
use crate::{
    Attempt, CancellationCause, Delivery, DeliveryCancellationCause, DeliveryCancelled,
    DeliveryEvent, Event, Order, OrderCancellationRequested, OrderEvent, Phase, Reason, RefundRef,
    Rejection, rejection::Decision,
};

/// On an order that is on its way nobody but an operator asks for this: the order is withdrawn, its goods are called
/// back and the refund begins in one decision, so that no moment has two of the three.
pub(super) fn request(order: &Order) -> Decision {
    let attempt = match &order.payment {
        Payment::Approved { .. } => Attempt::FIRST,
        Payment::RefundFailed { refund, .. } => refund.next(),
        // Not a no-op: a repeat of this command, sent late, would begin the next attempt.
        Payment::RefundRequested { .. } => return Err(Rejection::RefundAlreadyRequested),
        Payment::NotRequested
        | Payment::Requested { .. }
        | Payment::Submitted { .. }
        | Payment::Unknown { .. } => return Err(Rejection::PaymentNotApproved),
        Payment::Declined { .. }
        | Payment::Expired
        | Payment::Voided
        | Payment::Refunded { .. } => {
            return Err(Rejection::PaymentClosed);
        }
    };
    let mut events = withdrawal(order)?;
    events.push(Event::Payment(PaymentEvent::RefundRequested(
        RefundRequested {
            attempt,
            amount: order.placed.total,
            currency: order.placed.currency,
        },
    )));
    Ok(events)
}

/// What has to happen before the money may go back: the order is withdrawn, and so are its goods.
fn withdrawal(order: &Order) -> Result<Vec<Event>, Rejection> {
    let mut events = Vec::new();
    let (is_withdrawn, goods_are_out) = match &order.delivery {
        Delivery::Completed { .. } => return Err(Rejection::AlreadyDelivered),
        Delivery::Cancelled { .. } => (true, false),
        Delivery::NotPrepared => (false, false),
        Delivery::Prepared { .. } | Delivery::Started { .. } | Delivery::Failed { .. } => {
            (false, true)
        }
    };
    if matches!(order.phase, Phase::Open) && !is_withdrawn {
        events.push(Event::Order(OrderEvent::OrderCancellationRequested(
            OrderCancellationRequested {
                cause: CancellationCause::Refunded,
                reason: None,
            },
        )));
    }
    if goods_are_out {
        events.push(Event::Delivery(DeliveryEvent::DeliveryCancelled(
            DeliveryCancelled {
                cause: DeliveryCancellationCause::OrderCancelled,
            },
        )));
    }
    Ok(events)
}

/// Which attempt at a refund is under way.
fn refunding(order: &Order) -> Result<Attempt, Rejection> {
    match &order.payment {
        Payment::RefundRequested { refund, .. } => Ok(*refund),
        Payment::NotRequested
        | Payment::Requested { .. }
        | Payment::Submitted { .. }
        | Payment::Unknown { .. }
        | Payment::Approved { .. }
        | Payment::Declined { .. }
        | Payment::Expired
        | Payment::Voided
        | Payment::RefundFailed { .. }
        | Payment::Refunded { .. } => Err(Rejection::RefundNotRequested),
    }
}

pub(super) fn confirm(order: &Order, refund_ref: Option<&RefundRef>) -> Decision {
    if order.payment.is_refunded() {
        return Ok(vec![]);
    }
    let attempt = refunding(order)?;
    one(PaymentEvent::PaymentRefunded(PaymentRefunded {
        attempt,
        refund_ref: refund_ref.cloned(),
    }))
}

pub(super) fn fail(order: &Order, reason: &Reason) -> Decision {
    let attempt = refunding(order)?;
    one(PaymentEvent::RefundFailed(RefundFailed {
        attempt,
        reason: reason.clone(),
    }))
}
