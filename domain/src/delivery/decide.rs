//! What a delivery does with a command.

use super::{
    Delivery, DeliveryCancellationCause, DeliveryCancelled, DeliveryCommand, DeliveryCompleted,
    DeliveryEvent, DeliveryFailed, DeliveryPrepared, DeliveryStarted,
};
use crate::{Attempt, Event, Order, OrderState, Payment, Reason, Rejection, rejection::Decision};

/// Decides a command to a delivery. Total, and without a look at anything but its arguments.
pub(crate) fn decide(state: &OrderState, command: &DeliveryCommand) -> Decision {
    let order = state.placed()?;
    match command {
        DeliveryCommand::PrepareDelivery { attempts_max } => prepare(order, *attempts_max),
        DeliveryCommand::StartDelivery => start(order),
        DeliveryCommand::CompleteDelivery => complete(order),
        DeliveryCommand::FailDelivery { reason } => fail(order, reason),
        DeliveryCommand::CancelDelivery { cause } => cancel(order, *cause),
    }
}

fn one(event: DeliveryEvent) -> Decision {
    Ok(vec![Event::Delivery(event)])
}

fn prepare(order: &Order, attempts_max: Attempt) -> Decision {
    order.underway()?;
    match order.delivery {
        Delivery::NotPrepared if matches!(order.payment, Payment::Approved { .. }) => {
            one(DeliveryEvent::DeliveryPrepared(DeliveryPrepared {
                attempts_max,
            }))
        }
        Delivery::NotPrepared => Err(Rejection::PaymentNotApproved),
        Delivery::Prepared { .. } | Delivery::Started { .. } | Delivery::Failed { .. } => {
            Ok(vec![])
        }
        Delivery::Completed { .. } => Err(Rejection::AlreadyDelivered),
        Delivery::Cancelled { .. } => Err(Rejection::DeliveryAlreadyCancelled),
    }
}

fn start(order: &Order) -> Decision {
    order.underway()?;
    let attempt = match order.delivery {
        Delivery::NotPrepared => return Err(Rejection::DeliveryNotPrepared),
        Delivery::Prepared { .. } => Attempt::FIRST,
        // Not a no-op: a repeat of this command, sent late, would begin the next attempt.
        Delivery::Started { .. } => return Err(Rejection::DeliveryAlreadyStarted),
        Delivery::Failed {
            attempt,
            attempts_max,
            ..
        } if attempt < attempts_max => attempt.next(),
        Delivery::Failed { .. } => return Err(Rejection::DeliveryAttemptsExhausted),
        Delivery::Completed { .. } => return Err(Rejection::AlreadyDelivered),
        Delivery::Cancelled { .. } => return Err(Rejection::DeliveryAlreadyCancelled),
    };
    one(DeliveryEvent::DeliveryStarted(DeliveryStarted { attempt }))
}

/// The attempt that is out at this moment.
fn attempt_underway(order: &Order) -> Result<Attempt, Rejection> {
    order.underway()?;
    match order.delivery {
        Delivery::Started { attempt, .. } => Ok(attempt),
        Delivery::NotPrepared => Err(Rejection::DeliveryNotPrepared),
        Delivery::Prepared { .. } | Delivery::Failed { .. } => Err(Rejection::DeliveryNotStarted),
        Delivery::Completed { .. } => Err(Rejection::AlreadyDelivered),
        Delivery::Cancelled { .. } => Err(Rejection::DeliveryAlreadyCancelled),
    }
}

/// A cancellation that came first wins: the courier is told, and brings the goods back.
fn complete(order: &Order) -> Decision {
    if order.delivery.is_completed() {
        return Ok(vec![]);
    }
    let attempt = attempt_underway(order)?;
    one(DeliveryEvent::DeliveryCompleted(DeliveryCompleted {
        attempt,
    }))
}

fn fail(order: &Order, reason: &Reason) -> Decision {
    let attempt = attempt_underway(order)?;
    one(DeliveryEvent::DeliveryFailed(DeliveryFailed {
        attempt,
        reason: reason.clone(),
    }))
}

fn cancel(order: &Order, cause: DeliveryCancellationCause) -> Decision {
    match order.delivery {
        Delivery::NotPrepared => Err(Rejection::DeliveryNotPrepared),
        Delivery::Prepared { .. } | Delivery::Started { .. } | Delivery::Failed { .. } => {
            one(DeliveryEvent::DeliveryCancelled(DeliveryCancelled {
                cause,
            }))
        }
        Delivery::Completed { .. } => Err(Rejection::AlreadyDelivered),
        Delivery::Cancelled { .. } => Ok(vec![]),
    }
}
