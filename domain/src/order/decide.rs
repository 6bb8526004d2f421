//! What an order does with a command.

use super::{
    CancellationCause, Order, OrderCancellationRequested, OrderCancelled, OrderCommand,
    OrderCompleted, OrderEvent, OrderPlaced, OrderRejected, OrderState, Phase, PlaceOrder,
};
use crate::{Event, Reason, Rejection, rejection::Decision};

/// Decides a command to an order. Total, and without a look at anything but its arguments.
pub(crate) fn decide(state: &OrderState, command: &OrderCommand) -> Decision {
    match command {
        OrderCommand::PlaceOrder(order) => place(state, order),
        OrderCommand::RequestCancellation { cause, reason } => {
            request_cancellation(state.placed()?, *cause, reason.clone())
        }
        OrderCommand::CancelOrder => cancel(state.placed()?),
        OrderCommand::RejectOrder => reject(state.placed()?),
        OrderCommand::CompleteOrder => complete(state.placed()?),
    }
}

fn one(event: OrderEvent) -> Decision {
    Ok(vec![Event::Order(event)])
}

fn place(state: &OrderState, order: &PlaceOrder) -> Decision {
    match state {
        OrderState::Placed(_) => Err(Rejection::OrderAlreadyPlaced),
        OrderState::Absent => one(OrderEvent::OrderPlaced(OrderPlaced {
            customer_id: order.customer_id.clone(),
            currency: order.currency,
            total: order.total,
            lines: order.lines.clone(),
            payment_method: order.payment_method.clone(),
        })),
    }
}

fn request_cancellation(
    order: &Order,
    cause: CancellationCause,
    reason: Option<Reason>,
) -> Decision {
    match order.phase {
        Phase::Cancelling(_) | Phase::Cancelled(_) => Ok(vec![]),
        Phase::Rejected(_) => Err(Rejection::OrderAlreadyRejected),
        Phase::Completed => Err(Rejection::OrderAlreadyCompleted),
        Phase::Open if order.delivery.is_completed() => Err(Rejection::AlreadyDelivered),
        Phase::Open => one(OrderEvent::OrderCancellationRequested(
            OrderCancellationRequested { cause, reason },
        )),
    }
}

/// An order is cancelled once nothing is left to undo: no goods on the way, no money held.
fn cancel(order: &Order) -> Decision {
    let cause = match order.phase {
        Phase::Cancelled(_) => return Ok(vec![]),
        Phase::Rejected(_) => return Err(Rejection::OrderAlreadyRejected),
        Phase::Completed => return Err(Rejection::OrderAlreadyCompleted),
        Phase::Cancelling(cause) => cause,
        // Nobody asked for it, so only an undeliverable order whose money went back may end this way.
        Phase::Open if order.payment.is_refunded() => CancellationCause::Undeliverable,
        Phase::Open => return Err(Rejection::CancellationNotRequested),
    };
    if !order.delivery.is_settled() {
        return Err(Rejection::DeliveryNotSettled);
    }
    if !order.payment.is_settled() {
        return Err(Rejection::PaymentNotSettled);
    }
    one(OrderEvent::OrderCancelled(OrderCancelled { cause }))
}

fn reject(order: &Order) -> Decision {
    match order.phase {
        Phase::Rejected(_) => Ok(vec![]),
        Phase::Cancelled(_) => Err(Rejection::OrderAlreadyCancelled),
        Phase::Completed => Err(Rejection::OrderAlreadyCompleted),
        Phase::Open | Phase::Cancelling(_) => match order.payment.refusal() {
            Some(cause) => one(OrderEvent::OrderRejected(OrderRejected { cause })),
            None => Err(Rejection::PaymentNotRefused),
        },
    }
}

fn complete(order: &Order) -> Decision {
    match order.phase {
        Phase::Completed => Ok(vec![]),
        Phase::Cancelled(_) => Err(Rejection::OrderAlreadyCancelled),
        Phase::Rejected(_) => Err(Rejection::OrderAlreadyRejected),
        Phase::Open | Phase::Cancelling(_) if order.delivery.is_completed() => {
            one(OrderEvent::OrderCompleted(OrderCompleted {}))
        }
        Phase::Open | Phase::Cancelling(_) => Err(Rejection::NotDelivered),
    }
}
